-- Indexes that no scan used since the statistics were reset, largest first, without those that a constraint needs and
-- those of partitions, which cannot be dropped without that of the whole table. Sizes
-- are pages as last vacuumed or analyzed: exact enough here, and without a lock.
WITH unused AS MATERIALIZED (
  SELECT c.oid, i.indrelid, c.relpages
    FROM pg_catalog.pg_index AS i
    JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
   WHERE NOT i.indisunique
     AND i.indisvalid
     AND NOT i.indisexclusion
     AND c.relkind = 'i'
     AND NOT c.relispartition
     AND c.relpersistence <> 't'
     AND i.indexrelid >= 16384
     AND pg_catalog.pg_stat_get_numscans(i.indexrelid) = 0
)
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(x.relname)   AS index,
       pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.relname)  AS relation,
       x.relpages * pg_catalog.current_setting('block_size')::float8                   AS size_bytes,
       pg_catalog.date_part('epoch', pg_catalog.pg_stat_get_db_stat_reset_time(
         (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())))
                                                                                       AS counted_since,
       NULL::float8                                                                    AS unused_since,
       (SELECT count(*)::float8 FROM unused)                                           AS all_indexes,
       (SELECT sum(u.relpages) * pg_catalog.current_setting('block_size')::float8 FROM unused AS u) AS all_bytes
  FROM (SELECT * FROM unused ORDER BY relpages DESC, oid LIMIT $1) AS u
  JOIN pg_catalog.pg_class AS x ON x.oid = u.oid
  JOIN pg_catalog.pg_class AS t ON t.oid = u.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
  JOIN pg_catalog.pg_namespace AS tn ON tn.oid = t.relnamespace
 ORDER BY x.relpages DESC, index
