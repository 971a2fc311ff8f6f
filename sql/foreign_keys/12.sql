-- Foreign keys without an index that begins with their columns, in whatever order: each DELETE and each change of the
-- key in the referenced table then reads the whole referencing table. Partitions have the root's, and are not listed.
WITH bare AS MATERIALIZED (
  SELECT k.oid, k.conname, k.conrelid, k.confrelid, k.conkey, c.relpages, c.relname, c.relnamespace
    FROM pg_catalog.pg_constraint AS k
    JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid
   WHERE k.contype = 'f'
     AND k.conparentid = 0
     AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_index AS i
            WHERE i.indrelid = k.conrelid
              AND i.indisvalid
              AND i.indpred IS NULL
              AND (i.indkey::int2[])[0:pg_catalog.cardinality(k.conkey) - 1] @> k.conkey
              AND k.conkey @> (i.indkey::int2[])[0:pg_catalog.cardinality(k.conkey) - 1]
         )
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(b.relname)   AS relation,
       b.conname::text                                                                 AS constraint_name,
       (SELECT pg_catalog.array_agg(a.attname::text ORDER BY p.nth)
          FROM pg_catalog.unnest(b.conkey) WITH ORDINALITY AS p (attnum, nth)
          JOIN pg_catalog.pg_attribute AS a ON a.attrelid = b.conrelid AND a.attnum = p.attnum) AS key_columns,
       pg_catalog.quote_ident(fn.nspname) || '.' || pg_catalog.quote_ident(f.relname)  AS referenced,
       b.relpages * pg_catalog.current_setting('block_size')::float8                   AS size_bytes,
       (SELECT count(*)::float8 FROM bare)                                             AS all_keys
  FROM (SELECT * FROM bare ORDER BY relpages DESC, oid LIMIT $1) AS b
  JOIN pg_catalog.pg_namespace AS n ON n.oid = b.relnamespace
  JOIN pg_catalog.pg_class AS f ON f.oid = b.confrelid
  JOIN pg_catalog.pg_namespace AS fn ON fn.oid = f.relnamespace
 ORDER BY b.relpages DESC, relation, constraint_name
