import type { Labels, Sample } from '../../../src/metrics/sample.ts';
import { sample } from './support.ts';

/** A world in which the rule's expression has this value at every pass; `i` counts the passes. */
export type World = (value: number, i: number) => Sample[];

const one = (metric: string, labels: Labels = {}, ...more: Sample[]): World => {
  return (value) => [sample(metric, value, labels), ...more];
};
/** A counter that grows by so much a second, from far enough back. */
const growing = (metric: string, perSecond: number, step: number, i: number, labels: Labels = {}) =>
  sample(metric, 1e6 + perSecond * step * i, labels);
export const db = { db: 'shop' };
export const relation = { db: 'shop', relation: 'public.orders' };

/** For every rule: a world, seconds between its passes, and how many see half of the rule's range. */
export const worlds: Readonly<Record<string, { world: World; step?: number; passes?: number }>> = {
  server_down: { world: one('pgmon_target_down', { kind: 'unreachable' }) },
  cannot_log_in: { world: one('pgmon_target_down', { kind: 'auth' }) },
  canary_slow: { world: one('pg_canary_seconds') },
  collector_degraded: { world: one('pgmon_collectors_degraded', { loop: 'hot' }) },
  loop_late: { world: one('pgmon_loop_lateness_ratio', { loop: 'workload' }) },
  target_without_data: { world: one('pgmon_hot_lateness_ratio') },
  connection_saturation: {
    world: (value) => [
      sample('pg_used_connection_slots', value * 1_000_000),
      sample('pg_max_connections', 1_000_010),
      sample('pg_reserved_connections', 10),
    ],
  },
  connections_growing: {
    // 30 minutes ahead of a straight line that is at 60 % now.
    world: (value, i) => [
      sample('pg_used_connection_slots', 600_000 + ((value * 1e6 - 600_000) / 1_800) * 15 * (i - 79)),
      sample('pg_max_connections', 1_000_010),
      sample('pg_reserved_connections', 10),
    ],
    passes: 80,
  },
  long_transaction: { world: one('pg_longest_transaction_seconds') },
  idle_in_transaction: { world: one('pg_longest_idle_in_transaction_seconds') },
  blocking_locks: { world: one('pg_longest_blocked_seconds', {}, sample('pg_blocked_sessions_total', 10)) },
  long_query: { world: one('pg_longest_query_seconds') },
  autovacuum_workers_busy: {
    world: (value) => [
      sample('pg_autovacuum_jobs', value * 3_000, { phase: 'scanning heap' }),
      sample('pg_autovacuum_max_workers', 3_000),
    ],
  },
  cache_hit_ratio_low: {
    world: (value, i) => [sample('pg_cache_hit_ratio', value, db), growing('pg_blocks_read_total', 500, 60, i, db)],
    step: 60,
  },
  rollback_ratio_high: {
    world: (value, i) => [
      growing('pg_xact_rollback_total', value * 1_000, 60, i, db),
      growing('pg_xact_commit_total', (1 - value) * 1_000, 60, i, db),
    ],
    step: 60,
  },
  deadlocks: { world: (value, i) => [sample('pg_deadlocks_total', i === 0 ? 5 : 5 + value, db)], step: 60, passes: 6 },
  checkpoint_thrash: {
    world: (value, i) => [
      sample('pg_checkpoints_requested_total', 1e6 + i * value * 100),
      sample('pg_checkpoints_timed_total', 1e6 + i * (1 - value) * 100),
      growing('pg_wal_bytes_written_total', 1e9, 60, i),
      sample('pg_max_wal_size_bytes', 1e9),
    ],
    step: 60,
    passes: 31,
  },
  checkpoints_frequent: {
    world: (value, i) => [
      sample('pg_checkpoints_requested_total', i === 0 ? 1 : 1 + value),
      sample('pg_checkpoints_timed_total', 7),
      growing('pg_wal_bytes_written_total', 1e9, 60, i),
      sample('pg_max_wal_size_bytes', 1e9),
    ],
    step: 60,
    passes: 17,
  },
  statements_evicting: {
    world: (value, i) => [sample('pg_stat_statements_evictions_total', i === 0 ? 3 : 3 + value)],
    step: 60,
    passes: 31,
  },
  statistics_reset: { world: one('pgmon_counters_reset', { loop: 'workload', collector: 'databases' }) },
  xmin_horizon_held: { world: one('pg_xmin_horizon_age', { holder: 'slot' }), step: 60 },
  autovacuum_starvation: { world: one('pg_table_vacuum_overdue_ratio', relation), step: 60 },
  replication_lag: { world: one('pg_replication_lag_seconds', { replica: 'standby-b' }), step: 60 },
  replication_lag_bytes: { world: one('pg_replication_lag_bytes', { replica: 'standby-b' }), step: 60 },
  standby_replay_lag: {
    world: one('pg_standby_replay_lag_seconds', {}, sample('pg_standby_replay_lag_bytes', 1)),
    step: 60,
  },
  replica_gone: { world: one('pg_replication_connected', { replica: 'standby-b', client: '10.0.0.1' }), step: 60 },
  standby_not_streaming: { world: one('pg_replication_streaming', { replica: 'standby-b' }), step: 60 },
  receiver_not_streaming: { world: one('pg_standby_receiver_streaming'), step: 60 },
  slot_inactive: {
    world: one(
      'pg_replication_slot_active',
      { slot: 'warehouse' },
      sample('pg_replication_slot_retained_bytes', 1e9, { slot: 'warehouse' }),
    ),
    step: 60,
  },
  slot_retains_wal: { world: one('pg_replication_slot_retained_bytes', { slot: 'warehouse' }), step: 60 },
  slot_invalidated: { world: one('pg_replication_slot_lost', { slot: 'warehouse' }), step: 60 },
  subscription_stopped: { world: one('pg_subscription_running', { subscription: 'from_orders' }), step: 60 },
  archiver_failing: { world: one('pg_archiver_failing'), step: 60 },
  dead_tuples: {
    world: one('pg_table_pct_dead', relation, sample('pg_table_dead_tuples', 100_001, relation)),
    step: 600,
  },
  unused_index: {
    world: one(
      'pg_index_unused_seconds',
      { db: 'shop', index: 'public.orders_old_idx' },
      sample('pg_unused_index_size_bytes', 104_857_601, { db: 'shop', index: 'public.orders_old_idx' }),
    ),
    step: 600,
  },
  invalid_index: { world: one('pg_invalid_indexes', db), step: 600 },
  duplicate_indexes: { world: one('pg_duplicate_indexes_bytes', db), step: 600 },
  database_growing: {
    world: (value, i) => [sample('pg_database_size_bytes', i === 0 ? 2e9 * (1 - value) : 2e9, db)],
    step: 600,
    passes: 73,
  },
  database_size: { world: one('pg_database_size_bytes', db), step: 600 },
  partitions_running_out: { world: one('pg_partition_ahead_seconds', relation), step: 600 },
  default_partition_filling: { world: one('pg_partition_default_rows', relation), step: 600 },
  stale_statistics: { world: one('pg_table_stale_rows', relation), step: 3_600 },
  wraparound: { world: one('pg_wraparound_tx_age', db), step: 3_600 },
  multixact_wraparound: { world: one('pg_wraparound_mxid_age', db), step: 3_600 },
  sequence_near_end: {
    world: one('pg_sequence_used_ratio', { db: 'shop', sequence: 'public.orders_id_seq' }),
    step: 3_600,
  },
  bloat: { world: one('pg_table_bloat_bytes', { ...relation, method: 'measured' }), step: 3_600 },
  pending_restart: { world: one('pg_settings_pending_restart'), step: 3_600 },
};
