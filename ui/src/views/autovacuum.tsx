import * as format from '../format.ts';
import { ListPanel } from './list-panel.tsx';

const relation = (row: { readonly relation: string | null }) => row.relation;

/** Dead rows, the last vacuums, and those running now. */
export function AutovacuumView() {
  return (
    <>
      <ListPanel
        title="Tables with the most dead rows"
        hint="Autovacuum starts when dead rows reach the threshold"
        path="/autovacuum"
        kind="tables"
        sort="-dead_tuples"
        rowKey={relation}
        columns={[
          { key: 'relation', label: 'Table', name: true },
          { key: 'dead_tuples', label: 'Dead rows', number: true, format: format.count },
          { key: 'vacuum_threshold', label: 'Threshold', number: true, format: format.count },
          { key: 'live_tuples', label: 'Live rows', number: true, format: format.count },
          { key: 'modified', label: 'Changed since analyze', number: true, format: format.count },
          { key: 'autovacuum_seconds', label: 'Autovacuum', number: true, format: format.ago },
          { key: 'manual_vacuum_seconds', label: 'VACUUM', number: true, format: format.ago },
          { key: 'autoanalyze_seconds', label: 'Autoanalyze', number: true, format: format.ago },
          { key: 'manual_analyze_seconds', label: 'ANALYZE', number: true, format: format.ago },
          { key: 'autovacuum_enabled', label: 'Enabled', format: format.yes },
        ]}
        empty="No table has rows yet, or this is a standby, which never vacuums."
      />
      <ListPanel
        title="Running now"
        path="/autovacuum"
        kind="progress"
        columns={[
          { key: 'pid', label: 'PID', number: true, format: format.text },
          { key: 'relation', label: 'Table', name: true },
          { key: 'phase', label: 'Phase' },
          { key: 'is_autovacuum', label: 'Autovacuum', format: format.yes },
          { key: 'age_seconds', label: 'Running for', number: true, format: format.seconds },
          { key: 'heap_blocks_scanned', label: 'Scanned blocks', number: true, format: format.count },
          { key: 'heap_blocks_total', label: 'Total blocks', number: true, format: format.count },
        ]}
        empty="No vacuum is running."
      />
      <ListPanel
        title="Rows and scans"
        path="/autovacuum"
        kind="rows"
        sort="-pct_dead"
        rowKey={relation}
        columns={[
          { key: 'relation', label: 'Table', name: true },
          { key: 'pct_dead', label: 'Dead share', number: true, format: format.percent },
          { key: 'dead_tuples', label: 'Dead rows', number: true, format: format.count },
          { key: 'live_tuples', label: 'Live rows', number: true, format: format.count },
          { key: 'seq_scans', label: 'Sequential scans', number: true, format: format.count },
          { key: 'index_scans', label: 'Index scans', number: true, format: format.count },
          { key: 'inserted', label: 'Inserted', number: true, format: format.count },
          { key: 'updated', label: 'Updated', number: true, format: format.count },
          { key: 'hot_updated', label: 'HOT updates', number: true, format: format.count },
          { key: 'deleted', label: 'Deleted', number: true, format: format.count },
        ]}
        empty="Counts arrive with the first pass of the storage loop."
      />
      <ListPanel
        title="Stale statistics"
        hint="A tenth changed since the last analyze, over 12 hours ago or never"
        path="/autovacuum"
        kind="stale"
        rowKey={relation}
        columns={[
          { key: 'relation', label: 'Table', name: true },
          { key: 'modified', label: 'Changed rows', number: true, format: format.count },
          { key: 'live_tuples', label: 'Live rows', number: true, format: format.count },
          { key: 'analyze_seconds', label: 'Analyzed', number: true, format: format.ago },
        ]}
        empty="All statistics are fresh."
      />
    </>
  );
}
