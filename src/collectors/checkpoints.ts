import { defineCollector } from './collector.ts';
import { counter, gauge, resetAt } from './columns.ts';
import { lastHourSchema, perHour, withValue } from './last-hour.ts';
import { sqlFiles } from './sql.ts';

/** Checkpoints and background writer; from `pg_stat_bgwriter`, from 17 `pg_stat_checkpointer`, too. */
export const checkpoints = defineCollector({
  name: 'checkpoints',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  timeoutMs: 200,
  maxRows: 1,
  sql: sqlFiles('checkpoints'),
  columns: {
    timed: counter(
      'pg_checkpoints_timed_total',
      'Count',
      'Checkpoints that were due by checkpoint_timeout, with those that an idle server left out; of a primary.',
    ),
    requested: counter(
      'pg_checkpoints_requested_total',
      'Count',
      'Checkpoints that max_wal_size, a base backup, CREATE DATABASE or somebody asked for; of a primary.',
      {
        cloudwatch: { by: 'cluster', fold: 'sum' },
      },
    ),
    done: counter(
      'pg_checkpoints_done_total',
      'Count',
      'Checkpoints that were made, from 18; on a standby restart points, from 17.',
    ),
    max_wal_size: gauge('pg_max_wal_size_bytes', 'Bytes', 'WAL after which a checkpoint is requested, at most.'),
    write_seconds: counter('pg_checkpoint_write_seconds_total', 'Seconds', 'Time that checkpoints spent writing.'),
    sync_seconds: counter('pg_checkpoint_sync_seconds_total', 'Seconds', 'Time that checkpoints spent syncing.'),
    buffers_checkpoint: counter('pg_buffers_checkpoint_total', 'Count', 'Buffers written by checkpoints.'),
    buffers_clean: counter('pg_buffers_clean_total', 'Count', 'Buffers written by the background writer.'),
    maxwritten_clean: counter(
      'pg_bgwriter_stops_total',
      'Count',
      'Times that the background writer stopped because of bgwriter_lru_maxpages.',
    ),
    buffers_allocated: counter('pg_buffers_allocated_total', 'Count', 'Buffers allocated.'),
    stats_reset: resetAt(),
  },
  metrics: {
    pg_checkpoints_per_hour: {
      type: 'gauge',
      unit: 'Count',
      help: 'Checkpoints in the last hour, up to 17 with those that an idle server left out; on a standby restart points, from 17. Absent until half an hour was seen.',
      labels: [],
    },
  },
  state: { schema: lastHourSchema },
  transform: ({ rows, previous, interval, now }) => {
    const [row] = rows;
    if (!row) return { rows };
    // After a promotion the counters are those of checkpoints, not of restart points.
    const turned = 'noRate' in interval && interval.noRate === 'failover';
    const count = row.done ?? (row.timed === null || row.requested === null ? undefined : row.timed + row.requested);
    const state = count === undefined ? [] : withValue(turned ? undefined : previous, now, count);
    const value = perHour(state);
    return {
      rows,
      state,
      samples: value === undefined ? [] : [{ metric: 'pg_checkpoints_per_hour', labels: {}, value }],
    };
  },
});
