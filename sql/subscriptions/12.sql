-- Logical subscriptions of this server: whether each has a worker, and how long ago it last heard from its publisher. Until 14
-- their oid is not for everybody to read: two of one name, in two databases, cannot be distinguished.
SELECT s.subname::text                                                      AS subscription,
       pg_catalog.bool_or(s.pid IS NOT NULL)::int4::float8                  AS running,
       max(pg_catalog.date_part('epoch', now() - s.last_msg_receipt_time)) FILTER (WHERE s.relid IS NULL) AS silence_seconds,
       max(pg_catalog.pg_wal_lsn_diff(s.received_lsn, s.latest_end_lsn)) FILTER (WHERE s.relid IS NULL)::float8 AS lag_bytes,
       (count(*) FILTER (WHERE s.relid IS NOT NULL))::float8                AS tables_in_copy,
       NULL::float8                                                         AS apply_errors,
       NULL::float8                                                         AS sync_errors,
       NULL::float8                                                         AS stats_reset,
       p.enabled                                                            AS enabled,
       p.publications                                                       AS publications
  FROM pg_catalog.pg_stat_subscription AS s
  LEFT JOIN (SELECT n.subname,
                    pg_catalog.bool_or(n.subenabled)                        AS enabled,
                    pg_catalog.array_agg(u.publication ORDER BY u.publication) AS publications
               FROM pg_catalog.pg_subscription AS n
              CROSS JOIN LATERAL pg_catalog.unnest(n.subpublications) AS u (publication)
              GROUP BY n.subname) AS p ON p.subname = s.subname
 GROUP BY s.subid, s.subname, p.enabled, p.publications
 ORDER BY subscription
 LIMIT 100
