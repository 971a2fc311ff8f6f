-- How far each sequence is towards its end: that of its type, of its MAXVALUE, or of the smallest column that it feeds, by
-- ownership or by a DEFAULT. One that cycles within its columns has no end. Values below 1 count only where a sequence
-- begins there (descending: above -1). Without a privilege on a sequence its value is hidden, which is said and is not 0.
-- After setval(…, false) the value is not used yet, and pg_sequence_last_value() gives NULL as for a new one: the sequence
-- itself is read then, at most 500 of those that are small enough to end. Reading waits behind ACCESS EXCLUSIVE: what has or
-- waits for it is left out.
WITH locked AS MATERIALIZED (
  SELECT l.relation AS oid
    FROM pg_catalog.pg_locks AS l
   WHERE l.locktype = 'relation'
     AND l.mode = 'AccessExclusiveLock'
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
), fed AS MATERIALIZED (
  -- The smallest column of each sequence. A domain has the length of its base type.
  SELECT DISTINCT ON (u.sequence)
         u.sequence, pg_catalog.quote_ident(a.attname) AS column_name, t.typlen
    FROM (SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS attnum
            FROM pg_catalog.pg_depend AS d
           WHERE d.classid = 'pg_class'::regclass
             AND d.refclassid = 'pg_class'::regclass
             AND d.deptype IN ('a', 'i')
             AND d.refobjsubid > 0
             AND d.objid IN (SELECT seqrelid FROM pg_catalog.pg_sequence)
           UNION
          SELECT d.refobjid, f.adrelid, f.adnum
            FROM pg_catalog.pg_depend AS d
            JOIN pg_catalog.pg_attrdef AS f ON f.oid = d.objid
           WHERE d.classid = 'pg_attrdef'::regclass
             AND d.refclassid = 'pg_class'::regclass
             AND d.refobjid IN (SELECT seqrelid FROM pg_catalog.pg_sequence)) AS u
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = u.relation AND a.attnum = u.attnum
    JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
   ORDER BY u.sequence, CASE WHEN t.typcategory = 'N' AND t.typlen > 0 THEN t.typlen ELSE 8 END, u.relation, u.attnum
), bounded AS MATERIALIZED (
  SELECT s.seqrelid, c.relname, n.nspname, s.seqincrement, s.seqstart, f.column_name,
         pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT, USAGE')                     AS readable,
         pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT')
           AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')                              AS selectable,
         s.seqcycle AND s.seqmin >= w.lowest AND s.seqmax <= w.highest                      AS is_endless,
         greatest(s.seqmin, w.lowest)                                                       AS lowest,
         least(s.seqmax, w.highest)                                                         AS highest
    FROM pg_catalog.pg_sequence AS s
    JOIN pg_catalog.pg_class AS c ON c.oid = s.seqrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN fed AS f ON f.sequence = s.seqrelid
   CROSS JOIN LATERAL (
           SELECT CASE f.typlen WHEN 2 THEN -32768 WHEN 4 THEN -2147483648 ELSE -9223372036854775808 END AS lowest,
                  CASE f.typlen WHEN 2 THEN 32767 WHEN 4 THEN 2147483647 ELSE 9223372036854775807 END    AS highest
         ) AS w
   WHERE c.relpersistence <> 't'
     AND (c.relpersistence = 'p' OR NOT pg_catalog.pg_is_in_recovery())
     AND s.seqrelid NOT IN (SELECT oid FROM locked)
), called AS MATERIALIZED (
  SELECT b.*, CASE WHEN b.readable THEN pg_catalog.pg_sequence_last_value(b.seqrelid) END AS last_value
    FROM bounded AS b
   WHERE NOT b.is_endless
), pending AS MATERIALIZED (
  SELECT p.seqrelid,
         (pg_catalog.regexp_match(
            pg_catalog.query_to_xml(
              pg_catalog.format('SELECT last_value FROM %I.%I', p.nspname, p.relname), false, true, '')::text,
            '<last_value>(-?[0-9]+)<'))[1]::int8 AS next_value
    FROM (SELECT *
            FROM called AS c
           WHERE c.last_value IS NULL
             AND c.selectable
             AND c.highest::float8 - c.lowest < 8589934592
           ORDER BY c.highest::float8 - c.lowest, c.seqrelid DESC
           LIMIT 500) AS p
), used AS MATERIALIZED (
  -- The last used value: before the first one, that is a step before it.
  SELECT c.*, coalesce(c.last_value::float8, coalesce(p.next_value, c.seqstart)::float8 - c.seqincrement) AS at
    FROM called AS c
    LEFT JOIN pending AS p ON p.seqrelid = c.seqrelid
), stepped AS MATERIALIZED (
  SELECT u.*,
         -- Of values that it can give, in steps: 61 of 100 by 60 is the last one.
         floor(CASE WHEN u.seqincrement > 0 THEN u.highest::float8 - e.lowest
                    ELSE e.highest - u.lowest::float8 END / pg_catalog.abs(u.seqincrement::float8)) + 1 AS all_values,
         CASE WHEN u.seqincrement > 0 THEN floor((u.highest::float8 - u.at) / u.seqincrement)
              ELSE floor((u.at - u.lowest::float8) / -u.seqincrement::float8) END               AS values_left
    FROM used AS u
   CROSS JOIN LATERAL (
           SELECT greatest(u.lowest::float8, least(1, u.seqstart::float8, u.at + u.seqincrement))     AS lowest,
                  least(u.highest::float8, greatest(-1, u.seqstart::float8, u.at + u.seqincrement)) AS highest
         ) AS e
), rated AS MATERIALIZED (
  SELECT s.*, least(greatest(1 - s.values_left / greatest(s.all_values, 1), 0), 1)           AS used_ratio
    FROM stepped AS s
)
SELECT pg_catalog.quote_ident(r.nspname) || '.' || pg_catalog.quote_ident(r.relname) AS sequence,
       r.column_name                                                                AS column_name,
       CASE WHEN r.readable THEN r.used_ratio END                                   AS used_ratio,
       CASE WHEN r.readable THEN greatest(r.values_left, 0) END                     AS values_left,
       a.sequences                                                                  AS all_sequences,
       a.near_end                                                                   AS near_end,
       a.unreadable                                                                 AS unreadable,
       a.unreadable_schemas                                                         AS unreadable_schemas,
       pg_catalog.quote_ident(current_user)                                         AS role_name
  FROM rated AS r
 CROSS JOIN (SELECT count(*)::float8                                                AS sequences,
                    (count(*) FILTER (WHERE x.readable AND x.used_ratio > 0.8))::float8 AS near_end,
                    (count(*) FILTER (WHERE NOT x.readable))::float8                AS unreadable,
                    pg_catalog.string_agg(DISTINCT pg_catalog.quote_ident(x.nspname), ', ')
                      FILTER (WHERE NOT x.readable)                                 AS unreadable_schemas
               FROM rated AS x) AS a
 ORDER BY used_ratio DESC NULLS LAST, sequence
-- All that are near their end, as far as a pass has room for them.
 LIMIT greatest($1::int8, least(500, (SELECT count(*) FROM rated AS x WHERE x.readable AND x.used_ratio > 0.8)))
