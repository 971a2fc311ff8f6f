-- Counters of every statement. Without the texts: with them, reading would spill all texts to a temp file at every call,
-- whatever LIMIT and WHERE say. All rows: the first N by lifetime totals are not the first N of the last minute, and a
-- statement without a baseline would show its lifetime as one minute. As the server has them, in milliseconds and
-- without casts that 5,000 rows would feel. Our own statements count among the entries and nowhere else.
SELECT s.userid                                         AS user_id,
       s.userid = (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user) AS own,
       d.datname                                        AS db,
       s.queryid                                        AS queryid,
       true                                             AS toplevel, --@ <1.9
       s.toplevel                                       AS toplevel, --@ >=1.9
       s.calls::float8                                  AS calls,
       s.total_time                                     AS exec_ms, --@ <1.8
       s.stddev_time                                    AS stddev_ms, --@ <1.8
       s.total_exec_time                                AS exec_ms, --@ >=1.8
       s.stddev_exec_time                               AS stddev_ms, --@ >=1.8
       s.rows::float8                                   AS result_rows,
       s.shared_blks_hit::float8                        AS blocks_hit,
       s.shared_blks_read::float8                       AS blocks_read,
       s.blk_read_time                                  AS block_read_ms, --@ <1.11
       s.shared_blk_read_time                           AS block_read_ms, --@ >=1.11
       (s.temp_blks_read + s.temp_blks_written)::float8 AS temp_blocks,
       NULL::float8                                     AS wal_bytes, --@ <1.8
       s.wal_bytes::float8                              AS wal_bytes, --@ >=1.8
       NULL::float8                                     AS since, --@ <1.11
       pg_catalog.date_part('epoch', s.stats_since)     AS since, --@ >=1.11
       -- The same in every row: since when all is counted, how often the least used went, and whether we see everybody's.
       NULL::float8                                     AS stats_reset, --@ <1.9
       (SELECT pg_catalog.date_part('epoch', i.stats_reset) FROM @extschema@.pg_stat_statements_info AS i) AS stats_reset, --@ >=1.9
       NULL::float8                                     AS evictions, --@ <1.9
       (SELECT i.dealloc::float8 FROM @extschema@.pg_stat_statements_info AS i) AS evictions, --@ >=1.9
       (SELECT pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')) AS sees_all
  FROM @extschema@.pg_stat_statements(false) AS s
  JOIN pg_catalog.pg_database AS d ON d.oid = s.dbid
 WHERE s.queryid IS NOT NULL
 LIMIT 20000
