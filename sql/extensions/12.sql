-- Installed extensions. What the server's files would update them to takes 1 ms to read: sql/extension_updates, once a day.
SELECT e.extname::text                                     AS extension,
       e.extversion                                        AS version,
       n.nspname::text                                     AS schema,
       NULL::text                                          AS available
  FROM pg_catalog.pg_extension AS e
  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
 ORDER BY e.extname
 LIMIT 500
