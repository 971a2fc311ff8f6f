-- WAL that this server generated; a standby generates none.
SELECT w.wal_bytes::float8                        AS wal_bytes,
       w.wal_records::float8                      AS wal_records,
       w.wal_fpi::float8                          AS wal_full_page_images,
       w.wal_buffers_full::float8                 AS wal_buffers_full,
       extract(epoch FROM w.stats_reset)::float8  AS stats_reset
  FROM pg_catalog.pg_stat_wal AS w
