import { defineCollector } from './collector.ts';
import { state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Tables without a primary key; from `pg_class` and `pg_index`. */
export const primaryKeys = defineCollector({
  name: 'primary_keys',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'any',
  timeoutMs: 1_000,
  maxRows: 500,
  sql: sqlFiles('primary_keys'),
  values: ({ topRelations }) => [topRelations],
  columns: { relation: state.key(), size_bytes: state.number(), all_tables: state.number() },
  metrics: {
    pg_tables_without_primary_key: {
      type: 'gauge',
      unit: 'Count',
      help: 'Tables without a primary key; a partitioned table counts once.',
      labels: [],
    },
  },
  total: (rows) => rows[0]?.all_tables ?? undefined,
  transform: ({ rows }) => ({
    rows,
    samples: [{ metric: 'pg_tables_without_primary_key', labels: {}, value: rows[0]?.all_tables ?? 0 }],
  }),
});
