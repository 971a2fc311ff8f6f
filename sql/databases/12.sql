-- Work of every database since its statistics were reset. Databases that nobody may connect to have none of interest,
-- and rdsadmin is Amazon's own.
SELECT s.datname::text                                  AS db,
       s.xact_commit::float8                            AS commits,
       s.xact_rollback::float8                          AS rollbacks,
       s.blks_hit::float8                               AS blocks_hit,
       s.blks_read::float8                              AS blocks_read,
       s.blk_read_time::float8 / 1000                   AS block_read_seconds,
       s.blk_write_time::float8 / 1000                  AS block_write_seconds,
       s.tup_returned::float8                           AS rows_returned,
       s.tup_fetched::float8                            AS rows_fetched,
       s.tup_inserted::float8                           AS rows_inserted,
       s.tup_updated::float8                            AS rows_updated,
       s.tup_deleted::float8                            AS rows_deleted,
       s.deadlocks::float8                              AS deadlocks,
       s.conflicts::float8                              AS conflicts,
       NULL::float8                                     AS sessions,
       NULL::float8                                     AS sessions_abandoned,
       NULL::float8                                     AS sessions_fatal,
       NULL::float8                                     AS sessions_killed,
       extract(epoch FROM s.stats_reset)::float8        AS stats_reset
  FROM pg_catalog.pg_stat_database AS s
  JOIN pg_catalog.pg_database AS d ON d.oid = s.datid
 WHERE d.datallowconn
   AND d.datname <> 'rdsadmin'
 ORDER BY commits DESC, db
 LIMIT 500
