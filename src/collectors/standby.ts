import * as z from 'zod';
import { defineCollector } from './collector.ts';
import { gauge, state } from './columns.ts';
import { received, receivedSchema, replayLag } from './replay-lag.ts';
import { sqlFiles } from './sql.ts';

const number = z.number().nullable();
const shownSchema = z.object({
  replay_lag_bytes: number,
  replay_lag_seconds: number,
  receiver_streaming: number,
  replay_paused: number,
});

/**
 * A standby as it sees itself: bytes, seconds and the link apart, since seconds alone are a false alarm on an idle primary
 * and hide a dead link; from `pg_last_wal_*` and `pg_stat_wal_receiver`.
 */
export const standby = defineCollector({
  name: 'standby',
  loop: 'workload',
  scope: 'instance',
  role: 'standby',
  needs: { allSessions: true },
  timeoutMs: 200,
  maxRows: 1,
  sql: sqlFiles('standby'),
  columns: {
    received: state.number(),
    replayed: state.number(),
    replayed_commit: state.number(),
    receiver_streaming: gauge('pg_standby_receiver_streaming', 'None', '1 if WAL streams in from the primary, else 0.'),
    replay_paused: gauge('pg_standby_replay_paused', 'None', '1 if replay is paused, else 0.'),
  },
  metrics: {
    pg_standby_replay_lag_bytes: {
      type: 'gauge',
      unit: 'Bytes',
      help: 'Received WAL still to replay.',
      labels: [],
    },
    pg_standby_replay_lag_seconds: {
      type: 'gauge',
      unit: 'Seconds',
      help: 'Lower bound of the seconds that the oldest WAL has been waiting for replay; 0 if none waits.',
      labels: [],
      cloudwatch: { by: 'cluster', fold: 'max' },
    },
  },
  snapshotRow: shownSchema,
  state: { schema: receivedSchema },
  transform: ({ rows, previous, now }) => {
    const [row] = rows;
    if (!row) return { rows: [] };
    const replay = { received: row.received, replayed: row.replayed, replayedCommit: row.replayed_commit };
    const seconds = replayLag(previous, now, replay);
    const bytes = row.received === null || row.replayed === null ? null : Math.max(0, row.received - row.replayed);
    const { receiver_streaming, replay_paused } = row;
    const waits = bytes !== null && bytes > 0;
    return {
      rows: [{ replay_lag_bytes: bytes, replay_lag_seconds: seconds, receiver_streaming, replay_paused }],
      samples: [
        ...(bytes === null ? [] : [{ metric: 'pg_standby_replay_lag_bytes', labels: {}, value: bytes }]),
        ...(seconds === null ? [] : [{ metric: 'pg_standby_replay_lag_seconds', labels: {}, value: seconds }]),
        ...(seconds === null && waits
          ? [{ metric: 'pg_standby_replay_lag_seconds', labels: {}, noRate: 'first-run' as const }]
          : []),
      ],
      state: received(previous, now, replay),
    };
  },
});
