-- This standby as it sees itself. Seconds since the last replayed commit are a lag only while WAL waits to be replayed: on
-- an idle primary they only grow. Whether the link to the primary is up is said apart.
SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())::float8
                                                                                      AS replay_lag_bytes,
       CASE WHEN pg_catalog.pg_last_wal_receive_lsn() = pg_catalog.pg_last_wal_replay_lsn() THEN 0
            ELSE extract(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.pg_last_xact_replay_timestamp())
             END::float8                                                              AS replay_lag_seconds,
       EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver AS w WHERE w.status = 'streaming')::int4::float8
                                                                                      AS receiver_streaming,
       pg_catalog.pg_is_wal_replay_paused()::int4::float8                             AS replay_paused
