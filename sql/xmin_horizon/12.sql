-- What keeps vacuum from removing dead rows: the oldest snapshots of sessions, slots, prepared transactions and standbys,
-- in transactions. Our own sessions hold none for longer than their statement.
WITH held AS (
  SELECT CASE a.backend_type WHEN 'walsender' THEN 'standby' ELSE 'backend' END AS holder,
         CASE a.backend_type WHEN 'walsender' THEN a.application_name ELSE a.pid::text END AS name,
         a.datid, NULL::text AS held_in, coalesce(a.application_name, '') AS detail,
         pg_catalog.age(a.backend_xmin) AS xmin_age
    FROM pg_catalog.pg_stat_get_activity(NULL) AS a
   WHERE a.backend_xmin IS NOT NULL
     AND coalesce(a.application_name, '') NOT LIKE 'pgmon/%'
   UNION ALL
  SELECT 'slot', s.slot_name::text, NULL, s.database::text, s.slot_type,
         greatest(pg_catalog.age(s.xmin), pg_catalog.age(s.catalog_xmin))
    FROM pg_catalog.pg_replication_slots AS s
   WHERE s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL
   UNION ALL
  SELECT 'prepared transaction', x.gid, NULL, x.database::text, NULL, pg_catalog.age(x.transaction)
    FROM pg_catalog.pg_prepared_xacts AS x
)
SELECT h.holder                                        AS holder,
       h.name                                          AS name,
       coalesce(h.held_in, d.datname::text)            AS held_in,
       h.detail                                        AS detail,
       h.xmin_age::float8                              AS xmin_age
  FROM (SELECT *, pg_catalog.row_number() OVER (PARTITION BY holder ORDER BY xmin_age DESC, name) AS nth FROM held) AS h
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = h.datid
 WHERE h.nth <= 5
 ORDER BY h.xmin_age DESC, h.holder, h.name
 LIMIT 20
