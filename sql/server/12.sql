-- Limits of the server that hot values are compared with. From 16 a second share of the connections may be reserved,
-- for members of pg_use_reserved_connections.
SELECT pg_catalog.current_setting('max_connections')::float8                AS max_connections,
       pg_catalog.current_setting('superuser_reserved_connections')::float8
         + pg_catalog.current_setting('reserved_connections')::float8 --@ >=16
                                                                            AS reserved_connections,
       pg_catalog.current_setting('autovacuum_max_workers')::float8         AS autovacuum_max_workers,
       pg_catalog.pg_is_in_recovery()::int4::float8                         AS in_recovery,
       extract(epoch FROM pg_catalog.pg_postmaster_start_time())::float8    AS started_at,
       pg_catalog.current_setting('server_version')                         AS version
