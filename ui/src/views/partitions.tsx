import * as format from '../format.ts';
import { ListPanel } from './list-panel.tsx';

type Row = Readonly<Record<string, unknown>>;

const bound = (value: unknown, row: Row) => (row['is_time'] === true ? format.moment(value) : format.count(value));

function holes(value: unknown, row: Row): string {
  if (!Array.isArray(value)) return '–';
  if (value.length === 0) return 'none';
  return value
    .map(({ from, to }: { from: number; to: number }) => `${bound(from, row)} to ${bound(to, row)}`)
    .join('; ');
}

function ahead(value: unknown, row: Row): string {
  if (row['is_time'] !== true) return '–';
  return typeof value === 'number' ? format.seconds(value - Date.now() / 1_000) : 'none for now';
}

/** Partitioned tables: from when to when, and what is missing. */
export function PartitionsView() {
  return (
    <ListPanel
      title="Partitioned tables"
      hint="After the last partition an INSERT fails, or falls into the default one"
      path="/partitions"
      collector="partitions"
      rowKey={(row) => `${row['db']} ${row['parent']}`}
      columns={[
        { key: 'parent', label: 'Table' },
        { key: 'partition_key', label: 'By' },
        { key: 'partitions', label: 'Partitions', number: true, format: format.count },
        { key: 'oldest', label: 'From', number: true, format: bound },
        { key: 'newest', label: 'To', number: true, format: bound },
        { key: 'covered_until', label: 'Ahead', number: true, format: ahead },
        { key: 'holes', label: 'Holes', format: holes },
        { key: 'default_rows', label: 'In default', number: true, format: format.count },
      ]}
      empty="No table is partitioned."
    />
  );
}
