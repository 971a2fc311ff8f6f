-- Tables without a primary key, largest first: logical replication cannot update them, and nothing distinguishes equal rows.
WITH bare AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relnamespace,
         -- A partitioned table has no pages of its own, which is -1 once it was analyzed.
         greatest(c.relpages, 0) AS relpages
    FROM pg_catalog.pg_class AS c
   WHERE c.relkind IN ('r', 'p')
     AND c.relpersistence <> 't'
     AND NOT c.relispartition
     AND c.oid >= 16384
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(b.relname)   AS relation,
       b.relpages * pg_catalog.current_setting('block_size')::float8                   AS size_bytes,
       (SELECT count(*)::float8 FROM bare)                                             AS all_tables
  FROM (SELECT * FROM bare ORDER BY relpages DESC, oid LIMIT $1) AS b
  JOIN pg_catalog.pg_namespace AS n ON n.oid = b.relnamespace
 ORDER BY b.relpages DESC, relation
