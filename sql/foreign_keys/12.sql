-- Foreign keys that no index of their table serves: each DELETE and each change of the key in the referenced table then
-- reads the whole referencing table. An index serves whose leading key columns are those of the key, in whatever order,
-- by an equality of the key's and with the column's collation; a partial one only if its condition is that the columns
-- are not NULL, which every look-up by the key implies. BRIN reads whole ranges and does not count. Partitions have the
-- root's key, and are not listed; nor are keys that are NOT ENFORCED, which nothing looks up. Conditions wait behind ACCESS EXCLUSIVE on the table: a key is left out that only a
-- partial index of such a table could serve.
WITH locked AS MATERIALIZED (
  SELECT l.relation AS oid
    FROM pg_catalog.pg_locks AS l
   WHERE l.locktype = 'relation'
     AND l.mode = 'AccessExclusiveLock'
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
), key AS MATERIALIZED (
  SELECT k.oid, k.conname, k.conrelid, k.confrelid, k.conkey, k.conpfeqop, c.relkind, c.relpages, c.relname, c.relnamespace,
         k.conrelid IN (SELECT oid FROM locked) AS is_locked
    FROM pg_catalog.pg_constraint AS k
    JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
   WHERE k.contype = 'f'
     AND k.conparentid = 0
     AND k.conenforced --@ >=18
     AND c.relpersistence <> 't'
), possible AS MATERIALIZED (
  SELECT k.oid, k.conrelid, k.conkey, k.conpfeqop, k.is_locked, i.indexrelid, i.indclass, i.indcollation, i.indkey, i.indpred
    FROM key AS k
    JOIN pg_catalog.pg_index AS i ON i.indrelid = k.conrelid
   WHERE i.indisvalid
     AND i.indisready
     AND i.indnkeyatts >= pg_catalog.cardinality(k.conkey)
     AND (i.indkey::int2[])[0:pg_catalog.cardinality(k.conkey) - 1] @> k.conkey
     AND k.conkey @> (i.indkey::int2[])[0:pg_catalog.cardinality(k.conkey) - 1]
), serving AS MATERIALIZED (
  SELECT DISTINCT l.oid
    FROM possible AS l
    JOIN pg_catalog.pg_class AS x ON x.oid = l.indexrelid
    JOIN pg_catalog.pg_am AS m ON m.oid = x.relam AND m.amname IN ('btree', 'hash', 'gist', 'gin', 'spgist')
   WHERE NOT EXISTS (
           SELECT
             FROM pg_catalog.generate_subscripts(l.conkey, 1) AS p (nth)
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = l.conrelid AND a.attnum = l.conkey[p.nth]
            CROSS JOIN LATERAL (SELECT pg_catalog.array_position((l.indkey::int2[])[0:31], a.attnum) - 1 AS at) AS o
            WHERE l.indcollation[o.at] NOT IN (0, a.attcollation)
               OR NOT EXISTS (SELECT
                                FROM pg_catalog.pg_opclass AS c
                                JOIN pg_catalog.pg_amop AS f ON f.amopfamily = c.opcfamily
                               WHERE c.oid = l.indclass[o.at] AND f.amopopr = l.conpfeqop[p.nth])
         )
     AND CASE WHEN l.indpred IS NULL OR l.is_locked THEN true
              -- Nothing is left of the condition but AND and parentheses.
              ELSE (SELECT pg_catalog.regexp_replace(
                             pg_catalog.pg_get_expr(l.indpred, l.conrelid),
                             '\((' || pg_catalog.string_agg(
                               pg_catalog.regexp_replace(pg_catalog.quote_ident(a.attname), '([][\\.^$*+?(){}|])', '\\\1', 'g'), '|')
                               || ') IS NOT NULL\)', '', 'g')
                      FROM pg_catalog.pg_attribute AS a
                     WHERE a.attrelid = l.conrelid AND a.attnum = ANY (l.conkey)) ~ '^( AND |[()])*$' END
), bare AS MATERIALIZED (
  SELECT k.*,
         CASE k.relkind
           WHEN 'p' THEN (WITH RECURSIVE part AS (
                            SELECT h.inhrelid FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = k.conrelid
                             UNION ALL
                            SELECT h.inhrelid FROM part AS p JOIN pg_catalog.pg_inherits AS h ON h.inhparent = p.inhrelid)
                          SELECT coalesce(sum(c.relpages), 0)
                            FROM part AS p JOIN pg_catalog.pg_class AS c ON c.oid = p.inhrelid AND c.relkind = 'r')
           ELSE k.relpages END::float8 * pg_catalog.current_setting('block_size')::float8 AS size_bytes
    FROM key AS k
   WHERE k.oid NOT IN (SELECT oid FROM serving)
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(b.relname)   AS relation,
       b.conname::text                                                                 AS constraint_name,
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY p.nth)
          FROM pg_catalog.unnest(b.conkey) WITH ORDINALITY AS p (attnum, nth)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = b.conrelid AND a.attnum = p.attnum) AS key_columns,
       pg_catalog.quote_ident(fn.nspname) || '.' || pg_catalog.quote_ident(f.relname)  AS referenced,
       b.size_bytes                                                                    AS size_bytes,
       (SELECT count(*)::float8 FROM bare)                                             AS all_keys
  FROM (SELECT * FROM bare ORDER BY size_bytes DESC, oid LIMIT $1) AS b
  JOIN pg_catalog.pg_namespace AS n ON n.oid = b.relnamespace
  JOIN pg_catalog.pg_class AS f ON f.oid = b.confrelid
  JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.relnamespace
 ORDER BY b.size_bytes DESC, relation, constraint_name
