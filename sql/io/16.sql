-- Reads and writes of files by who did them, on what and in which way of working; what did nothing is left out. Before 18
-- the server counts operations of one size each, which gives the bytes.
SELECT i.backend_type                                                       AS backend_type,
       i.object                                                             AS object,
       i.context                                                            AS context,
       i.reads::float8                                                      AS reads,
       i.reads::float8 * i.op_bytes                                         AS read_bytes,
       i.read_time / 1000                                                   AS read_seconds,
       i.writes::float8                                                     AS writes,
       i.writes::float8 * i.op_bytes                                        AS write_bytes,
       i.write_time / 1000                                                  AS write_seconds,
       i.extends::float8                                                    AS extends,
       i.extends::float8 * i.op_bytes                                       AS extend_bytes,
       i.hits::float8                                                       AS hits,
       i.evictions::float8                                                  AS evictions,
       i.fsyncs::float8                                                     AS fsyncs,
       pg_catalog.date_part('epoch', i.stats_reset)                         AS stats_reset
  FROM pg_catalog.pg_stat_io AS i
 WHERE i.reads > 0 OR i.writes > 0 OR i.extends > 0 OR i.hits > 0 OR i.fsyncs > 0
 ORDER BY i.backend_type, i.object, i.context
 LIMIT 200
