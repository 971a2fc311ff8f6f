-- From 17 the checkpointer has a view of its own; either of both views can be reset alone, and the younger reset counts.
SELECT c.num_timed::float8                                                 AS timed,
       c.num_requested::float8                                             AS requested,
       c.write_time::float8 / 1000                                         AS write_seconds,
       c.sync_time::float8 / 1000                                          AS sync_seconds,
       c.buffers_written::float8                                           AS buffers_checkpoint,
       b.buffers_clean::float8                                             AS buffers_clean,
       b.maxwritten_clean::float8                                          AS maxwritten_clean,
       b.buffers_alloc::float8                                             AS buffers_allocated,
       extract(epoch FROM greatest(c.stats_reset, b.stats_reset))::float8  AS stats_reset
  FROM pg_catalog.pg_stat_checkpointer AS c
 CROSS JOIN pg_catalog.pg_stat_bgwriter AS b
