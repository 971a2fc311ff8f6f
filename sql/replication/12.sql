-- Standbys and other receivers of this server's WAL, as it sees them. Bytes are counted to what each has replayed. The
-- server measures seconds only while there is WAL to replay: before the first measurement, and again after a while of
-- silence, they are NULL, which is 0 only where nothing is left to replay. Each sender's session is looked up by itself:
-- the view reads the whole session list even where nobody receives.
-- Receivers that call themselves the same (`walreceiver`, unless somebody named them) are distinguished by where they are and by
-- their slot, which outlast a reconnection as a pid does not; after that pgmon numbers them, by their session.
WITH sender AS (
  SELECT r.pid, r.state, r.sync_state, r.replay_lag, a.backend_start,
         coalesce(nullif(a.application_name, ''), 'unnamed') AS name,
         coalesce(pg_catalog.host(a.client_addr), 'local')   AS client,
         coalesce(s.slot_name::text, '')                     AS slot,
         CASE WHEN pg_catalog.pg_is_in_recovery()
              THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), r.replay_lsn)
              ELSE pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), r.replay_lsn)
               END::float8                                   AS lag_bytes
    FROM pg_catalog.pg_stat_get_wal_senders() AS r
   CROSS JOIN LATERAL pg_catalog.pg_stat_get_activity(r.pid) AS a
    LEFT JOIN pg_catalog.pg_get_replication_slots() AS s ON s.active_pid = r.pid
   -- A base backup is no replica.
   WHERE r.state <> 'backup'
)
SELECT n.name                                                          AS replica,
       n.client,
       n.slot,
       n.pid,
       pg_catalog.date_part('epoch', n.backend_start)                  AS started_at,
       n.state,
       n.sync_state,
       (n.state = 'streaming')::int4::float8                           AS streaming,
       n.lag_bytes,
       CASE WHEN n.replay_lag IS NOT NULL THEN pg_catalog.date_part('epoch', n.replay_lag)
            WHEN n.lag_bytes <= 0 THEN 0
             END                                                       AS lag_seconds
  FROM sender AS n
 ORDER BY n.lag_bytes DESC NULLS LAST, replica, n.client, n.slot, n.pid
 LIMIT 100
