-- Partitions with their bounds as the server writes them; times are UTC, since the session's time zone is. Rows are as
-- counted by the statistics, or by the last analyze where these begin later: enough to tell a default partition that fills
-- from one that is empty. Above the cap every table keeps its
-- default partition and its newest ones, and its count is still that of all. Neither a bound nor a key may wait behind
-- ACCESS EXCLUSIVE: pg_get_expr() opens the relation that it is given, so it is given none (bounds name no column), and the
-- key of a table that has or waits for the lock is left out.
WITH RECURSIVE locked AS MATERIALIZED (
  SELECT l.relation AS oid
    FROM pg_catalog.pg_locks AS l
   WHERE l.locktype = 'relation'
     AND l.mode = 'AccessExclusiveLock'
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
), part AS MATERIALIZED (
  SELECT k.partrelid, h.inhrelid,
         h.inhrelid = k.partdefid                                                        AS is_default,
         count(h.inhrelid) OVER (PARTITION BY k.partrelid)                               AS partitions,
         pg_catalog.row_number() OVER (PARTITION BY k.partrelid
                                           ORDER BY h.inhrelid = k.partdefid DESC, h.inhrelid DESC) AS nth
    FROM pg_catalog.pg_partitioned_table AS k
    LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhparent = k.partrelid
), listed AS MATERIALIZED (
  SELECT * FROM part ORDER BY nth, partrelid DESC LIMIT $1
), parent AS MATERIALIZED (
  SELECT k.partrelid, k.partstrat::text AS strategy,
         pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.relname)   AS name,
         CASE WHEN k.partrelid NOT IN (SELECT oid FROM locked)
              THEN pg_catalog.pg_get_partkeydef(k.partrelid) END                         AS partition_key,
         (SELECT pg_catalog.array_agg(coalesce(a.attname::text, '') ORDER BY i.nth)
            FROM pg_catalog.generate_series(0, k.partnatts - 1) AS i (nth)
            LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.partrelid AND a.attnum = k.partattrs[i.nth]
                                                  AND a.attnum > 0)                      AS key_columns,
         (SELECT pg_catalog.array_agg(coalesce(pg_catalog.format_type(a.atttypid, NULL), '') ORDER BY i.nth)
            FROM pg_catalog.generate_series(0, k.partnatts - 1) AS i (nth)
            LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.partrelid AND a.attnum = k.partattrs[i.nth]
                                                  AND a.attnum > 0)                      AS key_types
    FROM pg_catalog.pg_partitioned_table AS k
    JOIN pg_catalog.pg_class AS p ON p.oid = k.partrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.relnamespace
   WHERE k.partrelid IN (SELECT partrelid FROM listed)
), below (root, oid) AS (
  -- A default partition that is partitioned itself has its rows in its leaves.
  SELECT l.inhrelid, l.inhrelid
    FROM listed AS l
   WHERE l.is_default
   UNION ALL
  SELECT b.root, h.inhrelid
    FROM below AS b
    JOIN pg_catalog.pg_inherits AS h ON h.inhparent = b.oid
), fallback AS MATERIALIZED (
  SELECT b.root,
         sum(CASE WHEN pg_catalog.pg_stat_get_last_analyze_time(c.oid) IS NULL
                   AND pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid) IS NULL
                  THEN greatest(c.reltuples, pg_catalog.pg_stat_get_live_tuples(c.oid), 0)
                  ELSE pg_catalog.pg_stat_get_live_tuples(c.oid) END)::float8            AS rows_estimate
    FROM below AS b
    JOIN pg_catalog.pg_class AS c ON c.oid = b.oid AND c.relkind <> 'p'
   GROUP BY b.root
)
SELECT p.name                                                                            AS parent,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)     AS partition,
       p.strategy                                                                        AS strategy,
       p.partition_key                                                                   AS partition_key,
       p.key_columns                                                                     AS key_columns,
       p.key_types                                                                       AS key_types,
       pg_catalog.pg_get_expr(c.relpartbound, 0)                                         AS bound,
       l.is_default                                                                      AS is_default,
       f.rows_estimate                                                                   AS rows_estimate,
       l.partitions::float8                                                              AS partitions,
       (SELECT count(inhrelid)::float8 FROM part)                                        AS all_partitions
  FROM listed AS l
  JOIN parent AS p ON p.partrelid = l.partrelid
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = l.inhrelid
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN fallback AS f ON f.root = l.inhrelid
 ORDER BY parent, l.nth
