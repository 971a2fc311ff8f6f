-- How far each sequence is towards the end of its type, or of the column's that it feeds where that is smaller. One that
-- cycles has no end. Without a privilege on a sequence its value is hidden, which is said and is not 0. Reading it waits
-- behind ACCESS EXCLUSIVE: what has or waits for it is left out.
WITH locked AS MATERIALIZED (
  SELECT l.relation AS oid
    FROM pg_catalog.pg_locks AS l
   WHERE l.locktype = 'relation'
     AND l.mode = 'AccessExclusiveLock'
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
), bounded AS MATERIALIZED (
  SELECT s.seqrelid, c.relname, c.relnamespace, s.seqincrement, s.seqstart,
         pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT, USAGE') AS readable,
         greatest(s.seqmin, CASE a.atttypid WHEN 'int2'::regtype THEN -32768 WHEN 'int4'::regtype THEN -2147483648
                            ELSE -9223372036854775808 END) AS lowest,
         least(s.seqmax, CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647
                         ELSE 9223372036854775807 END)     AS highest,
         pg_catalog.quote_ident(a.attname)                AS column_name
    FROM pg_catalog.pg_sequence AS s
    JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
    LEFT JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid
                                       AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
   WHERE NOT s.seqcycle
     AND s.seqrelid NOT IN (SELECT oid FROM locked)
), used AS MATERIALIZED (
  SELECT b.*, CASE WHEN b.readable THEN pg_catalog.pg_sequence_last_value(b.seqrelid) END AS last_value
    FROM bounded AS b
), rated AS (
  SELECT u.*,
         CASE WHEN NOT u.readable THEN NULL
              WHEN u.last_value IS NULL THEN 0
              WHEN u.seqincrement > 0 THEN (u.last_value::float8 - u.lowest + 1) / (u.highest::float8 - u.lowest + 1)
              ELSE (u.highest::float8 - u.last_value + 1) / (u.highest::float8 - u.lowest + 1) END AS used_ratio
    FROM used AS u
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(r.relname) AS sequence,
       r.column_name                                                                AS column_name,
       r.used_ratio                                                                 AS used_ratio,
       CASE WHEN NOT r.readable THEN NULL
            WHEN r.seqincrement > 0 THEN (r.highest::float8 - coalesce(r.last_value, r.seqstart)) / r.seqincrement
            ELSE (coalesce(r.last_value, r.seqstart)::float8 - r.lowest) / -r.seqincrement END AS values_left,
       (SELECT count(*)::float8 FROM rated)                                         AS all_sequences,
       (SELECT count(*)::float8 FROM rated AS a WHERE NOT a.readable)               AS unreadable
  FROM rated AS r
  JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace
 ORDER BY r.used_ratio DESC NULLS LAST, sequence
 LIMIT $1
