-- Indexes of one table that are the same in everything: method, columns, order, collation, operator classes, expressions
-- and condition. The one to keep is that which a constraint needs, else the older one. Definitions are compared only
-- where a table has two indexes on the same columns, which few have.
WITH candidate AS MATERIALIZED (
  SELECT i.indrelid, i.indkey::int2[] AS keys
    FROM pg_catalog.pg_index AS i
   WHERE i.indexrelid >= 16384
     AND i.indisvalid
   GROUP BY i.indrelid, i.indkey::int2[]
  HAVING count(*) > 1
), defined AS MATERIALIZED (
  SELECT i.indexrelid, i.indrelid, c.relname, c.relnamespace, c.relpages,
         pg_catalog.row_number() OVER same                    AS nth,
         pg_catalog.first_value(i.indexrelid) OVER same       AS kept
    FROM candidate AS k
    JOIN pg_catalog.pg_index AS i ON i.indrelid = k.indrelid AND i.indkey::int2[] = k.keys
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
   WHERE i.indisvalid
     AND c.relkind = 'i'
     AND c.relpersistence <> 't'
  WINDOW same AS (PARTITION BY i.indrelid, c.relam, i.indkey::text, i.indnkeyatts, i.indclass::text, i.indcollation::text,
                               i.indoption::text, i.indexprs::text, i.indpred::text
                      ORDER BY i.indisprimary DESC, i.indisunique DESC, i.indexrelid)
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(x.relname)   AS index,
       pg_catalog.quote_ident(kn.nspname) || '.' || pg_catalog.quote_ident(k.relname)  AS same_as,
       pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.relname)  AS relation,
       x.relpages * pg_catalog.current_setting('block_size')::float8                   AS size_bytes,
       (SELECT count(*)::float8 FROM defined AS a WHERE a.nth > 1)                     AS all_indexes,
       (SELECT sum(a.relpages) * pg_catalog.current_setting('block_size')::float8
          FROM defined AS a WHERE a.nth > 1)                                           AS all_bytes
  FROM (SELECT * FROM defined WHERE nth > 1 ORDER BY relpages DESC, indexrelid LIMIT $1) AS x
  JOIN pg_catalog.pg_class AS k ON k.oid = x.kept
  JOIN pg_catalog.pg_class AS t ON t.oid = x.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
  JOIN pg_catalog.pg_namespace AS kn ON kn.oid = k.relnamespace
  JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
 ORDER BY x.relpages DESC, index
