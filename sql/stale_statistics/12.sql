-- Tables that changed much since they were last analyzed, by the share of their rows: the planner works with old numbers.
WITH changed AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relnamespace,
         pg_catalog.pg_stat_get_live_tuples(c.oid)           AS live,
         pg_catalog.pg_stat_get_mod_since_analyze(c.oid)     AS modified,
         greatest(pg_catalog.pg_stat_get_last_analyze_time(c.oid),
                  pg_catalog.pg_stat_get_last_autoanalyze_time(c.oid)) AS analyzed_at
    FROM pg_catalog.pg_class AS c
   WHERE c.relkind IN ('r', 'm')
     AND c.relpersistence <> 't'
     AND c.oid >= 16384
), stale AS MATERIALIZED (
  SELECT *
    FROM changed
   WHERE modified > 1000 + 0.1 * live
     AND (analyzed_at IS NULL OR analyzed_at < now() - interval '12 hours')
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(s.relname) AS relation,
       s.modified::float8                                                           AS modified,
       s.live::float8                                                               AS live_tuples,
       pg_catalog.date_part('epoch', now() - s.analyzed_at)                         AS analyze_seconds,
       (SELECT count(*)::float8 FROM stale)                                         AS all_tables
  FROM (SELECT * FROM stale ORDER BY modified DESC, oid LIMIT $1) AS s
  JOIN pg_catalog.pg_namespace AS n ON n.oid = s.relnamespace
 ORDER BY s.modified DESC, relation
