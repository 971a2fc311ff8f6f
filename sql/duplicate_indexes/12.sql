-- Indexes that another index of their table makes superfluous: the same in everything (method, columns, order, collation,
-- operator classes, expressions, condition, uniqueness), or a btree whose columns another one begins with. Never one that
-- a constraint, a foreign key's target, the replica identity or CLUSTER needs, nor a unique one that enforces more than
-- the other. Of two that are the same in everything the older is kept. Of a partitioned index the root is listed.
-- Expressions are compared by their text, since stored trees hold places in the original statement before 17. The text
-- waits behind ACCESS EXCLUSIVE on the table: expression and partial indexes of such a table are left out.
WITH locked AS MATERIALIZED (
  SELECT l.relation AS oid
    FROM pg_catalog.pg_locks AS l
   WHERE l.locktype = 'relation'
     AND l.mode = 'AccessExclusiveLock'
     AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
), usable AS MATERIALIZED (
  SELECT i.indexrelid, i.indrelid, i.indkey[0] AS first_column
    FROM pg_catalog.pg_index AS i
   WHERE i.indexrelid >= 16384
     AND i.indisvalid
     AND i.indisready
     AND i.indislive
), candidate AS MATERIALIZED (
  SELECT indrelid, first_column FROM usable GROUP BY indrelid, first_column HAVING count(*) > 1
), described AS MATERIALIZED (
  SELECT i.indexrelid, i.indrelid, c.relname, c.relnamespace, c.relkind, c.relpages, c.relam,
         c.relispartition, m.amname = 'btree'                                   AS is_btree,
         i.indisunique, i.indimmediate, i.indnkeyatts                           AS keys,
         (i.indkey::int2[])[0:i.indnkeyatts - 1]                                AS key_columns,
         i.indkey::int2[]                                                       AS all_columns,
         i.indclass::oid[]                                                      AS classes,
         i.indcollation::oid[]                                                  AS collations,
         i.indoption::int2[]                                                    AS orders,
         coalesce(pg_catalog.pg_get_expr(i.indexprs, i.indrelid), '')           AS expressions,
         coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), '')            AS condition,
         -- From 15; a column that is not there is NULL.
         coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::bool, false) AS nulls_not_distinct,
         (SELECT pg_catalog.array_agg(a.attnum::text || a.attoptions::text ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute AS a
           WHERE a.attrelid = i.indexrelid AND a.attoptions IS NOT NULL)        AS class_options,
         c.reloptions,
         i.indisprimary OR i.indisexclusion OR i.indisreplident OR i.indisclustered
           OR EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid) AS is_needed
    FROM candidate AS k
    JOIN usable AS u ON u.indrelid = k.indrelid AND u.first_column = k.first_column
    JOIN pg_catalog.pg_index AS i ON i.indexrelid = u.indexrelid
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_am AS m ON m.oid = c.relam
   WHERE c.relpersistence <> 't'
     AND (i.indexprs IS NULL AND i.indpred IS NULL OR i.indrelid NOT IN (SELECT oid FROM locked))
), covered AS MATERIALIZED (
  SELECT x.indexrelid, k.indexrelid AS kept, k.keys > x.keys OR NOT k.all_columns <@ x.all_columns AS is_prefix
    FROM described AS x
    JOIN described AS k
      ON k.indrelid = x.indrelid
     AND k.indexrelid <> x.indexrelid
     AND k.relam = x.relam
     AND k.condition = x.condition
     AND k.key_columns[1:x.keys] = x.key_columns
     AND k.classes[0:x.keys - 1] = x.classes[0:x.keys - 1]
     AND k.collations[0:x.keys - 1] = x.collations[0:x.keys - 1]
     AND k.orders[0:x.keys - 1] = x.orders[0:x.keys - 1]
     AND k.class_options IS NOT DISTINCT FROM x.class_options
     -- What else it holds, by INCLUDE, the other one holds, too.
     AND k.all_columns @> x.all_columns
     AND (x.is_btree OR k.reloptions IS NOT DISTINCT FROM x.reloptions)
   WHERE NOT x.is_needed
     -- A partition's index goes with that of its root.
     AND NOT x.relispartition
     AND CASE WHEN k.keys = x.keys
              THEN k.expressions = x.expressions
                   AND (NOT x.indisunique
                        OR k.indisunique AND k.indimmediate AND k.nulls_not_distinct = x.nulls_not_distinct)
              ELSE x.is_btree
                   AND NOT x.indisunique
                   AND (x.expressions = '' OR k.expressions = x.expressions
                        OR pg_catalog.starts_with(k.expressions, x.expressions || ', ')) END
     -- Where each could replace the other, the one that is needed stays, else the older.
     AND (k.is_needed
          OR k.indexrelid < x.indexrelid
          OR k.keys > x.keys
          OR k.indisunique AND NOT x.indisunique
          OR NOT k.all_columns <@ x.all_columns)
), superfluous AS MATERIALIZED (
  -- The one named to stay must not be on the list itself.
  SELECT DISTINCT ON (c.indexrelid)
         c.indexrelid, c.kept, c.is_prefix, x.indrelid, x.relname, x.relnamespace,
         CASE x.relkind
           WHEN 'i' THEN x.relpages
           ELSE (WITH RECURSIVE part AS (
                   SELECT h.inhrelid FROM pg_catalog.pg_inherits AS h WHERE h.inhparent = x.indexrelid
                    UNION ALL
                   SELECT h.inhrelid FROM part AS p JOIN pg_catalog.pg_inherits AS h ON h.inhparent = p.inhrelid)
                 SELECT coalesce(sum(l.relpages), 0)
                   FROM part AS p JOIN pg_catalog.pg_class AS l ON l.oid = p.inhrelid AND l.relkind = 'i')
         END::float8 * pg_catalog.current_setting('block_size')::float8      AS size_bytes
    FROM covered AS c
    JOIN described AS x ON x.indexrelid = c.indexrelid
   WHERE c.kept NOT IN (SELECT indexrelid FROM covered)
   ORDER BY c.indexrelid, c.is_prefix, c.kept
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(x.relname)   AS index,
       pg_catalog.quote_ident(kn.nspname) || '.' || pg_catalog.quote_ident(k.relname)  AS same_as,
       x.is_prefix                                                                     AS is_prefix,
       pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.relname)  AS relation,
       x.size_bytes                                                                    AS size_bytes,
       a.duplicates                                                                    AS all_indexes,
       a.duplicate_bytes                                                               AS all_bytes,
       a.prefixes                                                                      AS all_prefixes,
       a.prefix_bytes                                                                  AS all_prefix_bytes
  FROM (SELECT * FROM superfluous ORDER BY size_bytes DESC, indexrelid LIMIT $1) AS x
  JOIN pg_catalog.pg_class AS k ON k.oid = x.kept
  JOIN pg_catalog.pg_class AS t ON t.oid = x.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
  JOIN pg_catalog.pg_namespace AS kn ON kn.oid = k.relnamespace
  JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
 CROSS JOIN (SELECT (count(*) FILTER (WHERE NOT s.is_prefix))::float8                        AS duplicates,
                    coalesce(sum(s.size_bytes) FILTER (WHERE NOT s.is_prefix), 0)::float8    AS duplicate_bytes,
                    (count(*) FILTER (WHERE s.is_prefix))::float8                            AS prefixes,
                    coalesce(sum(s.size_bytes) FILTER (WHERE s.is_prefix), 0)::float8        AS prefix_bytes
               FROM superfluous AS s) AS a
 ORDER BY x.size_bytes DESC, index
