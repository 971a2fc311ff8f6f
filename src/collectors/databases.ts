import type { Sample } from '../metrics/sample.ts';
import { labelValue } from '../metrics/sample.ts';
import { defineCollector } from './collector.ts';
import { counter, label, resetAt, rowsSchema } from './columns.ts';
import { sqlFiles } from './sql.ts';
import type { NoRateSample } from './transform.ts';

const columns = {
  db: label(),
  commits: counter('pg_xact_commit_total', 'Count', 'Transactions committed.'),
  rollbacks: counter('pg_xact_rollback_total', 'Count', 'Transactions rolled back.', {
    cloudwatch: { by: 'cluster', fold: 'sum' },
  }),
  blocks_hit: counter('pg_blocks_hit_total', 'Count', 'Blocks found in shared buffers.'),
  blocks_read: counter('pg_blocks_read_total', 'Count', 'Blocks read from outside shared buffers.'),
  block_read_seconds: counter(
    'pg_block_read_seconds_total',
    'Seconds',
    'Time spent reading blocks; 0 while track_io_timing is off.',
  ),
  block_write_seconds: counter(
    'pg_block_write_seconds_total',
    'Seconds',
    'Time backends spent writing blocks; 0 while track_io_timing is off.',
  ),
  rows_returned: counter('pg_rows_returned_total', 'Count', 'Live rows and index entries read by scans.'),
  rows_fetched: counter('pg_rows_fetched_total', 'Count', 'Live rows fetched by index scans.'),
  rows_inserted: counter('pg_rows_inserted_total', 'Count', 'Rows inserted.'),
  rows_updated: counter('pg_rows_updated_total', 'Count', 'Rows updated.'),
  rows_deleted: counter('pg_rows_deleted_total', 'Count', 'Rows deleted.'),
  deadlocks: counter('pg_deadlocks_total', 'Count', 'Deadlocks that the server resolved.', {
    cloudwatch: { by: 'cluster', fold: 'sum' },
  }),
  conflicts: counter('pg_conflicts_total', 'Count', 'Queries canceled by recovery on a standby.'),
  sessions: counter('pg_sessions_total', 'Count', 'Sessions established; from 14.'),
  sessions_abandoned: counter(
    'pg_sessions_abandoned_total',
    'Count',
    'Sessions whose client disconnected without closing them; from 14.',
  ),
  sessions_fatal: counter('pg_sessions_fatal_total', 'Count', 'Sessions ended by a fatal error; from 14.'),
  sessions_killed: counter('pg_sessions_killed_total', 'Count', 'Sessions ended by an administrator; from 14.'),
  stats_reset: resetAt(),
};

/** Work of every database: transactions, rows, blocks, deadlocks, conflicts, sessions; from `pg_stat_database`. */
export const databases = defineCollector({
  name: 'databases',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  timeoutMs: 500,
  maxRows: 500,
  sql: sqlFiles('databases'),
  columns,
  metrics: {
    pg_tps: {
      type: 'gauge',
      unit: 'Count/Second',
      help: 'Transactions per second, committed and rolled back, since the previous pass.',
      labels: ['db'],
      cloudwatch: { by: 'cluster', fold: 'sum' },
    },
    pg_cache_hit_ratio: {
      type: 'gauge',
      unit: 'None',
      help: 'Share of blocks found in shared buffers since the previous pass, 0 to 1; absent if no block was requested.',
      labels: ['db'],
      cloudwatch: { by: 'cluster', fold: 'min' },
    },
  },
  state: { schema: rowsSchema(columns) },
  transform: ({ rows, previous, interval }) => {
    const tps = 'pg_tps';
    const old = new Map(previous?.map((row) => [row.db, row]));
    const samples = rows.flatMap((row): (Sample | NoRateSample)[] => {
      const labels = { db: labelValue(row.db) };
      if ('noRate' in interval) return [{ metric: tps, labels, noRate: interval.noRate }];
      const before = old.get(row.db);
      if (!before) return [{ metric: tps, labels, noRate: 'first-run' }];
      const reset = [{ metric: tps, labels, noRate: 'reset' as const }];
      if (before.stats_reset !== row.stats_reset) return reset;
      const since = (column: 'commits' | 'rollbacks' | 'blocks_hit' | 'blocks_read') =>
        (row[column] ?? 0) - (before[column] ?? 0);
      const [transactions, hit, read] = [
        since('commits') + since('rollbacks'),
        since('blocks_hit'),
        since('blocks_read'),
      ];
      if (transactions < 0 || hit < 0 || read < 0) return reset;
      return [
        { metric: tps, labels, value: transactions / interval.seconds },
        ...(hit + read > 0 ? [{ metric: 'pg_cache_hit_ratio', labels, value: hit / (hit + read) }] : []),
      ];
    });
    return { rows, samples, state: rows };
  },
});
