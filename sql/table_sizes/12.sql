-- Sizes of the largest tables and materialized views, each with its TOAST, and of its indexes.
-- A size function waits behind ACCESS EXCLUSIVE, held or only waited for, on the table, its indexes or its TOAST table:
-- what has one is listed without a size. Ranked by pages as last vacuumed or analyzed, since the true size of all of
-- 10,000 tables would take 40 times as long; a table that was never analyzed is ranked by its rows, about 50 to a page.
WITH locked AS MATERIALIZED (
  SELECT l.relation AS oid
    FROM pg_catalog.pg_locks AS l
   WHERE l.locktype = 'relation'
     AND l.mode = 'AccessExclusiveLock'
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
), unsafe AS MATERIALIZED (
  SELECT oid FROM locked
   UNION SELECT i.indrelid FROM pg_catalog.pg_index AS i WHERE i.indexrelid IN (SELECT oid FROM locked)
   UNION SELECT h.inhparent FROM pg_catalog.pg_inherits AS h WHERE h.inhrelid IN (SELECT oid FROM locked)
   UNION SELECT t.oid FROM pg_catalog.pg_class AS t
          WHERE t.reltoastrelid <> 0 AND t.reltoastrelid IN (SELECT oid FROM locked)
), heap AS MATERIALIZED (
  -- One scan, few columns: tables with their pages, and the pages of TOAST tables that have any.
  SELECT c.oid, c.relkind, c.reltoastrelid,
         CASE WHEN c.relpages > 0 OR c.relkind = 't' THEN c.relpages
              ELSE pg_catalog.pg_stat_get_live_tuples(c.oid) / 50 END AS pages
    FROM pg_catalog.pg_class AS c
   WHERE (c.relkind IN ('r', 'm') OR c.relkind = 't' AND c.relpages > 0)
     AND c.relpersistence <> 't'
     AND c.oid >= 16384
), largest AS MATERIALIZED (
  SELECT h.oid
    FROM heap AS h
    LEFT JOIN heap AS t ON t.relkind = 't' AND t.oid = h.reltoastrelid
   WHERE h.relkind <> 't'
   ORDER BY h.pages + coalesce(t.pages, 0) DESC, h.oid
   LIMIT $1
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.relname) AS relation,
       t.oid::text                                                                   AS oid,
       CASE t.relkind WHEN 'r' THEN 'table' ELSE 'matview' END                       AS relkind,
       CASE WHEN NOT u.is_locked THEN pg_catalog.pg_table_size(t.oid)::float8 END    AS size_bytes,
       CASE WHEN NOT u.is_locked THEN pg_catalog.pg_indexes_size(t.oid)::float8 END  AS indexes_bytes,
       CASE WHEN NOT u.is_locked THEN pg_catalog.date_part('epoch', now()) END       AS measured_at,
       NULL::float8                                                                  AS growth_bytes,
       NULL::float8                                                                  AS growth_seconds
  FROM largest AS l
  JOIN pg_catalog.pg_class AS t ON t.oid = l.oid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
 CROSS JOIN LATERAL (SELECT t.oid IN (SELECT oid FROM unsafe) AS is_locked) AS u
 ORDER BY size_bytes DESC NULLS LAST, relation
