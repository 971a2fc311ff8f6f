import { defineCollector } from './collector.ts';
import { gauge } from './columns.ts';
import { sqlFiles } from './sql.ts';

/**
 * A standby as it sees itself: bytes, seconds and the link apart, since seconds alone are a false alarm on an idle primary
 * and hide a dead link; from `pg_last_wal_*` and `pg_stat_wal_receiver`.
 */
export const standby = defineCollector({
  name: 'standby',
  loop: 'workload',
  scope: 'instance',
  role: 'standby',
  timeoutMs: 200,
  maxRows: 1,
  sql: sqlFiles('standby'),
  columns: {
    replay_lag_bytes: gauge('pg_standby_replay_lag_bytes', 'Bytes', 'WAL received and not replayed yet.'),
    replay_lag_seconds: gauge(
      'pg_standby_replay_lag_seconds',
      'Seconds',
      'Age of the last replayed commit while WAL waits to be replayed, else 0.',
      {
        cloudwatch: { by: 'cluster', fold: 'max' },
      },
    ),
    receiver_streaming: gauge(
      'pg_standby_receiver_streaming',
      'None',
      '1 where WAL streams in from the primary, else 0.',
    ),
    replay_paused: gauge('pg_standby_replay_paused', 'None', '1 where replay was paused, else 0.'),
  },
});
