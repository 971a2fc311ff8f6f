-- Checkpoints and the buffers that they, the background writer and the backends themselves wrote.
SELECT b.checkpoints_timed::float8                AS timed,
       b.checkpoints_req::float8                  AS requested,
       b.checkpoint_write_time::float8 / 1000     AS write_seconds,
       b.checkpoint_sync_time::float8 / 1000      AS sync_seconds,
       b.buffers_checkpoint::float8               AS buffers_checkpoint,
       b.buffers_clean::float8                    AS buffers_clean,
       b.maxwritten_clean::float8                 AS maxwritten_clean,
       b.buffers_alloc::float8                    AS buffers_allocated,
       extract(epoch FROM b.stats_reset)::float8  AS stats_reset
  FROM pg_catalog.pg_stat_bgwriter AS b
