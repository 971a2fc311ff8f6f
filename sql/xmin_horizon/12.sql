-- What keeps vacuum from removing dead rows: sessions, by their snapshot or by their own transaction if that is older,
-- slots, prepared transactions and standbys, in transactions. A session or a prepared transaction holds back its own
-- database and what all databases share; a physical slot or a standby holds back all.
-- Our own sessions hold none for longer than their statement; a plain VACUUM is ignored by others (pg_stat_progress_vacuum).
WITH session AS MATERIALIZED (
  SELECT a.pid, a.datid, a.backend_type, coalesce(a.application_name, '') AS application, a.backend_xid, a.backend_xmin,
         a.xact_start, CASE a.state WHEN 'active' THEN a.query_start ELSE a.xact_start END AS snapshot_since
    FROM pg_catalog.pg_stat_get_activity(NULL) AS a
   WHERE (a.backend_xid IS NOT NULL OR a.backend_xmin IS NOT NULL)
     AND coalesce(a.application_name, '') NOT LIKE 'pgmon/%'
     AND a.pid NOT IN (SELECT v.pid FROM pg_catalog.pg_stat_get_progress_info('VACUUM') AS v)
), prepared AS MATERIALIZED (
  SELECT x.gid, x.database, x.transaction, x.prepared FROM pg_catalog.pg_prepared_xacts AS x
), running AS MATERIALIZED (
  SELECT s.backend_xid AS xid, s.pid, s.datid, s.xact_start AS since FROM session AS s WHERE s.backend_xid IS NOT NULL
   UNION ALL SELECT p.transaction, NULL, d.oid, p.prepared
               FROM prepared AS p JOIN pg_catalog.pg_database AS d ON d.datname = p.database
), held AS (
  SELECT CASE s.backend_type WHEN 'walsender' THEN 'standby' ELSE 'backend' END AS holder,
         CASE s.backend_type WHEN 'walsender' THEN s.application ELSE s.pid::text END AS name,
         s.datid, NULL::text AS held_in, s.application AS detail,
         greatest(pg_catalog.age(s.backend_xid), pg_catalog.age(s.backend_xmin)) AS xmin_age,
         f.datid IS NOT NULL AS is_follower
    FROM session AS s
    -- Whose snapshot is as old as a transaction that ran before it and still runs follows it: that one is the cause. Not so
    -- in another database, whose rows only snapshots of its own hold: there it is named, after the cause, unless it is new.
    LEFT JOIN LATERAL (
           SELECT r.datid
             FROM running AS r
            WHERE r.xid = s.backend_xmin AND r.pid IS DISTINCT FROM s.pid AND r.since <= s.snapshot_since
            LIMIT 1) AS f ON true
   WHERE f.datid IS NULL
      OR f.datid <> s.datid AND s.snapshot_since < now() - interval '5 seconds'
   UNION ALL
  SELECT 'slot', s.slot_name::text, NULL, s.database::text,
         s.slot_type || CASE WHEN s.xmin IS NULL THEN ', of catalogs only' ELSE '' END,
         greatest(pg_catalog.age(s.xmin), pg_catalog.age(s.catalog_xmin)), false
    FROM pg_catalog.pg_replication_slots AS s
   WHERE s.xmin IS NOT NULL OR s.catalog_xmin IS NOT NULL
   UNION ALL
  SELECT 'prepared transaction', p.gid, NULL, p.database::text, NULL, pg_catalog.age(p.transaction), false
    FROM prepared AS p
)
SELECT h.holder                                        AS holder,
       h.name                                          AS name,
       coalesce(h.held_in, d.datname::text)            AS held_in,
       h.detail                                        AS detail,
       h.xmin_age::float8                              AS xmin_age
  FROM (SELECT *, pg_catalog.row_number() OVER (PARTITION BY holder ORDER BY xmin_age DESC, is_follower, name) AS nth FROM held) AS h
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = h.datid
 WHERE h.nth <= 5
 ORDER BY h.xmin_age DESC, h.is_follower, h.holder, h.name
 LIMIT 20
