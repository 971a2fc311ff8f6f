import { defineCollector } from './collector.ts';
import { state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Foreign keys whose look-ups no index serves; from `pg_constraint` and `pg_index`. */
export const foreignKeys = defineCollector({
  name: 'foreign_keys',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'any',
  timeoutMs: 2_000,
  maxRows: 500,
  sql: sqlFiles('foreign_keys'),
  values: ({ topRelations }) => [topRelations],
  columns: {
    relation: state.key(),
    constraint_name: state.key(),
    key_columns: state.texts(),
    referenced: state.key(),
    size_bytes: state.number(),
    all_keys: state.number(),
  },
  metrics: {
    pg_foreign_keys_without_index: {
      type: 'gauge',
      unit: 'Count',
      help: 'Foreign keys without a usable index on the referencing columns.',
      labels: [],
    },
  },
  total: (rows) => rows[0]?.all_keys ?? undefined,
  transform: ({ rows }) => ({
    rows,
    samples: [{ metric: 'pg_foreign_keys_without_index', labels: {}, value: rows[0]?.all_keys ?? 0 }],
  }),
});
