-- Vacuums at work; from 17 dead items are counted by number and indexes one by one. The relation has a name only in the
-- database that we are connected to; elsewhere its oid stands.
SELECT p.pid::int4                                                              AS pid,
       coalesce(p.datname::text, '')                                            AS db,
       CASE WHEN p.datname = pg_catalog.current_database()
            THEN p.relid::pg_catalog.regclass::text ELSE p.relid::text END      AS relation,
       p.phase                                                                  AS phase,
       coalesce(a.backend_type = 'autovacuum worker', false)                    AS is_autovacuum,
       extract(epoch FROM pg_catalog.clock_timestamp() - a.xact_start)::float8  AS age_seconds,
       p.heap_blks_total::float8                                                AS heap_blocks_total,
       p.heap_blks_scanned::float8                                              AS heap_blocks_scanned,
       p.heap_blks_vacuumed::float8                                             AS heap_blocks_vacuumed,
       p.index_vacuum_count::float8                                             AS index_passes,
       p.num_dead_item_ids::float8                                              AS dead_items,
       p.indexes_total::float8                                                  AS indexes_total,
       p.indexes_processed::float8                                              AS indexes_processed
  FROM pg_catalog.pg_stat_progress_vacuum AS p
 CROSS JOIN LATERAL pg_catalog.pg_stat_get_activity(p.pid) AS a
 ORDER BY age_seconds DESC NULLS LAST, pid
 LIMIT 100
