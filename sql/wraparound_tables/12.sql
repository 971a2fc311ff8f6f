-- Tables that hold the oldest transactions and multixacts, each with its TOAST table: these are what a vacuum has to
-- freeze before the database's age goes down.
WITH aged AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relnamespace,
         greatest(pg_catalog.age(c.relfrozenxid), coalesce(pg_catalog.age(t.relfrozenxid), 0))          AS tx_age,
         greatest(pg_catalog.mxid_age(c.relminmxid), coalesce(pg_catalog.mxid_age(t.relminmxid), 0))    AS mxid_age
    FROM pg_catalog.pg_class AS c
    LEFT JOIN pg_catalog.pg_class AS t ON t.oid = c.reltoastrelid
   WHERE c.relkind IN ('r', 'm')
     AND c.relfrozenxid <> '0'
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(a.relname) AS relation,
       a.tx_age::float8                                                             AS tx_age,
       a.mxid_age::float8                                                           AS mxid_age
  FROM (SELECT * FROM aged ORDER BY tx_age DESC, mxid_age DESC, oid LIMIT $1) AS a
  JOIN pg_catalog.pg_namespace AS n ON n.oid = a.relnamespace
 ORDER BY a.tx_age DESC, a.mxid_age DESC, relation
