-- Standbys and other receivers of this server's WAL, as it sees them. Bytes are counted to what each has replayed; the
-- server measures seconds only while there is WAL to replay, and says nothing while there is none. Each sender's session
-- is looked up by itself: the view reads the whole session list even where nobody receives.
SELECT coalesce(nullif(a.application_name, ''), r.pid::text)  AS replica,
       r.state                                                AS state,
       r.sync_state                                           AS sync_state,
       (r.state = 'streaming')::int4::float8                  AS streaming,
       CASE WHEN pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), r.replay_lsn)
            ELSE pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), r.replay_lsn)
             END::float8                                      AS lag_bytes,
       pg_catalog.date_part('epoch', coalesce(r.replay_lag, interval '0')) AS lag_seconds
  FROM pg_catalog.pg_stat_get_wal_senders() AS r
 CROSS JOIN LATERAL pg_catalog.pg_stat_get_activity(r.pid) AS a
 -- A base backup is no replica.
 WHERE r.state <> 'backup'
 ORDER BY lag_bytes DESC NULLS LAST, replica
 LIMIT 100
