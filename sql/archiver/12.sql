-- How archiving of WAL fares; all zero where archive_mode is off.
SELECT a.archived_count::float8                                                                  AS archived,
       a.failed_count::float8                                                                    AS failed,
       a.last_failed_wal                                                                         AS last_failed_wal,
       extract(epoch FROM pg_catalog.clock_timestamp() - a.last_archived_time)::float8           AS last_archived_age_seconds,
       -- Failing now: the last try failed, whatever came before.
       coalesce(a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), false)::int4::float8 AS failing,
       extract(epoch FROM a.stats_reset)::float8                                                 AS stats_reset
  FROM pg_catalog.pg_stat_archiver AS a
