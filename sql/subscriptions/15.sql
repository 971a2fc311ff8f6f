-- Logical subscriptions of this server: whether each has a worker, how long ago it last heard from its publisher, and from
-- 15 how often applying a change or copying a table failed: an apply that fails again and again stands still.
SELECT s.subname::text                                                      AS subscription,
       pg_catalog.bool_or(s.pid IS NOT NULL)::int4::float8                  AS running,
       max(pg_catalog.date_part('epoch', now() - s.last_msg_receipt_time)) FILTER (WHERE s.relid IS NULL) AS silence_seconds,
       max(pg_catalog.pg_wal_lsn_diff(s.received_lsn, s.latest_end_lsn)) FILTER (WHERE s.relid IS NULL)::float8 AS lag_bytes,
       (count(*) FILTER (WHERE s.relid IS NOT NULL))::float8                AS tables_in_copy,
       max(e.apply_error_count)::float8                                     AS apply_errors,
       max(e.sync_error_count)::float8                                      AS sync_errors,
       max(pg_catalog.date_part('epoch', e.stats_reset))                    AS stats_reset,
       p.subenabled                                                         AS enabled,
       (SELECT pg_catalog.array_agg(u.publication ORDER BY u.publication)
          FROM pg_catalog.unnest(p.subpublications) AS u (publication))     AS publications
  FROM pg_catalog.pg_stat_subscription AS s
  LEFT JOIN pg_catalog.pg_stat_subscription_stats AS e ON e.subid = s.subid
  JOIN pg_catalog.pg_subscription AS p ON p.oid = s.subid
 GROUP BY s.subid, s.subname, p.subenabled, p.subpublications
 ORDER BY subscription
 LIMIT 100
