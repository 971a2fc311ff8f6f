/** What a person at night reads about a rule; the runbook in docs is made of these. */
export interface RunbookPage {
  readonly meaning: string;
  /** Where to look, and statements to run. */
  readonly look: string;
  readonly resolve: string;
  /** Which key makes it quieter, and when that is right. */
  readonly quieter: string;
}

/** Pages by the id of their rule. */
export const runbook: Readonly<Record<string, RunbookPage>> = {
  server_down: {
    meaning:
      'The server does not answer: the connection was refused, timed out, or broke. Other alerts of the target wait until it answers.',
    look: "`pgmon check` names the reason. From the same network: `psql -h HOST -c 'SELECT 1'`. On RDS look at the events of the instance.",
    resolve:
      'Start the server, or open the way to it (security group, firewall, DNS). After a crash look at its log before anything else.',
    quieter: 'Raise `alerts.rules.server_down.for` where restarts are routine, or set a maintenance window for them.',
  },
  cannot_log_in: {
    meaning:
      "Something answers at the server's address and does not let pgmon work: a wrong password, a missing database, TLS that cannot be trusted, no connection left, or a role that can write.",
    look: '`pgmon check` says which of them and prints the statement that mends it.',
    resolve:
      'Run that statement. For a rotated password update the secret; a role that can write is refused on purpose.',
    quieter: 'There is no reason to: without a log-in nothing is watched.',
  },
  canary_slow: {
    meaning: '`SELECT 1` took longer than it should: the network, the host, or a process that is starved of CPU.',
    look: '`SELECT state, wait_event_type, wait_event, count(*) FROM pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC;` and the CPU and network of the host.',
    resolve:
      'Relieve the host: end the heaviest statements (view Queries), or give it more CPU. If only pgmon sees it, look at the way between.',
    quieter: '`alerts.rules.canary_slow.warning` in seconds; a server far away is slower by nature.',
  },
  collector_degraded: {
    meaning:
      'A collector failed twice or made a pass late. It rests, longer each time, and is tried again alone; everything else continues.',
    look: 'The view Agent, `/healthz` and the log have the reason: a timeout, a lock, a permission.',
    resolve: 'Run its statement by hand (`pgmon sql`), as the same role. Lower `limits`, or grant what is missing.',
    quieter: 'Raise `timeouts.statement_timeout_ms` where the server is slow by nature.',
  },
  loop_late: {
    meaning: 'A slower loop has not run for several of its intervals.',
    look: 'The log of pgmon; on AWS the alarms `failing` and `not running` of the loop.',
    resolve: 'Restart pgmon, or see why the Lambda is throttled or fails.',
    quieter: 'There is no reason to: rules of that loop are blind meanwhile.',
  },
  target_without_data: {
    meaning: 'The hot loop has not read this target for many of its intervals, while the workload loop still runs.',
    look: 'The log of pgmon; on AWS the alarms of the hot loop, and its lease in the table.',
    resolve: 'Restart pgmon, or see why the Lambda is throttled or fails.',
    quieter: 'There is no reason to: locks and transactions are not watched meanwhile.',
  },
  connection_saturation: {
    meaning:
      'Most of the connections that ordinary clients may open are in use: `max_connections` less `superuser_reserved_connections` and, from 16, `reserved_connections`. At the limit applications get `remaining connection slots are reserved` or `too many clients already`; so does pgmon, which alerts then, too.',
    look: "`SELECT application_name, usename, state, count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 1, 2, 3 ORDER BY 4 DESC;`",
    resolve:
      'End idle sessions of whoever has too many (`pg_terminate_backend`), mend its pool, put PgBouncer or RDS Proxy in front; raise `max_connections` last, since each connection costs memory.',
    quieter: '`alerts.connections_warn`, `alerts.rules.connection_saturation.critical`.',
  },
  connections_growing: {
    meaning:
      'A straight line through the last 15 minutes reaches the limit for ordinary clients within half an hour: something opens connections and does not close them.',
    look: '`SELECT application_name, min(backend_start), max(backend_start), count(*) FROM pg_stat_activity GROUP BY 1 ORDER BY 4 DESC;`',
    resolve: 'Restart or mend the application that leaks; bound its pool.',
    quieter: '`alerts.rules.connections_growing.for`, or turn it off where load comes in waves.',
  },
  long_transaction: {
    meaning:
      'A transaction has been open for long. It holds its locks, and vacuum may remove no row that it could still see.',
    look: '`SELECT pid, usename, application_name, state, now() - xact_start AS age, left(query, 100) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 10;`',
    resolve: 'Ask its owner. `SELECT pg_cancel_backend(PID)` ends its statement, `pg_terminate_backend` the session.',
    quieter: '`alerts.long_txn_warn_s`, `alerts.long_txn_crit_s`; a maintenance window for nightly jobs.',
  },
  idle_in_transaction: {
    meaning:
      'A session began a transaction and does nothing in it: mostly an application that forgot to commit. It holds its locks and holds vacuum back.',
    look: "`SELECT pid, application_name, now() - state_change AS idle, left(query, 100) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' ORDER BY state_change;`",
    resolve: '`SELECT pg_terminate_backend(PID)`. Set `idle_in_transaction_session_timeout` for the role.',
    quieter: '`alerts.long_txn_warn_s`, `alerts.long_txn_crit_s`, or `alerts.rules.idle_in_transaction`.',
  },
  blocking_locks: {
    meaning:
      'A session has been waiting for a lock that another one holds. The message names the root of the tree: the one that waits for nobody.',
    look: "View Locks, or `SELECT pid, pg_blocking_pids(pid), wait_event, now() - query_start, left(query, 100) FROM pg_stat_activity WHERE wait_event_type = 'Lock';`",
    resolve:
      'End the root: `pg_cancel_backend`, then `pg_terminate_backend`. If it is an `ALTER TABLE`, run it again with `lock_timeout`.',
    quieter: '`alerts.rules.blocking_locks.warning` and `.critical` in seconds.',
  },
  long_query: {
    meaning: 'One statement has been running for long.',
    look: "`SELECT pid, application_name, now() - query_start AS runs, wait_event, left(query, 200) FROM pg_stat_activity WHERE state = 'active' ORDER BY query_start LIMIT 10;`",
    resolve:
      '`SELECT pg_cancel_backend(PID)`; look at its plan. `statement_timeout` for its role keeps it from coming back.',
    quieter: '`alerts.rules.long_query.warning` and `.critical` in seconds; reports may need more.',
  },
  autovacuum_workers_busy: {
    meaning: 'All autovacuum workers are at work: tables wait for their turn.',
    look: '`SELECT relid::regclass, phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_vacuum;`',
    resolve:
      'Let them work faster: raise `autovacuum_vacuum_cost_limit` or lower `autovacuum_vacuum_cost_delay`; then raise `autovacuum_max_workers`.',
    quieter: '`alerts.rules.autovacuum_workers_busy.for`.',
  },
  temp_surge: {
    meaning:
      'Statements write much more to temporary files than is usual here: a sort or hash did not fit into `work_mem`.',
    look: 'View Queries by temp, or `SELECT queryid, temp_blks_written FROM pg_stat_statements ORDER BY 2 DESC LIMIT 10;`',
    resolve: 'An index for the sort, a better join, or `SET work_mem` for that role alone.',
    quieter: '`alerts.rules.temp_surge.enabled: false`, or a maintenance window for the nightly report.',
  },
  cache_hit_ratio_low: {
    meaning: 'Blocks are read from outside shared buffers more often than they should be, and many of them.',
    look: 'View Queries by blocks read; `SELECT queryid, shared_blks_read FROM pg_stat_statements ORDER BY 2 DESC LIMIT 10;`',
    resolve: 'An index instead of a scan of the whole table; then more `shared_buffers`.',
    quieter: '`alerts.rules.cache_hit_ratio_low.warning`; an analytical database lives with less.',
  },
  rollback_ratio_high: {
    meaning: 'Many transactions are rolled back: errors of the application, conflicts, time-outs.',
    look: 'The log of the server at `log_min_error_statement = error`; that of the application.',
    resolve: 'Mend what fails. Some frameworks roll back transactions that only read: then it is their way.',
    quieter: '`alerts.rules.rollback_ratio_high.warning`, 0 to 1.',
  },
  deadlocks: {
    meaning: 'The server had to end a transaction since two or more waited for one another in a circle.',
    look: 'The log of the server names both statements and both locks.',
    resolve: 'Let all code take its locks in one order, and keep transactions short. Retry the one that was ended.',
    quieter: '`alerts.rules.deadlocks.warning`: deadlocks within ten minutes.',
  },
  checkpoint_thrash: {
    meaning:
      'Checkpoints come since `max_wal_size` is reached, not since it is time: each writes full page images again and writes in a hurry.',
    look: '`SELECT * FROM pg_stat_checkpointer;` (before 17 `pg_stat_bgwriter`); `SHOW max_wal_size;`',
    resolve: 'Raise `max_wal_size` until checkpoints come by `checkpoint_timeout`. During a bulk load it is expected.',
    quieter: '`alerts.rules.checkpoint_thrash.warning`, 0 to 1; a maintenance window for loads.',
  },
  checkpoints_frequent: {
    meaning: 'More checkpoints within half an hour than there should be.',
    look: 'As for checkpoint_thrash; `SHOW checkpoint_timeout;`',
    resolve: 'Raise `checkpoint_timeout` to 15 minutes or more, and `max_wal_size` with it.',
    quieter: '`alerts.rules.checkpoints_frequent.warning`: checkpoints within half an hour.',
  },
  wal_surge: {
    meaning:
      'Much more WAL is generated than is usual here: it fills disks, archives and slots, and standbys fall behind.',
    look: 'View Queries by WAL; `SELECT queryid, wal_bytes FROM pg_stat_statements ORDER BY 2 DESC LIMIT 10;` (13 and newer)',
    resolve: 'Find the bulk load, index build or UPDATE of a whole table, and let it work in smaller steps.',
    quieter: '`alerts.rules.wal_surge.enabled: false`, or a maintenance window for the nightly load.',
  },
  statements_evicting: {
    meaning:
      'The server keeps counters of `pg_stat_statements.max` statements, and the least used go again and again: the top list misses them.',
    look: '`SELECT dealloc, stats_reset FROM pg_stat_statements_info;` and statements that differ only in a list of values.',
    resolve: 'Raise `pg_stat_statements.max` (a restart), or let the application use parameters and `= ANY($1)`.',
    quieter: '`alerts.rules.statements_evicting.info`: evictions within an hour.',
  },
  statistics_reset: {
    meaning:
      'Somebody reset statistics, or the server lost them in a crash. Rates of this pass are left out, ages such as "unused since" restart. One alert for each loop that saw it, whatever the number of counters.',
    look: '`SELECT datname, stats_reset FROM pg_stat_database;`; the log of the server for a crash.',
    resolve: 'Nothing has to be done. Ask who calls `pg_stat_reset`.',
    quieter: '`alerts.rules.statistics_reset.enabled: false`.',
  },
  xmin_horizon_held: {
    meaning:
      'Something has kept an old snapshot for millions of transactions: vacuum may remove no row that died since, in any table.',
    look: 'View Wraparound; `SELECT pid, age(backend_xmin) FROM pg_stat_activity ORDER BY 2 DESC NULLS LAST LIMIT 5; SELECT slot_name, age(xmin), age(catalog_xmin) FROM pg_replication_slots; SELECT gid, age(transaction) FROM pg_prepared_xacts;`',
    resolve:
      'End the session, drop the slot, `ROLLBACK PREPARED` what was left behind; on a standby turn `hot_standby_feedback` off or end its long query.',
    quieter: '`alerts.rules.xmin_horizon_held.warning` in transactions.',
  },
  autovacuum_starvation: {
    meaning:
      'A table has several times the dead rows at which autovacuum should come, and no vacuum came in the last six hours.',
    look: '`SELECT * FROM pg_stat_progress_vacuum;` `SELECT relname, n_dead_tup, last_autovacuum FROM pg_stat_user_tables ORDER BY 2 DESC LIMIT 10;`',
    resolve: '`VACUUM (VERBOSE) TABLE` says what is in its way: a lock, the xmin horizon, or too few workers.',
    quieter: '`alerts.rules.autovacuum_starvation.warning`: times the threshold.',
  },
  replication_lag: {
    meaning: 'A replica replays WAL later than it should: reads from it are old, and a failover would lose time.',
    look: 'View Replication; `SELECT application_name, state, replay_lag, pg_wal_lsn_diff(sent_lsn, replay_lsn) FROM pg_stat_replication;`',
    resolve: 'A long query on the replica that holds replay up, a burst of WAL, a slow disk or network.',
    quieter: '`alerts.repl_warn_s`, `alerts.repl_crit_s`.',
  },
  replication_lag_bytes: {
    meaning: 'A replica has much WAL still to replay.',
    look: 'As for replication_lag.',
    resolve: 'As for replication_lag; if it falls behind for good, rebuild it.',
    quieter: '`alerts.rules.replication_lag_bytes.warning` in bytes.',
  },
  standby_replay_lag: {
    meaning:
      'This standby is behind its primary, and there is WAL that it has not replayed. On an idle primary it does not fire.',
    look: 'On the standby: `SELECT now() - pg_last_xact_replay_timestamp(), pg_is_wal_replay_paused();`',
    resolve: 'Resume replay (`pg_wal_replay_resume()`), end the query that holds it up, or look at its disk.',
    quieter: '`alerts.repl_warn_s`, `alerts.repl_crit_s`.',
  },
  replica_gone: {
    meaning:
      'A replica that received WAL for ten minutes or more is no longer connected. Without a slot the primary removes WAL that it needs; with one, WAL piles up on the primary.',
    look: '`SELECT application_name, client_addr, state FROM pg_stat_replication;` and `SELECT slot_name, active, restart_lsn FROM pg_replication_slots;` on the primary; the log of the standby.',
    resolve:
      "Start the standby, or open the way to the primary. `requested WAL segment … has already been removed` in the standby's log means that it has to be built again.",
    quieter:
      'A replica that was taken away on purpose is forgotten after a day; silence it until then, or set `alerts.rules.replica_gone.enabled: false` where replicas come and go.',
  },
  standby_not_streaming: {
    meaning: 'A receiver is connected, and catches up or starts instead of streaming.',
    look: '`SELECT application_name, state FROM pg_stat_replication;` and its own log.',
    resolve: 'Let it catch up; if it needs WAL that is gone, rebuild it.',
    quieter: '`alerts.rules.standby_not_streaming.for`.',
  },
  receiver_not_streaming: {
    meaning: 'This standby has no connection to its primary and gets older by the minute.',
    look: 'On the standby: `SELECT status, conninfo FROM pg_stat_wal_receiver;` and its log.',
    resolve: 'Mend `primary_conninfo`, the network or the password; if its WAL is gone on the primary, rebuild it.',
    quieter: '`alerts.rules.receiver_not_streaming.for`; turn it off for a standby that restores from an archive.',
  },
  slot_inactive: {
    meaning: 'Nobody uses a replication slot, and it keeps the server from removing WAL.',
    look: '`SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots;`',
    resolve: "Start its consumer. If nobody needs it: `SELECT pg_drop_replication_slot('NAME');`",
    quieter: '`alerts.rules.slot_inactive.for`.',
  },
  slot_retains_wal: {
    meaning: 'A slot retains much WAL. When the disk is full the server stops.',
    look: '`SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots;`',
    resolve: 'Start or mend its consumer, or drop the slot. `max_slot_wal_keep_size` bounds it from 13 on.',
    quieter: '`alerts.rules.slot_retains_wal.warning` in bytes.',
  },
  slot_invalidated: {
    meaning:
      'The server removed WAL that this slot needs, since `max_slot_wal_keep_size` was reached: its consumer can never continue.',
    look: '`SELECT slot_name, wal_status FROM pg_replication_slots;`',
    resolve: 'Drop the slot and rebuild the consumer (standby, subscription, change stream).',
    quieter: 'There is no reason to: the data is missing there.',
  },
  subscription_stopped: {
    meaning: 'A logical subscription has no worker: changes of the publisher do not arrive.',
    look: '`SELECT subname, subenabled FROM pg_subscription;` and the log: an apply that fails ends the worker again and again.',
    resolve: '`ALTER SUBSCRIPTION … ENABLE`, or mend the conflict that the log names.',
    quieter: '`alerts.rules.subscription_stopped.for`.',
  },
  archiver_failing: {
    meaning:
      '`archive_command` has failed since its last success: point-in-time recovery stands still and WAL piles up.',
    look: '`SELECT last_failed_wal, last_failed_time, failed_count FROM pg_stat_archiver;` and the log, which has its output.',
    resolve: 'Mend the command, its credentials or the space at its target. It is tried again by itself.',
    quieter: '`alerts.rules.archiver_failing.for`.',
  },
  dead_tuples: {
    meaning: "A large share of a table's rows are dead: scans read them and the table grows.",
    look: '`SELECT relname, n_live_tup, n_dead_tup, last_autovacuum FROM pg_stat_user_tables ORDER BY n_dead_tup DESC LIMIT 10;`',
    resolve:
      '`VACUUM TABLE`; if rows stay, look at xmin_horizon_held. `ALTER TABLE … SET (autovacuum_vacuum_scale_factor = 0.02)`.',
    quieter: '`alerts.rules.dead_tuples.warning` in per cent.',
  },
  unused_index: {
    meaning: 'No scan has used a large index for a week: writes pay for it and it takes space.',
    look: '`SELECT indexrelname, idx_scan, pg_size_pretty(pg_relation_size(indexrelid)) FROM pg_stat_user_indexes WHERE idx_scan = 0 ORDER BY pg_relation_size(indexrelid) DESC;` on the standbys, too, which count their own.',
    resolve: '`DROP INDEX CONCURRENTLY` when no standby and no monthly job uses it.',
    quieter: '`alerts.rules.unused_index.info` in seconds.',
  },
  invalid_index: {
    meaning: 'An index cannot be used and is still written to, mostly after a `CREATE INDEX CONCURRENTLY` that failed.',
    look: '`SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid;`',
    resolve: '`DROP INDEX CONCURRENTLY`, and build it again; or `REINDEX INDEX CONCURRENTLY`.',
    quieter: 'A maintenance window while indexes are built.',
  },
  duplicate_indexes: {
    meaning: 'Indexes of one table are the same in everything: one of each pair only costs.',
    look: 'View Storage names the pairs.',
    resolve: '`DROP INDEX CONCURRENTLY` the one that no constraint needs.',
    quieter: '`alerts.rules.duplicate_indexes.info` in bytes.',
  },
  database_growing: {
    meaning: 'A database of over 1 GB grew by a tenth within a day.',
    look: 'View Storage by growth; `SELECT relname, pg_size_pretty(pg_total_relation_size(relid)) FROM pg_stat_user_tables ORDER BY pg_total_relation_size(relid) DESC LIMIT 10;`',
    resolve: 'Find what writes it; remove or partition what is old.',
    quieter: '`alerts.rules.database_growing.warning`, 0 to 1; a maintenance window for loads.',
  },
  database_size: {
    meaning: 'A database is larger than the limit that you set. Off until you do.',
    look: 'View Storage has the largest tables and indexes, and what of them is not needed.',
    resolve: 'Give it more room, or remove what is old.',
    quieter: '`alerts.rules.database_size.warning` and `.critical` in bytes, `enabled: true`.',
  },
  partitions_running_out: {
    meaning:
      'The partitions of a table do not go far enough into the future. After the last one INSERT fails, or rows fall into the default partition. With partitions shorter than a day the alert comes when fewer than three are left.',
    look: "View Partitions; `SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'TABLE'::regclass;`",
    resolve: 'Make the next partitions now; then see why the job that makes them did not.',
    quieter:
      '`alerts.rules.partitions_running_out.warning` in seconds; with partitions shorter than a day, make more than three ahead.',
  },
  default_partition_filling: {
    meaning:
      'Rows fell into the default partition: the one that they belong to is missing. Each new partition then has to look through them.',
    look: '`SELECT min(KEY), max(KEY), count(*) FROM DEFAULT_PARTITION;`',
    resolve: 'Detach the default, make the missing partition, move the rows, attach it again.',
    quieter: '`alerts.rules.default_partition_filling.info` in rows.',
  },
  stale_statistics: {
    meaning: 'A table changed by much since it was analyzed, over 12 hours ago or never: plans rest on old numbers.',
    look: '`SELECT relname, n_mod_since_analyze, last_analyze, last_autoanalyze FROM pg_stat_user_tables ORDER BY 2 DESC LIMIT 10;`',
    resolve: '`ANALYZE TABLE`; `ALTER TABLE … SET (autovacuum_analyze_scale_factor = 0.02)`.',
    quieter: '`alerts.rules.stale_statistics.info` in rows.',
  },
  wraparound: {
    meaning:
      'The oldest transaction that is not frozen is near the end of its numbers. At about 2.1 billion the server takes no writes any more.',
    look: "View Wraparound; `SELECT oid::regclass, age(relfrozenxid) FROM pg_class WHERE relkind IN ('r', 'm', 't') ORDER BY 2 DESC LIMIT 10;`",
    resolve:
      'End what holds the xmin horizon back, then `VACUUM (FREEZE, VERBOSE)` the oldest tables, one after the other.',
    quieter: 'There is no reason to. A lower threshold warns earlier: `alerts.rules.wraparound.warning`.',
  },
  multixact_wraparound: {
    meaning: 'The same for multixacts, which rows locked by several transactions use up.',
    look: "`SELECT oid::regclass, mxid_age(relminmxid) FROM pg_class WHERE relkind IN ('r', 'm', 't') ORDER BY 2 DESC LIMIT 10;`",
    resolve: '`VACUUM (FREEZE, VERBOSE)` these tables.',
    quieter: 'There is no reason to.',
  },
  sequence_near_end: {
    meaning: 'A sequence, or the column that it feeds, is near its largest number. After it every INSERT fails.',
    look: '`SELECT schemaname, sequencename, last_value, max_value, data_type FROM pg_sequences ORDER BY last_value DESC NULLS LAST;`',
    resolve:
      'Make the column and the sequence `bigint` (a new column, filled in steps, swapped), before it is too late.',
    quieter: '`alerts.rules.sequence_near_end.warning`, 0 to 1.',
  },
  bloat: {
    meaning:
      'A table takes gigabytes that its rows do not need. The message says whether that was measured or estimated.',
    look: "`SELECT * FROM pgstattuple_approx('TABLE');`",
    resolve:
      'See why vacuum came too late; `pg_repack`, or `VACUUM FULL` in a maintenance window, which locks the table.',
    quieter: '`alerts.rules.bloat.info` in bytes.',
  },
  pending_restart: {
    meaning: 'Settings were changed in the files and hold only after a restart: the server does not run as configured.',
    look: '`SELECT name, setting FROM pg_settings WHERE pending_restart;`',
    resolve: 'Restart in a maintenance window, or take the changes back.',
    quieter: '`alerts.rules.pending_restart.enabled: false`.',
  },
};
