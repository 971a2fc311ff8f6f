-- Rows and scans of the tables with most dead rows, then of those with most scans, then the largest; totals are of all tables. Through
-- functions, which take a quarter of the view's time at 10,000 tables, and of all tables only what ranks and adds up.
WITH counted AS MATERIALIZED (
  SELECT c.oid, c.relpages,
         pg_catalog.pg_stat_get_live_tuples(c.oid)     AS live,
         pg_catalog.pg_stat_get_dead_tuples(c.oid)     AS dead,
         pg_catalog.pg_stat_get_numscans(c.oid)        AS seq_scans
    FROM pg_catalog.pg_class AS c
   WHERE c.relkind IN ('r', 'm')
     AND c.relpersistence <> 't'
     AND c.oid >= 16384
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)  AS relation,
       t.live::float8                                                                 AS live_tuples,
       t.dead::float8                                                                 AS dead_tuples,
       CASE WHEN t.live + t.dead > 0 THEN 100.0::float8 * t.dead / (t.live + t.dead) ELSE 0 END AS pct_dead,
       t.seq_scans::float8                                                            AS seq_scans,
       pg_catalog.pg_stat_get_tuples_returned(t.oid)::float8                          AS seq_rows,
       (SELECT coalesce(sum(pg_catalog.pg_stat_get_numscans(i.indexrelid)), 0)::float8
          FROM pg_catalog.pg_index AS i WHERE i.indrelid = t.oid)                     AS index_scans,
       pg_catalog.pg_stat_get_tuples_inserted(t.oid)::float8                          AS inserted,
       pg_catalog.pg_stat_get_tuples_updated(t.oid)::float8                           AS updated,
       pg_catalog.pg_stat_get_tuples_hot_updated(t.oid)::float8                       AS hot_updated,
       pg_catalog.pg_stat_get_tuples_deleted(t.oid)::float8                           AS deleted,
       s.live                                                                         AS all_live,
       s.dead                                                                         AS all_dead,
       s.seq_scans                                                                    AS all_seq_scans,
       s.tables                                                                       AS all_tables
  FROM (SELECT * FROM counted ORDER BY dead DESC, seq_scans DESC, relpages DESC, oid LIMIT $1) AS t
  JOIN pg_catalog.pg_class AS c ON c.oid = t.oid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 CROSS JOIN (SELECT sum(live)::float8 AS live, sum(dead)::float8 AS dead, sum(seq_scans)::float8 AS seq_scans,
                    count(*)::float8 AS tables FROM counted) AS s
 ORDER BY t.dead DESC, t.seq_scans DESC, t.relpages DESC, t.oid
