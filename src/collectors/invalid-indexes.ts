import { defineCollector } from './collector.ts';
import { state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Indexes that no query may use, some of which every write still pays for; from `pg_index`. */
export const invalidIndexes = defineCollector({
  name: 'invalid_indexes',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'any',
  timeoutMs: 1_000,
  maxRows: 500,
  sql: sqlFiles('invalid_indexes'),
  values: ({ topIndexes }) => [topIndexes],
  columns: {
    index: state.key(),
    relation: state.key(),
    size_bytes: state.number(),
    is_maintained: state.truth(),
    all_indexes: state.number(),
  },
  metrics: {
    pg_invalid_indexes: {
      type: 'gauge',
      unit: 'Count',
      help: 'Invalid indexes that are not being built.',
      labels: [],
    },
  },
  total: (rows) => rows[0]?.all_indexes ?? undefined,
  transform: ({ rows }) => ({
    rows,
    samples: [{ metric: 'pg_invalid_indexes', labels: {}, value: rows[0]?.all_indexes ?? 0 }],
  }),
});
