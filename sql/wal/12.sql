-- Before 14 nothing counts WAL; its position is a counter of bytes by itself. A standby writes none of its own.
SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), '0/0')::float8 END AS wal_bytes,
       NULL::float8                                                                             AS wal_records,
       NULL::float8                                                                             AS wal_full_page_images,
       NULL::float8                                                                             AS wal_buffers_full,
       NULL::float8                                                                             AS stats_reset
