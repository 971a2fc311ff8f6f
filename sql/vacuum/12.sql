-- When the tables with most dead rows were last vacuumed and analyzed, and how far each is from the threshold at which
-- autovacuum would come, from 18 with its upper bound. Dead rows of all tables are read, through a function: the view takes
-- eight times as long.
WITH counted AS MATERIALIZED (
  SELECT c.oid, c.relpages, pg_catalog.pg_stat_get_dead_tuples(c.oid) AS dead
    FROM pg_catalog.pg_class AS c
   WHERE c.relkind IN ('r', 'm')
     AND c.relpersistence <> 't'
     AND c.oid >= 16384
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)   AS relation,
       t.dead::float8                                                                  AS dead_tuples,
       pg_catalog.pg_stat_get_mod_since_analyze(t.oid)::float8                         AS modified,
       pg_catalog.pg_stat_get_live_tuples(t.oid)::float8                               AS live_tuples,
       pg_catalog.date_part('epoch', now() - pg_catalog.pg_stat_get_last_autovacuum_time(t.oid))  AS autovacuum_seconds,
       pg_catalog.date_part('epoch', now() - pg_catalog.pg_stat_get_last_vacuum_time(t.oid))      AS manual_vacuum_seconds,
       pg_catalog.date_part('epoch', now() - pg_catalog.pg_stat_get_last_autoanalyze_time(t.oid)) AS autoanalyze_seconds,
       pg_catalog.date_part('epoch', now() - pg_catalog.pg_stat_get_last_analyze_time(t.oid))     AS manual_analyze_seconds,
       least(coalesce(o.threshold, pg_catalog.current_setting('autovacuum_vacuum_threshold')::float8)
               + coalesce(o.scale_factor, pg_catalog.current_setting('autovacuum_vacuum_scale_factor')::float8)
               * greatest(c.reltuples, 0),
             -- Below 0 there is no bound; before 18 there is no such setting, which is NULL, and least() ignores it.
             CASE WHEN b.most >= 0 THEN b.most END)                                    AS vacuum_threshold,
       coalesce(o.enabled, true) AND pg_catalog.current_setting('autovacuum')::bool    AS autovacuum_enabled,
       pg_catalog.pg_stat_get_autovacuum_count(t.oid)::float8                          AS autovacuum_count,
       pg_catalog.pg_stat_get_vacuum_count(t.oid)::float8                              AS vacuum_count,
       pg_catalog.pg_stat_get_autoanalyze_count(t.oid)::float8                         AS autoanalyze_count,
       pg_catalog.pg_stat_get_analyze_count(t.oid)::float8                             AS analyze_count,
       t.relpages * pg_catalog.current_setting('block_size')::float8                   AS pages_bytes,
       (SELECT sum(x.dead)::float8 FROM counted AS x)                                  AS all_dead_tuples,
       (SELECT count(*)::float8 FROM counted)                                          AS all_tables
  FROM (SELECT * FROM counted ORDER BY dead DESC, relpages DESC, oid LIMIT $1) AS t
  JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
         SELECT max(r.option_value) FILTER (WHERE r.option_name = 'autovacuum_vacuum_threshold')::float8    AS threshold,
                max(r.option_value) FILTER (WHERE r.option_name = 'autovacuum_vacuum_scale_factor')::float8 AS scale_factor,
                max(r.option_value) FILTER (WHERE r.option_name = 'autovacuum_vacuum_max_threshold')::float8 AS most,
                max(r.option_value) FILTER (WHERE r.option_name = 'autovacuum_enabled')::bool               AS enabled
           FROM pg_catalog.pg_options_to_table(c.reloptions) AS r
       ) AS o ON true
 CROSS JOIN LATERAL (
         SELECT coalesce(o.most, pg_catalog.current_setting('autovacuum_vacuum_max_threshold', true)::float8) AS most
       ) AS b
 ORDER BY t.dead DESC, t.relpages DESC, t.oid
