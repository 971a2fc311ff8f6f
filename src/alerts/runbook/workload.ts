import type { Runbook } from './page.ts';

export const workloadPages: Runbook = {
  cache_hit_ratio_low: {
    meaning: 'Blocks are read from outside shared buffers more often than they should be, and many of them.',
    investigate:
      'View Queries by blocks read; `SELECT queryid, shared_blks_read FROM pg_stat_statements ORDER BY 2 DESC LIMIT 10;`',
    resolve: 'Replace full table scans with an index; then raise `shared_buffers`.',
    quieter: '`alerts.rules.cache_hit_ratio_low.warning`; an analytical database is fine with less.',
  },
  rollback_ratio_high: {
    meaning: 'Many transactions are rolled back: application errors, conflicts, timeouts.',
    investigate: "The server's log at `log_min_error_statement = error`, and the application's log.",
    resolve: 'Fix what fails. Some frameworks roll back read-only transactions: then this is normal.',
    quieter: '`alerts.rules.rollback_ratio_high.warning`, 0 to 1.',
  },
  deadlocks: {
    meaning: 'The server canceled a transaction because two or more waited for one another in a circle.',
    investigate: "The server's log names both statements and both locks.",
    resolve: 'Take locks in the same order everywhere, and keep transactions short. Retry the canceled one.',
    quieter: '`alerts.rules.deadlocks.warning`: deadlocks within ten minutes.',
  },
  checkpoint_thrash: {
    meaning:
      'Checkpoints run because `max_wal_size` is reached, not because `checkpoint_timeout` elapsed: each one causes more full page images and writes in a hurry.',
    investigate: '`SELECT * FROM pg_stat_checkpointer;` (before 17 `pg_stat_bgwriter`); `SHOW max_wal_size;`',
    resolve: 'Raise `max_wal_size` until checkpoints are timed. During a bulk load this is expected.',
    quieter: '`alerts.rules.checkpoint_thrash.warning`, 0 to 1; a maintenance window for loads.',
  },
  checkpoints_frequent: {
    meaning: 'There were more checkpoints within half an hour than there should be.',
    investigate: 'As for checkpoint_thrash; `SHOW checkpoint_timeout;`',
    resolve: 'Raise `checkpoint_timeout` to 15 minutes or more, and `max_wal_size` with it.',
    quieter: '`alerts.rules.checkpoints_frequent.warning`: checkpoints within half an hour.',
  },
  wal_surge: {
    meaning: 'Far more WAL is generated than usual: it fills disks, archives and slots, and standbys fall behind.',
    investigate:
      'View Queries by WAL; `SELECT queryid, wal_bytes FROM pg_stat_statements ORDER BY 2 DESC LIMIT 10;` (13 and newer)',
    resolve: 'Find the bulk load, index build or full-table UPDATE, and run it in smaller batches.',
    quieter: '`alerts.rules.wal_surge.enabled: false`, or a maintenance window for the nightly load.',
  },
  statements_evicting: {
    meaning:
      'The server keeps counters for `pg_stat_statements.max` statements and evicts the least used again and again: the top list misses those.',
    investigate:
      '`SELECT dealloc, stats_reset FROM pg_stat_statements_info;`, and statements that differ only in a list of values.',
    resolve: 'Raise `pg_stat_statements.max` (needs a restart), or use parameters and `= ANY($1)` in the application.',
    quieter: '`alerts.rules.statements_evicting.info`: evictions within an hour.',
  },
  statistics_reset: {
    meaning:
      'Somebody reset statistics, or the server lost them in a crash. This pass has no rates, and ages such as "unused since" restart. Each loop that saw it raises one alert, whatever the number of counters.',
    investigate: "`SELECT datname, stats_reset FROM pg_stat_database;`, and the server's log for a crash.",
    resolve: 'Nothing to do. Ask who calls `pg_stat_reset`.',
    quieter: '`alerts.rules.statistics_reset.enabled: false`.',
  },
  xmin_horizon_held: {
    meaning:
      'Something has held an old snapshot for millions of transactions: vacuum cannot remove any row that died since, in any table.',
    investigate:
      'View Wraparound; `SELECT pid, age(backend_xmin) FROM pg_stat_activity ORDER BY 2 DESC NULLS LAST LIMIT 5; SELECT slot_name, age(xmin), age(catalog_xmin) FROM pg_replication_slots; SELECT gid, age(transaction) FROM pg_prepared_xacts;`',
    resolve:
      'End the session (`SELECT pg_terminate_backend(PID);`), drop the slot, or `ROLLBACK PREPARED` the abandoned transaction; on a standby, turn `hot_standby_feedback` off or end its long query.',
    quieter: '`alerts.rules.xmin_horizon_held.warning` in transactions.',
  },
  autovacuum_starvation: {
    meaning:
      'A table has several times the dead rows that trigger autovacuum, and no vacuum has run in the last six hours.',
    investigate:
      '`SELECT * FROM pg_stat_progress_vacuum;` `SELECT relname, n_dead_tup, last_autovacuum FROM pg_stat_user_tables ORDER BY 2 DESC LIMIT 10;`',
    resolve: '`VACUUM (VERBOSE) SCHEMA.TABLE;` shows what is in its way: a lock, the xmin horizon, or too few workers.',
    quieter: '`alerts.rules.autovacuum_starvation.warning`: multiples of the threshold.',
  },
};
