-- What pgmon can see more of, if somebody allows or turns it on. shared_preload_libraries is hidden from a role without
-- pg_read_all_settings, hence the view and not current_setting, which would fail.
SELECT pg_catalog.pg_has_role(current_user, 'pg_monitor', 'USAGE')                                       AS has_pg_monitor,
       pg_catalog.quote_ident(current_user)                                                              AS role,
       (SELECT s.setting FROM pg_catalog.pg_settings AS s WHERE s.name = 'shared_preload_libraries')     AS preload,
       (SELECT e.extversion FROM pg_catalog.pg_extension AS e WHERE e.extname = 'pg_stat_statements')    AS statements_installed,
       (SELECT x.default_version FROM pg_catalog.pg_available_extensions AS x WHERE x.name = 'pg_stat_statements')
                                                                                                         AS statements_available,
       pg_catalog.current_setting('track_io_timing')::bool                                               AS track_io_timing,
       pg_catalog.current_setting('track_activities')::bool                                              AS track_activities
