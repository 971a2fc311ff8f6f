-- Size of every database on disk: the server adds up all of its files, 2 ms per 1,000 of them, without a lock. After a second
-- no further database is begun, in an order drawn by lot: what was not measured keeps its last known size.
SELECT d.datname::text                                                                       AS db,
       d.size::float8                                                                        AS size_bytes,
       CASE WHEN d.size IS NOT NULL THEN pg_catalog.date_part('epoch', now()) END            AS measured_at,
       count(*) OVER ()::float8                                                              AS all_databases
  FROM (SELECT x.datname,
               CASE WHEN pg_catalog.clock_timestamp() < pg_catalog.statement_timestamp() + interval '1 second'
                    THEN pg_catalog.pg_database_size(x.oid) END AS size
          FROM (SELECT oid, datname
                  FROM pg_catalog.pg_database
                 WHERE datallowconn
                   AND datname <> 'rdsadmin'
                 ORDER BY pg_catalog.hashtext(datname::text || now()::text)
                OFFSET 0) AS x
        OFFSET 0) AS d
 ORDER BY size_bytes DESC NULLS LAST, db
 LIMIT 500
