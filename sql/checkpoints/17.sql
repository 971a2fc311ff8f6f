-- From 17 restart points, which are a standby's checkpoints, have columns of their own, and the checkpointer a view; either of both views can be reset alone, and the younger reset counts.
SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN c.restartpoints_timed ELSE c.num_timed END::float8   AS timed,
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN c.restartpoints_req ELSE c.num_requested END::float8 AS requested,
       c.write_time::float8 / 1000                                         AS write_seconds,
       c.sync_time::float8 / 1000                                          AS sync_seconds,
       c.buffers_written::float8                                           AS buffers_checkpoint,
       b.buffers_clean::float8                                             AS buffers_clean,
       b.maxwritten_clean::float8                                          AS maxwritten_clean,
       b.buffers_alloc::float8                                             AS buffers_allocated,
       extract(epoch FROM greatest(c.stats_reset, b.stats_reset))::float8  AS stats_reset
  FROM pg_catalog.pg_stat_checkpointer AS c
 CROSS JOIN pg_catalog.pg_stat_bgwriter AS b
