-- Roles that can do more than work with data they were granted: by an attribute, or as members, over any number of steps,
-- of a role that has one or that stands for such a right. Predefined roles themselves are left out.
WITH RECURSIVE power (role, power) AS (
  SELECT r.oid, a.power
    FROM pg_catalog.pg_roles AS r
   CROSS JOIN LATERAL (VALUES ('superuser', r.rolsuper), ('createrole', r.rolcreaterole), ('createdb', r.rolcreatedb),
                              ('replication', r.rolreplication), ('bypassrls', r.rolbypassrls),
                              (r.rolname::text, r.rolname IN (
                                'pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files',
                                'pg_write_all_data', 'pg_maintain', 'rds_superuser', 'cloudsqlsuperuser',
                                'alloydbsuperuser', 'azure_pg_admin'))) AS a (power, has)
   WHERE a.has
   UNION
  SELECT m.member, p.power
    FROM power AS p
    JOIN pg_catalog.pg_auth_members AS m ON m.roleid = p.role
   WHERE (m.inherit_option OR m.set_option) --@ >=16
)
SELECT r.rolname::text                                                    AS role,
       pg_catalog.array_agg(p.power::text ORDER BY p.power)               AS powers,
       count(*) OVER ()::float8                                           AS all_roles
  FROM power AS p
  JOIN pg_catalog.pg_roles AS r ON r.oid = p.role
 WHERE r.rolname !~ '^pg_'
 GROUP BY r.rolname
 ORDER BY NOT 'superuser' = ANY (pg_catalog.array_agg(p.power::text)), r.rolname
 LIMIT 5000
