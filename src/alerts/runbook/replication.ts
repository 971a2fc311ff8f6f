import type { Runbook } from './page.ts';

export const replicationPages: Runbook = {
  replication_lag: {
    meaning: 'A replica replays WAL late: reads from it are stale, and a failover would lose time.',
    investigate:
      'View Replication; `SELECT application_name, state, replay_lag, pg_wal_lsn_diff(sent_lsn, replay_lsn) FROM pg_stat_replication;`',
    resolve: 'Usual causes: a long query on the replica that blocks replay, a burst of WAL, a slow disk or network.',
    quieter: '`alerts.repl_warn_s`, `alerts.repl_crit_s`.',
  },
  replication_lag_bytes: {
    meaning: 'A replica still has a lot of WAL to replay.',
    investigate: 'As for replication_lag.',
    resolve: 'As for replication_lag. If it can no longer catch up, rebuild it.',
    quieter: '`alerts.rules.replication_lag_bytes.warning` in bytes.',
  },
  standby_replay_lag: {
    meaning: 'This standby is behind its primary and has WAL to replay. An idle primary does not trigger it.',
    investigate: 'On the standby: `SELECT now() - pg_last_xact_replay_timestamp(), pg_is_wal_replay_paused();`',
    resolve: 'Resume replay (`pg_wal_replay_resume()`), end the query that blocks it, or check its disk.',
    quieter: '`alerts.repl_warn_s`, `alerts.repl_crit_s`.',
  },
  replica_gone: {
    meaning:
      'A replica that received WAL for ten minutes or more is no longer connected. Without a slot, the primary removes WAL that the replica needs; with one, WAL piles up on the primary.',
    investigate:
      "`SELECT application_name, client_addr, state FROM pg_stat_replication;` and `SELECT slot_name, active, restart_lsn FROM pg_replication_slots;` on the primary; the standby's log.",
    resolve:
      "Start the standby, or open the route to the primary. `requested WAL segment … has already been removed` in the standby's log means that it has to be rebuilt.",
    quieter:
      'A replica removed on purpose is forgotten after a day; silence it until then, or set `alerts.rules.replica_gone.enabled: false` if replicas come and go.',
  },
  standby_not_streaming: {
    meaning: 'A receiver is connected, but starts up or catches up instead of streaming.',
    investigate: '`SELECT application_name, state FROM pg_stat_replication;` and its own log.',
    resolve: 'Let it catch up. If the WAL that it needs is gone, rebuild it.',
    quieter: '`alerts.rules.standby_not_streaming.for`.',
  },
  receiver_not_streaming: {
    meaning: 'This standby has no connection to its primary and falls further behind by the minute.',
    investigate: 'On the standby: `SELECT status, conninfo FROM pg_stat_wal_receiver;` and its log.',
    resolve: 'Fix `primary_conninfo`, the network or the password. If its WAL is gone on the primary, rebuild it.',
    quieter: '`alerts.rules.receiver_not_streaming.for`; disable it for a standby that restores from an archive.',
  },
  slot_inactive: {
    meaning: 'A replication slot has no consumer and keeps the server from removing WAL.',
    investigate: '`SELECT slot_name, active, restart_lsn, wal_status FROM pg_replication_slots;`',
    resolve: "Start its consumer. If nobody needs it: `SELECT pg_drop_replication_slot('SLOT');`",
    quieter: '`alerts.rules.slot_inactive.for`.',
  },
  slot_retains_wal: {
    meaning: 'A slot retains a lot of WAL. When the disk is full, the server stops.',
    investigate:
      '`SELECT slot_name, active, pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) FROM pg_replication_slots;`',
    resolve:
      "Start or fix its consumer, or drop the slot: `SELECT pg_drop_replication_slot('SLOT');` `max_slot_wal_keep_size` caps it from 13 on.",
    quieter: '`alerts.rules.slot_retains_wal.warning` in bytes.',
  },
  slot_invalidated: {
    meaning:
      'The server removed WAL that this slot needs, because `max_slot_wal_keep_size` was reached: its consumer can never continue.',
    investigate: '`SELECT slot_name, wal_status FROM pg_replication_slots;`',
    resolve:
      "Drop the slot, `SELECT pg_drop_replication_slot('SLOT');`, and rebuild the consumer (standby, subscription, change stream).",
    quieter: 'No reason to: the consumer has lost data.',
  },
  subscription_stopped: {
    meaning: 'A logical subscription has no worker: changes on the publisher do not arrive.',
    investigate:
      '`SELECT subname, subenabled FROM pg_subscription;` and the log: a failing apply ends the worker again and again.',
    resolve: '`ALTER SUBSCRIPTION SUBSCRIPTION_NAME ENABLE;` or resolve the conflict that the log names.',
    quieter: '`alerts.rules.subscription_stopped.for`.',
  },
  archiver_failing: {
    meaning:
      '`archive_command` has failed since its last success: point-in-time recovery is stuck there and WAL piles up.',
    investigate:
      "`SELECT last_failed_wal, last_failed_time, failed_count FROM pg_stat_archiver;` and the server's log, which has the command's output.",
    resolve: 'Fix the command, its credentials or the space at its destination. The server retries by itself.',
    quieter: '`alerts.rules.archiver_failing.for`.',
  },
};
