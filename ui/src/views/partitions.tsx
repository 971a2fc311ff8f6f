import type { ListRows } from '../api.ts';
import * as format from '../format.ts';
import { ListPanel } from './list-panel.tsx';

type Row = ListRows['/partitions']['tables'];

const DAY_SECONDS = 86_400;

/** Bounds of whole days, as those of a date are, are days; a zone would move them. */
function bound(value: number | null, { is_time, oldest, newest }: Row): string {
  if (!is_time) return format.count(value);
  const isDays = [value, oldest, newest].every((one) => (one ?? 0) % DAY_SECONDS === 0);
  return isDays ? format.day(value) : format.moment(value);
}

function holes(value: Row['holes'], row: Row): string {
  if (value === null) return '–';
  if (value.length === 0) return 'none';
  return value.map(({ from, to }) => `${bound(from, row)} to ${bound(to, row)}`).join('; ');
}

function ahead(value: number | null, { is_time }: Row): string {
  if (!is_time) return '–';
  return value === null ? 'none' : format.seconds(value - Date.now() / 1_000);
}

/** Partitioned tables: what they cover, and what is missing. */
export function PartitionsView() {
  return (
    <ListPanel
      title="Partitioned tables"
      hint="Beyond the last partition, INSERT fails or rows land in the default partition"
      path="/partitions"
      kind="tables"
      rowKey={({ parent }) => parent}
      columns={[
        { key: 'parent', label: 'Table', name: true },
        { key: 'partition_key', label: 'Key' },
        { key: 'partitions', label: 'Partitions', number: true, format: format.count },
        { key: 'oldest', label: 'From', number: true, format: bound },
        { key: 'newest', label: 'To', number: true, format: bound },
        { key: 'covered_until', label: 'Ahead', number: true, format: ahead },
        { key: 'holes', label: 'Gaps', wrap: true, format: holes },
        { key: 'default_rows', label: 'Rows in default', number: true, format: format.count },
      ]}
      empty="No partitioned tables."
    />
  );
}
