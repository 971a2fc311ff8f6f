-- Every database, with what says that its size may have moved: rows written in it since its statistics were reset, and
-- whether somebody is at work whose rows are not counted yet: they are at the end of a transaction, and up to 14 when the
-- session next does something. Only those are measured (database_size), since a size adds up all files of a database. On
-- a standby nothing counts what is replayed.
SELECT d.datname::text                                                             AS db,
       d.oid::text                                                                 AS oid,
       CASE WHEN NOT pg_catalog.pg_is_in_recovery()
            THEN pg_catalog.concat_ws(' ', pg_catalog.pg_stat_get_db_tuples_inserted(d.oid),
                                           pg_catalog.pg_stat_get_db_tuples_updated(d.oid),
                                           pg_catalog.pg_stat_get_db_tuples_deleted(d.oid)) END AS written,
       d.oid IN (SELECT a.datid
                   FROM pg_catalog.pg_stat_get_activity(NULL) AS a
                  WHERE a.datid IS NOT NULL
                    AND a.xact_start IS NOT NULL --@ >=15
                    AND a.backend_type IS DISTINCT FROM 'autovacuum worker' --@ <15
                    AND coalesce(a.application_name, '') NOT LIKE 'pgmon/%')       AS is_busy,
       NULL::float8                                                                AS size_bytes,
       NULL::float8                                                                AS measured_at,
       NULL::float8                                                                AS tried_at,
       count(*) OVER ()::float8                                                    AS all_databases
  FROM pg_catalog.pg_database AS d
 WHERE d.datallowconn
   AND d.datname <> 'rdsadmin'
 ORDER BY db
 LIMIT 500
