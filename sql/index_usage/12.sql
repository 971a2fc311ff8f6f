-- Sizes and scans of the largest indexes; from 16 with the time of the last scan. An index that has, or waits for, ACCESS
-- EXCLUSIVE (REINDEX, DROP) is listed without a size, since the size function would wait behind it. Ranked by pages as last
-- vacuumed or analyzed; a B-tree that has been empty until then is ranked by the rows of its table, about 400 to a page.
WITH locked AS MATERIALIZED (
  SELECT l.relation AS oid
    FROM pg_catalog.pg_locks AS l
   WHERE l.locktype = 'relation'
     AND l.mode = 'AccessExclusiveLock'
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
), largest AS MATERIALIZED (
  SELECT c.oid, c.oid IN (SELECT oid FROM locked) AS is_locked
    FROM pg_catalog.pg_class AS c
    LEFT JOIN pg_catalog.pg_index AS e ON e.indexrelid = c.oid AND c.relpages <= 1 AND c.relam = 403 AND e.indpred IS NULL
   WHERE c.relkind = 'i'
     AND c.relpersistence <> 't'
     AND c.oid >= 16384
     AND c.relnamespace <> 'pg_toast'::regnamespace
   ORDER BY greatest(c.relpages, pg_catalog.pg_stat_get_live_tuples(e.indrelid) / 400) DESC, c.oid
   LIMIT $1
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(x.relname)   AS index,
       pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.relname)  AS relation,
       CASE WHEN NOT l.is_locked THEN pg_catalog.pg_relation_size(x.oid)::float8 END   AS size_bytes,
       CASE WHEN NOT l.is_locked THEN pg_catalog.date_part('epoch', now()) END         AS measured_at,
       pg_catalog.pg_stat_get_numscans(x.oid)::float8                                  AS scans,
       NULL::float8                                                                    AS last_scan_seconds, --@ <16
       pg_catalog.date_part('epoch', now() - pg_catalog.pg_stat_get_lastscan(x.oid))   AS last_scan_seconds, --@ >=16
       i.indisunique                                                                   AS is_unique,
       i.indisprimary                                                                  AS is_primary
  FROM largest AS l
  JOIN pg_catalog.pg_class AS x ON x.oid = l.oid
  JOIN pg_catalog.pg_index AS i ON i.indexrelid = x.oid
  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
  JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
 ORDER BY size_bytes DESC NULLS LAST, index
