-- All settings, as other sessions get them. What pgmon set for its own session is replaced by the value that RESET would
-- bring back. Where that is our own role's (ALTER ROLE … SET), came with our connection or is the transaction's, the
-- server's value cannot be read: it is NULL, and scope says why. A value of ALTER DATABASE holds in the connected database
-- only. Values that may hold a secret stay on the server: connection strings and commands, and texts of extensions that
-- are not known here.
WITH given AS MATERIALIZED (
  SELECT pg_catalog.split_part(c.entry, '=', 1) AS name, bool_or(r.setrole <> 0) AS to_role
    FROM pg_catalog.pg_db_role_setting AS r
   CROSS JOIN LATERAL pg_catalog.unnest(r.setconfig) AS c (entry)
   WHERE r.setrole IN (0, (SELECT a.oid FROM pg_catalog.pg_roles AS a WHERE a.rolname = session_user))
     AND r.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()))
     AND (r.setrole <> 0 OR r.setdatabase <> 0)
   GROUP BY 1
), scoped AS MATERIALIZED (
  SELECT s.name, s.setting, s.reset_val, s.boot_val, s.unit, s.category, s.source, s.context, s.pending_restart,
         s.vartype,
         CASE WHEN s.source = 'client' OR s.name ~ '^transaction_(read_only|isolation|deferrable)$' THEN 'connection'
              WHEN s.source IN ('user', 'database user') OR s.source = 'session' AND g.to_role      THEN 'role'
              WHEN s.source = 'database' OR s.source = 'session' AND NOT g.to_role                  THEN 'database'
              ELSE 'server' END AS scope
    FROM pg_catalog.pg_settings AS s
    LEFT JOIN given AS g ON g.name = s.name
), shown AS MATERIALIZED (
  SELECT s.*,
         CASE WHEN s.scope IN ('connection', 'role') THEN NULL
              WHEN s.source = 'session' THEN s.reset_val
              ELSE s.setting END AS value
    FROM scoped AS s
)
SELECT s.name                                                               AS name,
       CASE WHEN s.name ~ '(conninfo|_command|passphrase|password|secret|token|credential|krb_server_keyfile)'
              OR s.name LIKE '%.%' AND s.vartype = 'string'
                 AND s.name !~ '^(pg_stat_statements|auto_explain|pgaudit|rds|cron|aurora[a-z_]*|apg[a-z_]*)[.]'
              OR s.value ~* '(://[^/@ ]*:[^/@ ]*@|password *=)'
            THEN NULL ELSE s.value END                                      AS setting,
       s.unit                                                               AS unit,
       s.category                                                           AS category,
       CASE WHEN s.source <> 'session' THEN s.source
            WHEN s.scope = 'database' THEN 'database'
            WHEN s.value IS NOT DISTINCT FROM s.boot_val THEN 'default' END AS source,
       s.scope                                                              AS scope,
       CASE WHEN s.scope IN ('server', 'database')
            -- What the server works out by itself (archive_command, wal_buffers, huge_pages_status) nobody has changed.
            THEN s.value IS DISTINCT FROM s.boot_val
                 AND s.source NOT IN ('default', 'override')
                 AND s.context <> 'internal' END                            AS is_changed,
       s.pending_restart                                                    AS pending_restart
  FROM shown AS s
 ORDER BY s.name
 LIMIT 2000
