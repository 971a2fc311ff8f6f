-- Indexes that no query may use, mostly left behind by a CREATE INDEX CONCURRENTLY that failed; every write pays for
-- those that are maintained all the same. A partitioned one is invalid until each partition has its index attached. One that is being built right now is not yet valid, and not counted.
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(x.relname)   AS index,
       pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.relname)  AS relation,
       x.relpages * pg_catalog.current_setting('block_size')::float8                   AS size_bytes,
       i.indisready                                                                    AS is_maintained,
       count(*) OVER ()::float8                                                        AS all_indexes
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
  JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
 WHERE NOT i.indisvalid
   AND x.relkind IN ('i', 'I')
   AND i.indexrelid NOT IN (SELECT p.index_relid FROM pg_catalog.pg_stat_progress_create_index AS p
                             WHERE p.index_relid IS NOT NULL)
 ORDER BY x.relpages DESC, index
 LIMIT $1
