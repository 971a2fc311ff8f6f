-- Texts of statements that were not seen before. Whatever is asked for, the server reads all texts: so seldom, and all
-- that are missing at once. Cut, since some programs send megabytes.
SELECT s.queryid                                                             AS queryid,
       pg_catalog.left(min(s.query), 10000)                                  AS query
  FROM @extschema@.pg_stat_statements(true) AS s
 WHERE s.queryid = ANY ($1::int8[])
 GROUP BY s.queryid
 LIMIT 1000
