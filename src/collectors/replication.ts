import { defineCollector } from './collector.ts';
import { gauge, label, state } from './columns.ts';
import { numbered, replicaSamples, replicasSchema, replicasSeen } from './replicas.ts';
import { sqlFiles } from './sql.ts';

/**
 * Receivers of this server's WAL, physical and logical, as it sees them, and those that were connected and are gone; from
 * `pg_stat_get_wal_senders` and `pg_stat_get_activity`.
 */
export const replication = defineCollector({
  name: 'replication',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  needs: { allSessions: true },
  timeoutMs: 200,
  maxRows: 100,
  sql: sqlFiles('replication'),
  columns: {
    replica: label(),
    /** Address of the receiver, or `local`. */
    client: label(),
    /** Slot that it uses, or empty. */
    slot: label(),
    pid: state.number(),
    /** When its session began, epoch seconds. */
    started_at: state.number(),
    state: state.text(),
    sync_state: state.text(),
    streaming: gauge(
      'pg_replication_streaming',
      'None',
      '1 if the replica streams WAL, 0 while it starts up or catches up.',
    ),
    lag_bytes: gauge('pg_replication_lag_bytes', 'Bytes', 'WAL that the replica still has to replay.', {
      cloudwatch: { by: 'cluster', fold: 'max' },
    }),
    lag_seconds: gauge(
      'pg_replication_lag_seconds',
      'Seconds',
      'Time from flushing WAL here to its replay on the replica; 0 if all is replayed, absent until measured.',
      {
        cloudwatch: { by: 'cluster', fold: 'max' },
      },
    ),
  },
  metrics: {
    pg_replication_connected: {
      type: 'gauge',
      unit: 'None',
      help: '1 for a connected replica; 0, for a day, for one that is gone after ten minutes or more.',
      labels: ['replica', 'client', 'slot'],
    },
  },
  state: { schema: replicasSchema },
  transform: ({ rows: read, previous = [], interval, now }) => {
    // After a promotion, or the other way round, others receive from it.
    const turned = 'noRate' in interval && interval.noRate === 'failover';
    const known = turned ? [] : previous;
    const rows = numbered(known, read);
    const state = replicasSeen(known, rows, now);
    return { rows, samples: replicaSamples(state, now), state };
  },
});
