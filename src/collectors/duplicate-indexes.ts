import { defineCollector } from './collector.ts';
import { state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Indexes that are the same as another one of their table in everything; from `pg_index`. */
export const duplicateIndexes = defineCollector({
  name: 'duplicate_indexes',
  loop: 'storage',
  scope: 'database',
  role: 'any',
  timeoutMs: 2_000,
  maxRows: 500,
  sql: sqlFiles('duplicate_indexes'),
  values: ({ topIndexes }) => [topIndexes],
  columns: {
    index: state.key(),
    /** The one to keep. */
    same_as: state.key(),
    relation: state.key(),
    size_bytes: state.number(),
    all_indexes: state.number(),
    all_bytes: state.number(),
  },
  metrics: {
    pg_duplicate_indexes: {
      type: 'gauge',
      unit: 'Count',
      help: 'Indexes that are the same as another one of their table.',
      labels: [],
    },
    pg_duplicate_indexes_bytes: { type: 'gauge', unit: 'Bytes', help: 'Size of all duplicate indexes.', labels: [] },
  },
  derive: ({ rows }) => [
    { metric: 'pg_duplicate_indexes', labels: {}, value: rows[0]?.all_indexes ?? 0 },
    { metric: 'pg_duplicate_indexes_bytes', labels: {}, value: rows[0]?.all_bytes ?? 0 },
  ],
});
