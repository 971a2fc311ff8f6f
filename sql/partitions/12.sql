-- Partitions with their bounds as the server writes them; times are UTC, since the session's time zone is. Rows are as
-- last counted: enough to tell a default partition that fills from one that is empty.
SELECT pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(p.relname)  AS parent,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)   AS partition,
       k.partstrat::text                                                               AS strategy,
       pg_catalog.pg_get_partkeydef(p.oid)                                             AS partition_key,
       CASE WHEN k.partnatts = 1 THEN pg_catalog.format_type(a.atttypid, NULL) END     AS key_type,
       pg_catalog.pg_get_expr(c.relpartbound, c.oid)                                   AS bound,
       c.oid = k.partdefid                                                             AS is_default,
       greatest(c.reltuples, pg_catalog.pg_stat_get_live_tuples(c.oid), 0)::float8     AS rows_estimate
  FROM pg_catalog.pg_partitioned_table AS k
  JOIN pg_catalog.pg_class AS p ON p.oid = k.partrelid
  JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
  LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = p.oid AND a.attnum = k.partattrs[0]
  LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhparent = p.oid
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = h.inhrelid
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 ORDER BY parent, c.oid
 LIMIT 5000
