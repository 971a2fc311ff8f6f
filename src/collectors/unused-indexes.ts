import * as z from 'zod';
import { defineCollector } from './collector.ts';
import { gauge, label, state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/**
 * Indexes that no scan used since the statistics were reset, without those that a constraint needs. On a standby its own
 * scans count: an index that is idle here may be busy there.
 */
export const unusedIndexes = defineCollector({
  name: 'unused_indexes',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'any',
  timeoutMs: 2_000,
  maxRows: 500,
  sql: sqlFiles('unused_indexes'),
  values: ({ topIndexes }) => [topIndexes],
  columns: {
    index: label({ detail: true }),
    relation: state.key(),
    size_bytes: gauge('pg_unused_index_size_bytes', 'Bytes', 'Size of an unused index.'),
    /** When the statistics were reset, epoch seconds; null where they never were. */
    counted_since: state.number(),
    /** When pgmon first saw the index unused, epoch seconds. */
    unused_since: state.number(),
    all_indexes: state.number(),
    all_bytes: state.number(),
  },
  metrics: {
    pg_unused_indexes: { type: 'gauge', unit: 'Count', help: 'Unused indexes.', labels: [] },
    pg_unused_indexes_bytes: { type: 'gauge', unit: 'Bytes', help: 'Size of all unused indexes.', labels: [] },
    pg_index_unused_seconds: {
      type: 'gauge',
      unit: 'Seconds',
      help: 'Time that the index is known to be unused: since the last reset of statistics or the first pass, whichever is later.',
      labels: ['index'],
      detail: true,
    },
  },
  /** Since when each index is known to be unused, epoch seconds. */
  state: { schema: z.record(z.string(), z.number()) },
  transform: ({ rows: read, previous, now }) => {
    const rows = read.map((row) => ({
      ...row,
      unused_since: Math.max(previous?.[row.index] ?? now, row.counted_since ?? 0),
    }));
    return {
      rows,
      samples: [
        { metric: 'pg_unused_indexes', labels: {}, value: rows[0]?.all_indexes ?? 0 },
        { metric: 'pg_unused_indexes_bytes', labels: {}, value: rows[0]?.all_bytes ?? 0 },
        ...rows.map(({ index, unused_since }) => ({
          metric: 'pg_index_unused_seconds',
          labels: { index },
          value: Math.max(0, now - unused_since),
        })),
      ],
      state: Object.fromEntries(rows.map(({ index, unused_since }) => [index, unused_since])),
    };
  },
  total: (rows) => rows[0]?.all_indexes ?? undefined,
});
