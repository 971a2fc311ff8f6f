-- Counters of the statements that ran since the last pass. Without the texts: with them, reading would spill all texts to a
-- temp file at every call, whatever LIMIT and WHERE say. All entries are compared: the first N by lifetime totals are not
-- the first N of the last minute, and a statement without a baseline would show its lifetime as one minute. As the
-- server has them, in milliseconds and without casts. Our own statements count among the entries and nowhere else.
--
-- $1: marks of the entries as they were last read, none to read all; $2: the databases that there were then, since a
-- dropped or renamed one changes no entry. An entry with a known mark is as it was and stays here: sending 5,000
-- of them takes the server as long as reading them. `gone` is the place in $1 of a mark that no entry has any more.
WITH here AS MATERIALIZED (
  SELECT pg_catalog.jsonb_object_agg(d.oid, d.datname) AS names,
         -- A server that logs statements which take so long logs their parameters, too: 100 kB of marks with 5,000 entries.
         pg_catalog.current_setting('log_statement') = 'all'
           OR pg_catalog.current_setting('log_min_duration_statement')::interval BETWEEN '0' AND '200 ms'
           OR coalesce(pg_catalog.substring(pg_catalog.current_setting('auto_explain.log_min_duration', true),
                                            '^[0-9]+(?:ms|s)?$')::interval <= '200 ms', false) AS are_logged,
         pg_catalog.md5(pg_catalog.string_agg(d.oid::text || ' ' || d.datname::text, ' ' ORDER BY d.oid)) AS databases
    FROM pg_catalog.pg_database AS d
)
SELECT k.place::int4                                    AS gone,
       s.mark::text                                     AS mark,
       (SELECT h.databases FROM here AS h)              AS databases,
       (SELECT h.are_logged FROM here AS h)             AS are_logged,
       s.userid                                         AS user_id,
       s.userid = (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = current_user) AS own,
       (SELECT h.names FROM here AS h) ->> s.dbid::text AS db,
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
  FROM (SELECT x.*,
               pg_catalog.hashint8extended(x.queryid, pg_catalog.hashfloat8extended(x.total_time, x.calls --@ <1.8
               pg_catalog.hashint8extended(x.queryid, pg_catalog.hashfloat8extended(x.total_exec_time, x.calls --@ >=1.8
                 # (x.dbid::int8 << 32) # (x.userid::int8 << 1))) AS mark --@ <1.9
                 # (x.dbid::int8 << 32) # (x.userid::int8 << 1) # x.toplevel::int4)) AS mark --@ >=1.9
          FROM @extschema@.pg_stat_statements(false) AS x
         WHERE x.queryid IS NOT NULL) AS s
  FULL JOIN pg_catalog.unnest(CASE WHEN $2 = (SELECT h.databases FROM here AS h) THEN $1::int8[] ELSE '{}' END)
            WITH ORDINALITY AS k (mark, place) ON k.mark = s.mark
 WHERE k.mark IS NULL AND (SELECT h.names FROM here AS h) ->> s.dbid::text IS NOT NULL
    OR s.mark IS NULL
 LIMIT 20000
