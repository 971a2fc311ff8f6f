-- Free and dead space of the largest tables as pgstattuple_approx finds it: it reads the pages that are not known to be
-- all visible, so the tables are taken in their order until 256 MB of such pages. It waits behind ACCESS EXCLUSIVE:
-- what has or waits for it, itself or its TOAST table, is left out.
WITH locked AS MATERIALIZED (
  SELECT l.relation AS oid
    FROM pg_catalog.pg_locks AS l
   WHERE l.locktype = 'relation'
     AND l.mode = 'AccessExclusiveLock'
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
), largest AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relnamespace, c.relpages,
         sum(c.relpages - c.relallvisible) OVER (ORDER BY c.relpages DESC, c.oid)   AS pages_to_read
    FROM pg_catalog.pg_class AS c
   WHERE c.relkind IN ('r', 'm')
     AND c.relpersistence <> 't'
     AND c.oid >= 16384
     AND c.relpages > 0
     AND c.oid NOT IN (SELECT oid FROM locked)
   ORDER BY c.relpages DESC, c.oid
   LIMIT least($1::int4, 20)
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.relname) AS relation,
       s.table_len::float8                                                          AS size_bytes,
       (s.dead_tuple_len + s.approx_free_space)::float8                             AS bloat_bytes
  FROM (SELECT * FROM largest WHERE pages_to_read <= 32768 OFFSET 0) AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
 CROSS JOIN LATERAL @extschema@.pgstattuple_approx(t.oid::regclass) AS s
 ORDER BY bloat_bytes DESC, relation
