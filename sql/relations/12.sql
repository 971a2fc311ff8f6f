-- Whether relations may have come or gone, in constant time: the newest oid, and rows of pg_class and pg_namespace written
-- since statistics began. Before 15 reading a statistic would load the statistics of all tables, so there a drop or a new name
-- is found by the list, which is then read every hour.
SELECT (SELECT r.oid::text::float8 FROM pg_catalog.pg_class AS r ORDER BY r.oid DESC LIMIT 1) AS newest_oid,
       NULL::float8                                                            AS catalog_writes --@ <15
       (pg_catalog.pg_stat_get_tuples_inserted(c.oid) --@ >=15
          + pg_catalog.pg_stat_get_tuples_updated(c.oid) --@ >=15
          + pg_catalog.pg_stat_get_tuples_deleted(c.oid) --@ >=15
          + pg_catalog.pg_stat_get_tuples_updated(n.oid))::float8              AS catalog_writes --@ >=15
  FROM (SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid)       AS c (oid),
       (SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass::pg_catalog.oid)   AS n (oid)
