-- Size of every database on disk: the server adds up all of its files, 2 ms per 1,000 of them, without a lock.
SELECT d.datname::text                                                  AS db,
       pg_catalog.pg_database_size(d.oid)::float8                       AS size_bytes
  FROM pg_catalog.pg_database AS d
 WHERE d.datallowconn
   AND d.datname <> 'rdsadmin'
 ORDER BY size_bytes DESC, db
 LIMIT 500
