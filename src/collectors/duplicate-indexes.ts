import { defineCollector } from './collector.ts';
import { state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/**
 * Indexes that another one of their table makes superfluous: the same in everything, or a btree whose columns another one
 * begins with. None that a constraint, the replica identity or CLUSTER needs; from `pg_index`.
 */
export const duplicateIndexes = defineCollector({
  name: 'duplicate_indexes',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'any',
  timeoutMs: 2_000,
  maxRows: 500,
  sql: sqlFiles('duplicate_indexes'),
  values: ({ topIndexes }) => [topIndexes],
  columns: {
    index: state.key(),
    /** The one to keep. */
    same_as: state.key(),
    /** The one to keep begins with its columns, and continues with others. */
    is_prefix: state.truth(),
    relation: state.key(),
    size_bytes: state.number(),
    all_indexes: state.number(),
    all_bytes: state.number(),
    all_prefixes: state.number(),
    all_prefix_bytes: state.number(),
  },
  metrics: {
    pg_duplicate_indexes: {
      type: 'gauge',
      unit: 'Count',
      help: 'Indexes identical to another one of their table.',
      labels: [],
    },
    pg_duplicate_indexes_bytes: { type: 'gauge', unit: 'Bytes', help: 'Size of all duplicate indexes.', labels: [] },
    pg_prefix_indexes: {
      type: 'gauge',
      unit: 'Count',
      help: 'Non-unique indexes whose columns are a prefix of another index of their table.',
      labels: [],
    },
    pg_prefix_indexes_bytes: { type: 'gauge', unit: 'Bytes', help: 'Size of all prefix indexes.', labels: [] },
  },
  total: (rows) => rows[0] && (rows[0].all_indexes ?? 0) + (rows[0].all_prefixes ?? 0),
  transform: ({ rows }) => ({
    rows,
    samples: [
      { metric: 'pg_duplicate_indexes', labels: {}, value: rows[0]?.all_indexes ?? 0 },
      { metric: 'pg_duplicate_indexes_bytes', labels: {}, value: rows[0]?.all_bytes ?? 0 },
      { metric: 'pg_prefix_indexes', labels: {}, value: rows[0]?.all_prefixes ?? 0 },
      { metric: 'pg_prefix_indexes_bytes', labels: {}, value: rows[0]?.all_prefix_bytes ?? 0 },
    ],
  }),
});
