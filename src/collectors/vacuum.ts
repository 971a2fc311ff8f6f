import type { Sample } from '../metrics/sample.ts';
import { labelValue } from '../metrics/sample.ts';
import { defineCollector } from './collector.ts';
import { gauge, label, state } from './columns.ts';
import { sqlFiles } from './sql.ts';

const seconds = (help: string) =>
  ({ type: 'gauge', unit: 'Seconds', help, labels: ['relation'], detail: true }) as const;

/**
 * When the tables with most dead rows were last vacuumed and analyzed; from the functions behind `pg_stat_user_tables`.
 * On a primary only: a standby's counters say nothing about what has to be vacuumed.
 */
export const vacuum = defineCollector({
  name: 'vacuum',
  loop: 'workload',
  scope: 'database',
  role: 'primary',
  timeoutMs: 1_000,
  maxRows: 500,
  sql: sqlFiles('vacuum'),
  values: ({ topRelations }) => [topRelations],
  columns: {
    relation: label({ detail: true }),
    dead_tuples: state.count(),
    live_tuples: state.count(),
    modified: gauge('pg_table_modified_since_analyze', 'Count', 'Rows changed since the last analyze.'),
    autovacuum_seconds: gauge(
      'pg_table_last_autovacuum_seconds',
      'Seconds',
      'Time since the last autovacuum; absent if there was none.',
    ),
    autoanalyze_seconds: gauge(
      'pg_table_last_autoanalyze_seconds',
      'Seconds',
      'Time since the last autoanalyze; absent if there was none.',
    ),
    manual_vacuum_seconds: state.number(),
    manual_analyze_seconds: state.number(),
    /** Dead rows at which autovacuum comes, with the table's own settings. */
    vacuum_threshold: gauge('pg_table_vacuum_threshold', 'Count', 'Dead rows that trigger autovacuum.'),
    autovacuum_enabled: state.flag(),
    /** How often each was done since the statistics were reset. */
    autovacuum_count: state.count(),
    vacuum_count: state.count(),
    autoanalyze_count: state.count(),
    analyze_count: state.count(),
    /** Size as the last vacuum or analyze found it. */
    pages_bytes: state.count(),
    all_dead_tuples: state.number(),
    all_tables: state.number(),
  },
  metrics: {
    pg_table_last_vacuum_seconds: seconds('Time since the last vacuum, manual or automatic.'),
    pg_table_last_analyze_seconds: seconds('Time since the last analyze, manual or automatic.'),
    pg_table_vacuum_overdue_ratio: {
      type: 'gauge',
      unit: 'None',
      help: 'Dead rows as a multiple of the autovacuum threshold: above 1, a vacuum is due.',
      labels: ['relation'],
      detail: true,
    },
    pg_table_autovacuum_disabled: {
      type: 'gauge',
      unit: 'None',
      help: '1 where autovacuum is off for the table, by its settings or those of the server; absent for all others.',
      labels: ['relation'],
      detail: true,
    },
    pg_dead_tuples: {
      type: 'gauge',
      unit: 'Count',
      help: 'Dead rows of all tables of the database, including those outside the top list.',
      labels: [],
    },
    pg_tables_over_vacuum_threshold: {
      type: 'gauge',
      unit: 'Count',
      help: 'Tables in the top list with more dead rows than the autovacuum threshold.',
      labels: [],
    },
  },
  total: (rows) => rows[0]?.all_tables ?? undefined,
  transform: ({ rows }) => ({
    rows,
    samples: [
      { metric: 'pg_dead_tuples', labels: {}, value: rows[0]?.all_dead_tuples ?? 0 },
      {
        metric: 'pg_tables_over_vacuum_threshold',
        labels: {},
        value: rows.filter(({ dead_tuples, vacuum_threshold }) => dead_tuples > (vacuum_threshold ?? 0)).length,
      },
      ...rows.flatMap((row) => {
        const labels = { relation: labelValue(row.relation) };
        const { dead_tuples, vacuum_threshold } = row;
        return [
          ...(vacuum_threshold
            ? [{ metric: 'pg_table_vacuum_overdue_ratio', labels, value: dead_tuples / vacuum_threshold }]
            : []),
          ...(row.autovacuum_enabled === false ? [{ metric: 'pg_table_autovacuum_disabled', labels, value: 1 }] : []),
          ...latest('pg_table_last_vacuum_seconds', labels, row.autovacuum_seconds, row.manual_vacuum_seconds),
          ...latest('pg_table_last_analyze_seconds', labels, row.autoanalyze_seconds, row.manual_analyze_seconds),
        ];
      }),
    ],
  }),
});

function latest(metric: string, labels: Sample['labels'], ...ages: readonly (number | null)[]): Sample[] {
  const known = ages.filter((age) => age !== null);
  return known.length > 0 ? [{ metric, labels, value: Math.min(...known) }] : [];
}
