import { defineCollector } from './collector.ts';
import { counter, gauge, label, resetAt, state } from './columns.ts';
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
    running: gauge('pg_subscription_running', 'None', '1 if the subscription has a worker, else 0.'),
    silence_seconds: gauge(
      'pg_subscription_silence_seconds',
      'Seconds',
      'Time since the worker last heard from the publisher; absent if it never did.',
    ),
    lag_bytes: gauge('pg_subscription_lag_bytes', 'Bytes', 'WAL received from the publisher but not yet confirmed.'),
    tables_in_copy: gauge('pg_subscription_tables_in_copy', 'Count', 'Tables in their initial copy.'),
    apply_errors: counter('pg_subscription_apply_errors_total', 'Count', 'Changes that failed to apply; from 15.'),
    sync_errors: counter('pg_subscription_sync_errors_total', 'Count', 'Failed initial copies of tables; from 15.'),
    stats_reset: resetAt(),
    enabled: state.flag(),
    /** What it subscribes to, by name. */
    publications: state.texts(),
  },
});
