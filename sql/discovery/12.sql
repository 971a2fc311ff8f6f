-- Databases of the server that can be watched: not templates, not closed to connections, and not rdsadmin, Amazon's own.
-- One that the role may not connect to is listed, so that it can be said. Rows written say whether a database has moved:
-- our own sessions only read, so they never count here. Sessions, and who is connected beside us and autovacuum, say
-- whether anybody was there at all: asked of databases beside the connected one, and of the session list, 0.4 ms with 200
-- sessions, only where a database has any.
SELECT d.datname::text                                                       AS database,
       pg_catalog.has_database_privilege(d.oid, 'CONNECT')                   AS may_connect,
       (pg_catalog.pg_stat_get_db_tuples_inserted(d.oid)
          + pg_catalog.pg_stat_get_db_tuples_updated(d.oid)
          + pg_catalog.pg_stat_get_db_tuples_deleted(d.oid))::float8          AS rows_written,
       pg_catalog.pg_stat_get_db_sessions(d.oid)::float8                     AS sessions, --@ >=14
       NULL::float8                                                          AS sessions, --@ <14
       d.datname <> pg_catalog.current_database()
         AND pg_catalog.pg_stat_get_db_numbackends(d.oid) > 0
         AND d.oid IN (SELECT a.datid
                         FROM pg_catalog.pg_stat_get_activity(NULL) AS a
                        WHERE a.datid IS NOT NULL
                          AND a.backend_type IS DISTINCT FROM 'autovacuum worker'
                          AND coalesce(a.application_name, '') NOT LIKE 'pgmon/%') AS in_use
  FROM pg_catalog.pg_database AS d
 WHERE d.datallowconn
   AND NOT d.datistemplate
   AND d.datname <> 'rdsadmin'
 ORDER BY d.datname
 LIMIT 5000
