-- This standby as it sees itself. Received and replayed positions in bytes since the beginning of WAL: how long the oldest
-- byte between both has waited follows from those of the passes before. The age of the last replayed commit alone is no
-- lag: it counts the silence before, too. Whether the link to the primary is up is said apart.
SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_receive_lsn(), '0/0')::float8 AS received,
       pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_replay_lsn(), '0/0')::float8  AS replayed,
       extract(epoch FROM pg_catalog.pg_last_xact_replay_timestamp())::float8          AS replayed_commit,
       EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver AS w WHERE w.status = 'streaming')::int4::float8
                                                                                       AS receiver_streaming,
       pg_catalog.pg_is_wal_replay_paused()::int4::float8                              AS replay_paused
