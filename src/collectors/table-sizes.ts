import { defineCollector } from './collector.ts';
import { gauge, label, rowsSchema, state } from './columns.ts';
import { unmeasured, withLastKnown } from './last-known.ts';
import { sqlFiles } from './sql.ts';

const columns = {
  relation: label({ detail: true }),
  /** For naming what is locked, which other databases know by OID only. */
  oid: state.key(),
  relkind: label(),
  size_bytes: gauge(
    'pg_relation_size_bytes',
    'Bytes',
    'Size of the table with its TOAST and maps, without its indexes; the last known size while a lock prevents measuring.',
  ),
  indexes_bytes: gauge('pg_relation_indexes_size_bytes', 'Bytes', 'Size of all indexes of the table.'),
  /** Epoch seconds; older than the pass where a lock kept the table from being measured. */
  measured_at: state.number(),
  growth_bytes: gauge(
    'pg_relation_growth_bytes',
    'Bytes',
    'Growth of the table and its indexes since the previous measurement; negative if they shrank.',
  ),
  growth_seconds: state.number(),
};

/**
 * Sizes of the largest tables, by `pg_table_size` and `pg_indexes_size`. Where a lock is in the way the last known size
 * stays, with the time of its measurement.
 */
export const tableSizes = defineCollector({
  name: 'table_sizes',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'any',
  timeoutMs: 3_000,
  maxRows: 500,
  sql: sqlFiles('table_sizes'),
  values: ({ topRelations }) => [topRelations],
  columns,
  state: { schema: rowsSchema(columns) },
  transform: ({ rows: read, previous: last = [] }) => {
    const known = new Map(last.map((row) => [row.relation, row]));
    const filled = withLastKnown(read, last, ({ relation }) => relation, ['indexes_bytes']);
    const rows = filled.map((row) => {
      const before = known.get(row.relation);
      if (!before || row.measured_at === null || before.measured_at === null) return row;
      const [now, then] = [total(row), total(before)];
      const seconds = row.measured_at - before.measured_at;
      if (now === undefined || then === undefined || seconds <= 0) return row;
      return { ...row, growth_bytes: now - then, growth_seconds: seconds };
    });
    return { rows, state: rows, limited: unmeasured(read, ({ relation }) => relation) };
  },
});

function total(row: { size_bytes: number | null; indexes_bytes: number | null }): number | undefined {
  return row.size_bytes === null || row.indexes_bytes === null ? undefined : row.size_bytes + row.indexes_bytes;
}
