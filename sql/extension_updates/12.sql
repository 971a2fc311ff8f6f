-- The version of these extensions ($1, their names) that CREATE EXTENSION or ALTER EXTENSION … UPDATE would install.
SELECT a.name::text                                        AS extension,
       a.default_version                                   AS available
  FROM pg_catalog.pg_available_extensions() AS a
 WHERE a.name = ANY ($1::pg_catalog.name[])
 ORDER BY a.name
