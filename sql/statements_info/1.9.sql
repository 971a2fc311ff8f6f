-- Evictions of statements: each time the table of pg_stat_statements.max entries was full, the least used went and will
-- begin from zero when they come back.
SELECT i.dealloc::float8                                                            AS evictions,
       pg_catalog.current_setting('pg_stat_statements.max', true)::float8           AS max_entries,
       extract(epoch FROM i.stats_reset)::float8                                    AS stats_reset
  FROM @extschema@.pg_stat_statements_info AS i
