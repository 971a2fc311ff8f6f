-- From 13 a slot may be lost: what it needed was removed since max_slot_wal_keep_size was reached.
-- Replication slots and the WAL that each keeps the server from removing. A slot in use by nobody keeps it forever.
SELECT s.slot_name::text                                                AS slot,
       s.slot_type                                                      AS slot_type,
       coalesce(s.database::text, '')                                   AS db,
       s.active::int4::float8                                           AS active,
       CASE WHEN pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_last_wal_replay_lsn(), s.restart_lsn)
            ELSE pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), s.restart_lsn)
             END::float8                                                AS retained_bytes,
       pg_catalog.age(s.xmin)::float8                                   AS xmin_age,
       pg_catalog.age(s.catalog_xmin)::float8                           AS catalog_xmin_age,
       s.wal_status                                                     AS wal_status,
       coalesce(s.wal_status = 'lost', false)::int4::float8             AS lost
  FROM pg_catalog.pg_replication_slots AS s
 ORDER BY retained_bytes DESC NULLS LAST, slot
 LIMIT 100
