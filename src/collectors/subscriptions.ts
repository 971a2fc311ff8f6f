import { defineCollector } from './collector.ts';
import { counter, gauge, label, resetAt } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Logical subscriptions of this server, the receiving side; from `pg_stat_subscription`. */
export const subscriptions = defineCollector({
  name: 'subscriptions',
  loop: 'workload',
  scope: 'instance',
  role: 'primary',
  timeoutMs: 300,
  maxRows: 100,
  sql: sqlFiles('subscriptions'),
  columns: {
    subscription: label(),
    running: gauge('pg_subscription_running', 'None', '1 where the subscription has a worker, else 0.'),
    silence_seconds: gauge(
      'pg_subscription_silence_seconds',
      'Seconds',
      'Time since the worker last heard from the publisher; absent where it never did.',
    ),
    lag_bytes: gauge(
      'pg_subscription_lag_bytes',
      'Bytes',
      'WAL of the publisher that was received and not yet confirmed.',
    ),
    tables_in_copy: gauge(
      'pg_subscription_tables_in_copy',
      'Count',
      'Tables that are being copied for the first time.',
    ),
    apply_errors: counter(
      'pg_subscription_apply_errors_total',
      'Count',
      'Times that a change could not be applied; from 15.',
    ),
    sync_errors: counter(
      'pg_subscription_sync_errors_total',
      'Count',
      'Times that the first copy of a table failed; from 15.',
    ),
    stats_reset: resetAt(),
  },
});
