import { defineCollector } from './collector.ts';
import { gauge, label, state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Tables that changed by a tenth since they were analyzed, more than 12 hours ago; from the statistics functions. */
export const staleStatistics = defineCollector({
  name: 'stale_statistics',
  loop: 'hourly',
  scope: 'database',
  role: 'primary',
  restsWhileUnused: true,
  timeoutMs: 2_000,
  maxRows: 500,
  sql: sqlFiles('stale_statistics'),
  values: ({ topRelations }) => [topRelations],
  columns: {
    relation: label({ detail: true }),
    modified: gauge(
      'pg_table_stale_rows',
      'Count',
      'Rows changed since the last analyze of a table with stale statistics.',
    ),
    live_tuples: state.number(),
    /** NULL where it was never analyzed. */
    analyze_seconds: state.number(),
    all_tables: state.number(),
  },
  metrics: {
    pg_tables_with_stale_statistics: {
      type: 'gauge',
      unit: 'Count',
      help: 'Tables of which a tenth, and 1,000 rows, changed since the last analyze, over 12 hours ago or never.',
      labels: [],
    },
  },
  total: (rows) => rows[0]?.all_tables ?? undefined,
  transform: ({ rows }) => ({
    rows,
    samples: [{ metric: 'pg_tables_with_stale_statistics', labels: {}, value: rows[0]?.all_tables ?? 0 }],
  }),
});
