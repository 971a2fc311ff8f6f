import * as format from '../format.ts';
import { Chart } from '../parts/chart.tsx';
import { Panel } from '../parts/panel.tsx';
import { ListPanel } from './list-panel.tsx';

const relation = (row: { readonly relation: string }) => row.relation;
const index = (row: { readonly index: string }) => row.index;

/** A size, with its time if a lock prevented a newer measurement. */
function sizeOf(value: number | null, { measured_at }: { readonly measured_at: number | null }): string {
  const old = measured_at !== null && Date.now() / 1_000 - measured_at > 1_800;
  return `${format.bytes(value)}${old ? ` (measured ${format.moment(measured_at)})` : ''}`;
}

/** What takes space, and how much of it is bloat or duplicate. */
export function StorageView() {
  return (
    <>
      <div className="columns">
        <Panel title="Database sizes" sql={['database_sizes']}>
          <Chart metric="pg_database_size_bytes" label="Size" by="db" stacked />
        </Panel>
        <ListPanel
          title="Databases"
          path="/storage"
          kind="databases"
          sort="-size_bytes"
          rowKey={({ db }) => db}
          columns={[
            { key: 'db', label: 'Database' },
            { key: 'size_bytes', label: 'Size', number: true, format: format.bytes },
          ]}
          empty="Sizes arrive with the first pass of the storage loop."
        />
      </div>
      <ListPanel
        title="Largest tables"
        path="/storage"
        kind="tables"
        sort="-size_bytes"
        rowKey={relation}
        columns={[
          { key: 'relation', label: 'Table', name: true },
          { key: 'size_bytes', label: 'Size', number: true, format: sizeOf },
          { key: 'indexes_bytes', label: 'Indexes', number: true, format: format.bytes },
          {
            key: 'growth_bytes',
            label: 'Growth',
            number: true,
            format: format.signedBytes,
            title: 'Since the previous measurement',
          },
        ]}
        empty="No tables."
      />
      <ListPanel
        title="Largest indexes"
        path="/indexes"
        kind="largest"
        sort="-size_bytes"
        rowKey={index}
        columns={[
          { key: 'index', label: 'Index', name: true },
          { key: 'relation', label: 'Table', name: true },
          { key: 'size_bytes', label: 'Size', number: true, format: sizeOf },
          { key: 'scans', label: 'Scans', number: true, format: format.count },
          { key: 'last_scan_seconds', label: 'Last used', number: true, format: format.ago },
          { key: 'is_unique', label: 'Unique', format: format.yes },
        ]}
        empty="No indexes."
      />
      <div className="columns">
        <ListPanel
          title="Unused indexes"
          hint="Not scanned since statistics were reset. Check the standbys, too."
          path="/indexes"
          kind="unused"
          sort="-size_bytes"
          rowKey={index}
          columns={[
            { key: 'index', label: 'Index', name: true },
            { key: 'relation', label: 'Table', name: true },
            { key: 'size_bytes', label: 'Size', number: true, format: format.bytes },
            { key: 'unused_since', label: 'Since', number: true, format: format.moment },
          ]}
          empty="No unused indexes."
        />
        <ListPanel
          title="Duplicate indexes"
          path="/indexes"
          kind="duplicate"
          sort="-size_bytes"
          rowKey={index}
          columns={[
            { key: 'index', label: 'Index', name: true },
            {
              key: 'same_as',
              label: 'Same as',
              name: true,
              format: (value, { is_prefix }) => `${is_prefix ? 'prefix of ' : ''}${value}`,
            },
            { key: 'size_bytes', label: 'Size', number: true, format: format.bytes },
          ]}
          empty="No duplicate indexes."
        />
        <ListPanel
          title="Invalid indexes"
          path="/indexes"
          kind="invalid"
          rowKey={index}
          columns={[
            { key: 'index', label: 'Index', name: true },
            { key: 'relation', label: 'Table', name: true },
            { key: 'size_bytes', label: 'Size', number: true, format: format.bytes },
          ]}
          empty="No invalid indexes."
        />
        <ListPanel
          title="Foreign keys without an index"
          path="/storage"
          kind="foreign_keys"
          rowKey={relation}
          columns={[
            { key: 'relation', label: 'Table', name: true },
            {
              key: 'key_columns',
              label: 'Columns',
              name: true,
              format: (value) => format.text(value?.join(', ')),
            },
            { key: 'referenced', label: 'References', name: true },
          ]}
          empty="Every foreign key has an index."
        />
        <ListPanel
          title="Tables without a primary key"
          path="/storage"
          kind="primary_keys"
          rowKey={relation}
          columns={[
            { key: 'relation', label: 'Table', name: true },
            { key: 'size_bytes', label: 'Size', number: true, format: format.bytes },
          ]}
          empty="Every table has a primary key."
        />
        <ListPanel
          title="Sequences"
          path="/storage"
          kind="sequences"
          sort="-used_ratio"
          rowKey={({ sequence }) => sequence}
          columns={[
            { key: 'sequence', label: 'Sequence', name: true },
            { key: 'used_ratio', label: 'Used', number: true, format: format.ratio },
            { key: 'values_left', label: 'Left', number: true, format: format.count },
          ]}
          empty="No sequences."
        />
      </div>
      <ListPanel
        title="Bloat (estimated)"
        hint="Space beyond what the rows need, from planner statistics"
        path="/storage"
        kind="bloat"
        sort="-bloat_bytes"
        rowKey={relation}
        columns={[
          { key: 'relation', label: 'Table', name: true },
          { key: 'size_bytes', label: 'Size', number: true, format: format.bytes },
          { key: 'bloat_bytes', label: 'Bloat', number: true, format: format.bytes },
        ]}
        empty="No table has been vacuumed or analyzed yet."
      />
    </>
  );
}
