-- Space that the rows of the largest tables would not need, estimated from the planner's statistics: no page is read.
-- Where the role may not see the statistics of every column there is no estimate, and the row says so by NULL.
WITH largest AS MATERIALIZED (
  SELECT c.oid, c.relname, c.relnamespace, n.nspname, c.relpages, c.reltuples, c.relnatts, c.reloptions
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'm')
     AND c.relpersistence <> 't'
     AND c.oid >= 16384
     AND c.relpages > 0
     AND c.reltuples >= 0
   ORDER BY c.relpages DESC, c.oid
   LIMIT $1
), known AS (
  SELECT t.*, w.widths, w.nulls, w.known_columns,
         (SELECT count(*) FROM pg_catalog.pg_attribute AS a
           WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped)        AS live_columns,
         coalesce((SELECT r.option_value::float8 FROM pg_catalog.pg_options_to_table(t.reloptions) AS r
                    WHERE r.option_name = 'fillfactor'), 100) / 100                 AS fill,
         pg_catalog.current_setting('block_size')::float8                           AS block
    FROM largest AS t
   CROSS JOIN LATERAL (
           SELECT sum((1 - s.null_frac) * s.avg_width)::float8 AS widths,
                  coalesce(bool_or(s.null_frac > 0), false)    AS nulls,
                  count(*)                                     AS known_columns
             FROM pg_catalog.pg_stats AS s
            WHERE s.schemaname = t.nspname AND s.tablename = t.relname AND NOT s.inherited
         ) AS w
), expected AS (
  -- A row has a header of 23 bytes and, where it has NULLs, a bit for each column, aligned to 8; its data, aligned; and
  -- a pointer of 4. A page has a header of 24.
  SELECT k.*,
         ceil(k.reltuples
              * (ceil((23 + CASE WHEN k.nulls THEN ceil(k.relnatts / 8.0) ELSE 0 END) / 8) * 8 + ceil(k.widths / 8) * 8 + 4)
              / ((k.block - 24) * k.fill))                                          AS pages
    FROM known AS k
)
SELECT pg_catalog.quote_ident(e.nspname) || '.' || pg_catalog.quote_ident(e.relname) AS relation,
       e.relpages * e.block                                                         AS size_bytes,
       CASE WHEN e.known_columns = e.live_columns
            THEN greatest(e.relpages - e.pages, 0) * e.block END                    AS bloat_bytes
  FROM expected AS e
 ORDER BY bloat_bytes DESC NULLS LAST, relation
