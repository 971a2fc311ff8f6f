-- What ALTER ROLE … SET and ALTER DATABASE … SET have set for the sessions of a role, of a database, or of a role in a
-- database. What ALTER ROLE ALL SET has set for everybody stands among the settings. As there, values that may hold a secret
-- stay on the server: connection strings and commands, and everything of extensions and applications that are not known here.
SELECT coalesce(a.rolname::text, '')                                   AS role,
       coalesce(d.datname::text, '')                                   AS database,
       c.name                                                          AS name,
       CASE WHEN c.name !~* '(conninfo|_command|passphrase|password|secret|token|credential|krb_server_keyfile)'
             AND (c.name NOT LIKE '%.%'
                  OR c.name ~ '^(pg_stat_statements|auto_explain|pgaudit|rds|cron|aurora[a-z_]*|apg[a-z_]*)[.]')
             AND c.value !~* '(://[^/@ ]*:[^/@ ]*@|password *=)'
            THEN pg_catalog.left(c.value, 1000) END                    AS setting,
       count(*) OVER ()::float8                                        AS all_settings
  FROM pg_catalog.pg_db_role_setting AS s
  LEFT JOIN pg_catalog.pg_roles AS a ON a.oid = s.setrole
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
 CROSS JOIN LATERAL (
         SELECT pg_catalog.split_part(e.entry, '=', 1)                              AS name,
                pg_catalog.substr(e.entry, pg_catalog.strpos(e.entry, '=') + 1)     AS value
           FROM pg_catalog.unnest(s.setconfig) AS e (entry)
       ) AS c
 WHERE (a.rolname IS NOT NULL OR s.setrole = 0)
   AND (d.datname IS NOT NULL OR s.setdatabase = 0)
   AND (s.setrole <> 0 OR s.setdatabase <> 0)
 ORDER BY role, database, name
 LIMIT 5000
