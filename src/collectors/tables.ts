import { defineCollector } from './collector.ts';
import { counter, gauge, label, state } from './columns.ts';
import { sqlFiles } from './sql.ts';

const whole = (help: string) => ({ type: 'gauge', unit: 'Count', help, labels: [] }) as const;

/**
 * Rows and scans of the tables with most dead rows, and totals of all; from the functions behind `pg_stat_user_tables`.
 * On a primary only: a standby counts scans of its own, and no rows.
 */
export const tables = defineCollector({
  name: 'tables',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'primary',
  timeoutMs: 2_000,
  maxRows: 500,
  sql: sqlFiles('tables'),
  values: ({ topRelations }) => [topRelations],
  columns: {
    relation: label({ detail: true }),
    live_tuples: gauge('pg_table_live_tuples', 'Count', 'Live rows, according to statistics.'),
    dead_tuples: gauge('pg_table_dead_tuples', 'Count', 'Dead rows that no vacuum has removed.'),
    pct_dead: gauge('pg_table_pct_dead', 'Percent', 'Percentage of dead rows in the table, 0 to 100.'),
    seq_scans: counter('pg_table_seq_scans_total', 'Count', 'Sequential scans.'),
    seq_rows: counter('pg_table_seq_rows_total', 'Count', 'Live rows returned by sequential scans.'),
    index_scans: state.number(),
    inserted: counter('pg_table_rows_inserted_total', 'Count', 'Inserted rows.'),
    updated: counter('pg_table_rows_updated_total', 'Count', 'Updated rows.'),
    hot_updated: counter(
      'pg_table_rows_hot_updated_total',
      'Count',
      'HOT updates, which stay on their page and touch no index.',
    ),
    deleted: counter('pg_table_rows_deleted_total', 'Count', 'Deleted rows.'),
    all_live: state.number(),
    all_dead: state.number(),
    all_seq_scans: state.number(),
    all_tables: state.number(),
  },
  metrics: {
    pg_tables: whole('Tables and materialized views of the database.'),
    pg_live_tuples: whole('Live rows of all tables of the database.'),
  },
  total: (rows) => rows[0]?.all_tables ?? undefined,
  transform: ({ rows }) => ({
    rows,
    samples: [
      { metric: 'pg_tables', labels: {}, value: rows[0]?.all_tables ?? 0 },
      { metric: 'pg_live_tuples', labels: {}, value: rows[0]?.all_live ?? 0 },
    ],
  }),
});
