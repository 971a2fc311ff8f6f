import { defineCollector } from './collector.ts';
import { gauge, label, state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Receivers of this server's WAL, physical and logical, as it sees them; from `pg_stat_replication`. */
export const replication = defineCollector({
  name: 'replication',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  timeoutMs: 200,
  maxRows: 100,
  sql: sqlFiles('replication'),
  columns: {
    replica: label(),
    state: state.text(),
    sync_state: state.text(),
    streaming: gauge(
      'pg_replication_streaming',
      'None',
      '1 where the replica receives WAL as it is made, 0 while it catches up or starts.',
    ),
    lag_bytes: gauge('pg_replication_lag_bytes', 'Bytes', 'WAL that the replica has not replayed yet.', {
      cloudwatch: { by: 'cluster', fold: 'max' },
    }),
    lag_seconds: gauge(
      'pg_replication_lag_seconds',
      'Seconds',
      'Time from flushing WAL here until the replica replayed it; 0 where nothing is left to replay.',
      {
        cloudwatch: { by: 'cluster', fold: 'max' },
      },
    ),
  },
});
