-- What keeps vacuum from removing dead rows: the oldest snapshots of sessions, slots, prepared transactions and standbys,
-- in transactions. Our own sessions hold none for longer than their statement.
WITH held AS (
  SELECT 'backend' AS holder, a.pid::text AS name, a.datname::text AS held_in, a.application_name AS detail,
         pg_catalog.age(a.backend_xmin) AS xmin_age
    FROM pg_catalog.pg_stat_activity AS a
   WHERE a.backend_xmin IS NOT NULL
     AND a.backend_type <> 'walsender'
     AND a.application_name NOT LIKE 'pgmon/%'
   UNION ALL
  SELECT 'slot', s.slot_name::text, s.database::text, s.slot_type,
         greatest(pg_catalog.age(s.xmin), pg_catalog.age(s.catalog_xmin))
    FROM pg_catalog.pg_replication_slots AS s
   WHERE s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL
   UNION ALL
  SELECT 'prepared transaction', x.gid, x.database::text, NULL, pg_catalog.age(x.transaction)
    FROM pg_catalog.pg_prepared_xacts AS x
   UNION ALL
  SELECT 'standby', coalesce(nullif(r.application_name, ''), r.client_addr::text, 'pid ' || r.pid), NULL, r.state,
         pg_catalog.age(r.backend_xmin)
    FROM pg_catalog.pg_stat_replication AS r
   WHERE r.backend_xmin IS NOT NULL
)
SELECT h.holder                                        AS holder,
       h.name                                          AS name,
       h.held_in                                       AS held_in,
       h.detail                                        AS detail,
       h.xmin_age::float8                              AS xmin_age
  FROM (SELECT *, pg_catalog.row_number() OVER (PARTITION BY holder ORDER BY xmin_age DESC, name) AS nth FROM held) AS h
 WHERE h.nth <= 5
 ORDER BY h.xmin_age DESC, h.holder, h.name
 LIMIT 20
