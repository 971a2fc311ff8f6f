-- All settings of the server. Values that may hold a secret stay on the server: connection strings and commands, and
-- texts of extensions that are not known here.
SELECT s.name                                                               AS name,
       CASE WHEN s.name ~ '(conninfo|_command|passphrase|password|secret|token|credential|krb_server_keyfile)'
              OR s.name LIKE '%.%' AND s.vartype = 'string'
                 AND s.name !~ '^(pg_stat_statements|auto_explain|pgaudit|rds|cron|aurora|apg)'
            THEN NULL ELSE s.setting END                                    AS setting,
       s.unit                                                               AS unit,
       s.category                                                           AS category,
       s.source                                                             AS source,
       s.setting IS DISTINCT FROM s.boot_val                                AS is_changed,
       s.pending_restart                                                    AS pending_restart
  FROM pg_catalog.pg_settings AS s
 ORDER BY s.name
 LIMIT 1000
