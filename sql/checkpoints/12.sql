-- Checkpoints and the buffers that they, the background writer and the backends themselves wrote. A standby counts here how
-- often it looked whether a restart point is due, which are not restart points: it has no number of these before 17.
SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN b.checkpoints_timed END::float8  AS timed,
       CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN b.checkpoints_req END::float8    AS requested,
       NULL::float8                               AS done,
       pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_wal_size'))::float8       AS max_wal_size,
       b.checkpoint_write_time::float8 / 1000     AS write_seconds,
       b.checkpoint_sync_time::float8 / 1000      AS sync_seconds,
       b.buffers_checkpoint::float8               AS buffers_checkpoint,
       b.buffers_clean::float8                    AS buffers_clean,
       b.maxwritten_clean::float8                 AS maxwritten_clean,
       b.buffers_alloc::float8                    AS buffers_allocated,
       extract(epoch FROM b.stats_reset)::float8  AS stats_reset
  FROM pg_catalog.pg_stat_bgwriter AS b
