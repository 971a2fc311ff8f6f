-- Free and dead space of the largest tables as pgstattuple_approx finds it. It reads the pages that are not known to be all
-- visible: a table with more than 256 MB of them is not measured, which is said, and the others take turns, 256 MB a pass.
-- Which turn it is is drawn by lot, so that no interval between passes leaves one out for good; what has not its turn keeps
-- its last known value. It waits behind ACCESS EXCLUSIVE: what has or waits for it, itself or its TOAST table, has no turn.
WITH locked AS MATERIALIZED (
  SELECT l.relation AS oid
    FROM pg_catalog.pg_locks AS l
   WHERE l.locktype = 'relation'
     AND l.mode = 'AccessExclusiveLock'
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
), largest AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relnamespace, greatest(c.relpages - c.relallvisible, 0) AS unread
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_am AS m ON m.oid = c.relam AND m.amname = 'heap'
   WHERE c.relkind IN ('r', 'm')
     AND (c.relpersistence = 'p' OR c.relpersistence = 'u' AND NOT pg_catalog.pg_is_in_recovery())
     AND c.oid >= 16384
     AND c.relpages > 0
   ORDER BY c.relpages DESC, c.oid
   LIMIT $1
), turn AS MATERIALIZED (
  -- Those that begin within the same 256 MB; the last of them may end in the next.
  SELECT l.oid, (sum(l.unread) OVER (ORDER BY l.oid) - l.unread)::int8 / 32768 AS nth
    FROM largest AS l
   WHERE l.unread <= 32768
     AND l.oid NOT IN (SELECT oid FROM locked)
), chosen AS MATERIALIZED (
  SELECT t.oid
    FROM turn AS t
   WHERE t.nth = (SELECT n.nth
                    FROM (SELECT DISTINCT nth FROM turn) AS n
                   ORDER BY pg_catalog.hashtext(n.nth::text || pg_catalog.clock_timestamp()::text)
                   LIMIT 1)
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(t.relname) AS relation,
       s.table_len::float8                                                          AS size_bytes,
       (s.dead_tuple_len + s.approx_free_space)::float8                             AS bloat_bytes,
       CASE WHEN s.table_len IS NOT NULL
            THEN pg_catalog.date_part('epoch', now()) END                           AS measured_at,
       t.unread > 32768                                                             AS is_too_large
  FROM largest AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
  LEFT JOIN LATERAL (
         SELECT a.table_len, a.dead_tuple_len, a.approx_free_space
           FROM chosen AS c
          CROSS JOIN LATERAL @extschema@.pgstattuple_approx(c.oid::regclass) AS a
          WHERE c.oid = t.oid
       ) AS s ON true
 ORDER BY bloat_bytes DESC NULLS LAST, relation
