-- Temporary files by database, through the functions behind pg_stat_database: 0.03 ms instead of 0.27.
SELECT d.datname::text                                                                 AS db,
       pg_catalog.pg_stat_get_db_temp_bytes(d.oid)::float8                             AS temp_bytes,
       pg_catalog.pg_stat_get_db_temp_files(d.oid)::float8                             AS temp_files,
       extract(epoch FROM pg_catalog.pg_stat_get_db_stat_reset_time(d.oid))::float8    AS stats_reset
  FROM pg_catalog.pg_database AS d
 WHERE d.datallowconn
   AND d.datname <> 'rdsadmin'
 ORDER BY temp_bytes DESC NULLS LAST, db
 LIMIT 500
