import type { Runbook } from './page.ts';

export const sessionPages: Runbook = {
  connection_saturation: {
    meaning:
      'Most of the connections open to ordinary clients are in use: `max_connections` minus `superuser_reserved_connections` and, from 16, `reserved_connections`. At the limit, applications get `remaining connection slots are reserved` or `too many clients already`; so does pgmon, which raises this alert then, too.',
    investigate:
      "`SELECT application_name, usename, state, count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 1, 2, 3 ORDER BY 4 DESC;`",
    resolve:
      'End idle sessions of the application that has too many (`pg_terminate_backend`), fix its pool, put PgBouncer or RDS Proxy in front. Raise `max_connections` last: each connection costs memory.',
    quieter: '`alerts.connections_warn`, `alerts.rules.connection_saturation.critical`.',
  },
  connections_growing: {
    meaning:
      'A straight line through the last 15 minutes reaches the limit for ordinary clients within half an hour: something opens connections without closing them.',
    investigate:
      '`SELECT application_name, min(backend_start), max(backend_start), count(*) FROM pg_stat_activity GROUP BY 1 ORDER BY 4 DESC;`',
    resolve: 'Restart or fix the application that leaks connections; cap its pool.',
    quieter: '`alerts.rules.connections_growing.for`, or disable it if load comes in waves.',
  },
  long_transaction: {
    meaning:
      'A transaction has been open for a long time. It holds its locks, and vacuum cannot remove any row that it could still see.',
    investigate:
      '`SELECT pid, usename, application_name, state, now() - xact_start AS age, left(query, 100) FROM pg_stat_activity WHERE xact_start IS NOT NULL ORDER BY xact_start LIMIT 10;`',
    resolve:
      'Ask its owner. `SELECT pg_cancel_backend(PID);` ends its statement, `SELECT pg_terminate_backend(PID);` the session.',
    quieter: '`alerts.long_txn_warn_s`, `alerts.long_txn_crit_s`; a maintenance window for nightly jobs.',
  },
  idle_in_transaction: {
    meaning:
      'A session started a transaction and does nothing in it, usually because an application forgot to commit. It holds its locks and holds vacuum back.',
    investigate:
      "`SELECT pid, application_name, now() - state_change AS idle, left(query, 100) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' ORDER BY state_change;`",
    resolve: '`SELECT pg_terminate_backend(PID);` Set `idle_in_transaction_session_timeout` for the role.',
    quieter: '`alerts.long_txn_warn_s`, `alerts.long_txn_crit_s`, or `alerts.rules.idle_in_transaction`.',
  },
  blocking_locks: {
    meaning:
      'A session has been waiting for a lock that another one holds. The message names the root of the tree: the session that blocks the others and waits for nobody.',
    investigate:
      "View Locks, or `SELECT pid, pg_blocking_pids(pid), wait_event, now() - query_start, left(query, 100) FROM pg_stat_activity WHERE wait_event_type = 'Lock';`",
    resolve:
      'End the root: `SELECT pg_cancel_backend(PID);` if it runs a statement, otherwise `SELECT pg_terminate_backend(PID);` If it is an `ALTER TABLE`, run it again with a `lock_timeout`. A root without a pid is a prepared transaction, which no session holds: `ROLLBACK PREPARED` (or `COMMIT PREPARED`) with its gid, in its database; `SELECT gid, prepared, owner, database FROM pg_prepared_xacts;` lists them.',
    quieter: '`alerts.rules.blocking_locks.warning` and `.critical` in seconds.',
  },
  long_query: {
    meaning: 'One statement has been running for a long time.',
    investigate:
      "`SELECT pid, application_name, now() - query_start AS runs, wait_event, left(query, 200) FROM pg_stat_activity WHERE state = 'active' ORDER BY query_start LIMIT 10;`",
    resolve:
      '`SELECT pg_cancel_backend(PID);` Check its plan. A `statement_timeout` for its role prevents the next one.',
    quieter: '`alerts.rules.long_query.warning` and `.critical` in seconds; reports may need more.',
  },
  autovacuum_workers_busy: {
    meaning: 'All autovacuum workers are busy: other tables wait.',
    investigate: '`SELECT relid::regclass, phase, heap_blks_scanned, heap_blks_total FROM pg_stat_progress_vacuum;`',
    resolve:
      'Let them work faster: raise `autovacuum_vacuum_cost_limit` or lower `autovacuum_vacuum_cost_delay`; then raise `autovacuum_max_workers`.',
    quieter: '`alerts.rules.autovacuum_workers_busy.for`.',
  },
  temp_surge: {
    meaning: 'Statements write far more to temporary files than usual: a sort or hash did not fit into `work_mem`.',
    investigate:
      'View Queries by temp, or `SELECT queryid, temp_blks_written FROM pg_stat_statements ORDER BY 2 DESC LIMIT 10;`',
    resolve: 'Add an index for the sort, improve the join, or `SET work_mem` for that role alone.',
    quieter: '`alerts.rules.temp_surge.enabled: false`, or a maintenance window for the nightly report.',
  },
};
