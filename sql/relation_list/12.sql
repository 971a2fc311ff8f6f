-- Tables, views and indexes of users, behind one row with their digest; none if it is $1, that of the last list. Neither
-- temporary ones, nor what belongs to an extension, nor what REINDEX CONCURRENTLY builds beside an index and takes away
-- again. Written so that no sort and no join of 10,000 tables spills to a file; nothing waits behind a lock of a relation.
WITH digest AS MATERIALIZED (
  SELECT pg_catalog.concat_ws(' ', count(*),
           pg_catalog.sum(pg_catalog.hashtextextended(c.relname::text,
             (c.oid::bigint << 32) + c.relnamespace::bigint * 2 + c.relispartition::int)),
           (SELECT pg_catalog.sum(pg_catalog.hashtextextended(n.nspname::text, n.oid::bigint))
              FROM pg_catalog.pg_namespace AS n WHERE n.nspname !~ '^pg_'))             AS digest
    FROM pg_catalog.pg_class AS c
   WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f', 'i', 'I')
     AND c.relpersistence <> 't'
     AND c.oid >= 16384
)
SELECT d.digest AS digest, NULL::text AS oid, NULL::text AS relkind, NULL::boolean AS is_partition, NULL::text AS parent,
       NULL::text AS relation
  FROM digest AS d
 UNION ALL
(SELECT NULL, c.oid::text, c.relkind::text, c.relispartition,
        CASE WHEN c.relkind IN ('i', 'I') THEN
          (SELECT i.indrelid::text FROM pg_catalog.pg_index AS i WHERE i.indexrelid = c.oid) END,
        pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
   FROM pg_catalog.pg_class AS c
   JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE (SELECT d.digest FROM digest AS d) <> $1
    AND c.relkind IN ('r', 'p', 'm', 'v', 'f', 'i', 'I')
    AND c.relpersistence <> 't'
    AND c.oid >= 16384
    AND n.nspname <> 'pg_toast'
    AND c.oid NOT IN (SELECT d.objid FROM pg_catalog.pg_depend AS d
                       WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                         AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                         AND d.deptype = 'e')
    AND NOT (c.relkind = 'i' AND c.relname ~ '_cc(new|old)[0-9]*$'
             AND NOT (SELECT i.indisvalid FROM pg_catalog.pg_index AS i WHERE i.indexrelid = c.oid))
  LIMIT 50001)
