-- From 17 restart points, which are a standby's checkpoints, have columns of their own, and the checkpointer a view; either
-- of both views can be reset alone, and the younger reset counts. Timed ones count those, too, that an idle server left out:
-- how many were made is known of restart points, and from 18 of checkpoints.
SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN c.num_timed END::float8      AS timed,
       CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN c.num_requested END::float8  AS requested,
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN c.restartpoints_done --@ <18
            END::float8                                                    AS done, --@ <18
       CASE WHEN pg_catalog.pg_is_in_recovery() THEN c.restartpoints_done ELSE c.num_done --@ >=18
            END::float8                                                    AS done, --@ >=18
       pg_catalog.pg_size_bytes(pg_catalog.current_setting('max_wal_size'))::float8  AS max_wal_size,
       c.write_time::float8 / 1000                                         AS write_seconds,
       c.sync_time::float8 / 1000                                          AS sync_seconds,
       c.buffers_written::float8                                           AS buffers_checkpoint,
       b.buffers_clean::float8                                             AS buffers_clean,
       b.maxwritten_clean::float8                                          AS maxwritten_clean,
       b.buffers_alloc::float8                                             AS buffers_allocated,
       extract(epoch FROM greatest(c.stats_reset, b.stats_reset))::float8  AS stats_reset
  FROM pg_catalog.pg_stat_checkpointer AS c
 CROSS JOIN pg_catalog.pg_stat_bgwriter AS b
