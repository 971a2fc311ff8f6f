-- The server's own clock, from which every rate of the pass is computed, and what tells whether it is the same server
-- as in the pass before; and whether the role sees what sessions of others do, which it may lose at any time.
SELECT extract(epoch FROM pg_catalog.clock_timestamp())::float8          AS now,
       extract(epoch FROM pg_catalog.pg_postmaster_start_time())::float8 AS started_at,
       pg_catalog.pg_is_in_recovery()                                    AS in_recovery,
       pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE')              AS sees_all
