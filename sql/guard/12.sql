-- Everything by which this role, or one that it may become, can write: one row per way, with the statement that ends
-- it. `error` is a reason to refuse the role; `warning` is what every role has unless somebody took it away.
WITH mine AS MATERIALIZED (
  SELECT r.oid, r.rolname, r.rolname = current_user AS is_me,
         r.rolsuper, r.rolcreaterole, r.rolcreatedb, r.rolreplication, r.rolbypassrls
    FROM pg_catalog.pg_roles AS r
   -- A superuser counts as a member of every role: only what it is itself is worth saying.
   WHERE r.rolname = current_user
      OR pg_catalog.pg_has_role(current_user, r.oid, 'MEMBER')
         AND NOT (SELECT s.rolsuper FROM pg_catalog.pg_roles AS s WHERE s.rolname = current_user)
), me AS (
  SELECT m.*, pg_catalog.quote_ident(m.rolname) AS ident FROM mine AS m WHERE m.is_me
), power AS (
  SELECT m.oid, m.rolname, m.is_me, a.attribute, a.taken
    FROM mine AS m
   CROSS JOIN LATERAL (VALUES ('SUPERUSER',   m.rolsuper,       'NOSUPERUSER'),
                              ('CREATEROLE',  m.rolcreaterole,  'NOCREATEROLE'),
                              ('CREATEDB',    m.rolcreatedb,    'NOCREATEDB'),
                              ('REPLICATION', m.rolreplication, 'NOREPLICATION'),
                              ('BYPASSRLS',   m.rolbypassrls,   'NOBYPASSRLS')) AS a(attribute, has, taken)
   WHERE a.has
), relation AS MATERIALIZED (
  SELECT c.oid, c.relowner, c.relacl, c.relkind, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
     AND n.nspname NOT IN ('pg_catalog', 'information_schema')
     AND n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
     AND (c.relacl IS NOT NULL OR c.relowner IN (SELECT oid FROM mine))
), granted AS (
  SELECT g.grantee, r.relkind = 'S' AS is_sequence, r.name, g.privilege_type AS privilege
    FROM relation AS r
   CROSS JOIN LATERAL pg_catalog.aclexplode(r.relacl) AS g
   WHERE r.relowner NOT IN (SELECT oid FROM mine)
     AND (r.relkind <> 'S' AND g.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'MAINTAIN')
          OR r.relkind = 'S' AND g.privilege_type IN ('UPDATE', 'USAGE'))
   UNION ALL
  SELECT g.grantee, false, pg_catalog.format('%I.%I', n.nspname, c.relname),
         pg_catalog.format('%s (%I)', g.privilege_type, a.attname)
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
   CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) AS g
   WHERE a.attacl IS NOT NULL
     AND n.nspname NOT IN ('pg_catalog', 'information_schema')
     AND g.privilege_type IN ('INSERT', 'UPDATE')
     AND c.relowner NOT IN (SELECT oid FROM mine)
), may_change AS (
  SELECT g.grantee, g.is_sequence,
         pg_catalog.string_agg(DISTINCT g.privilege, ', ' ORDER BY g.privilege) AS privileges,
         count(DISTINCT g.name)                                AS relations,
         (pg_catalog.array_agg(DISTINCT g.name ORDER BY g.name))[1:5] AS some
    FROM granted AS g
   WHERE g.grantee = 0 OR g.grantee IN (SELECT oid FROM mine)
   GROUP BY 1, 2
), finding AS (
  SELECT 1 AS rank, 'error' AS severity,
         CASE WHEN p.is_me THEN pg_catalog.format('%s has %s', me.ident, p.attribute)
              ELSE pg_catalog.format('%s is a member of %I, which has %s', me.ident, p.rolname, p.attribute) END AS reason,
         CASE WHEN p.is_me THEN pg_catalog.format('ALTER ROLE %s %s;', me.ident, p.taken)
              ELSE pg_catalog.format('REVOKE %I FROM %s;', p.rolname, me.ident) END AS remedy
    FROM power AS p CROSS JOIN me
   UNION ALL
  SELECT 2, 'error', pg_catalog.format('%s is a member of %I', me.ident, m.rolname),
         pg_catalog.format('REVOKE %I FROM %s;', m.rolname, me.ident)
    FROM mine AS m CROSS JOIN me
   WHERE m.rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program', 'pg_maintain',
                       'pg_create_subscription', 'rds_superuser', 'rds_replication')
   UNION ALL
  SELECT 3, 'error',
         pg_catalog.format('%s owns %s relations, such as %s', me.ident, o.relations, pg_catalog.array_to_string(o.some, ', ')),
         pg_catalog.format('REASSIGN OWNED BY %I TO another_role;', o.rolname)
    FROM (SELECT m.rolname, count(*) AS relations, (pg_catalog.array_agg(r.name ORDER BY r.name))[1:5] AS some
            FROM relation AS r JOIN mine AS m ON m.oid = r.relowner GROUP BY 1) AS o
   CROSS JOIN me
   UNION ALL
  SELECT 4, CASE WHEN g.is_sequence THEN 'warning' ELSE 'error' END,
         pg_catalog.format('%s may %s on %s %s, such as %s%s', me.ident, g.privileges, g.relations,
                           CASE WHEN g.is_sequence THEN 'sequences' ELSE 'relations' END,
                           pg_catalog.array_to_string(g.some, ', '),
                           CASE WHEN g.grantee = 0 THEN ', as every role'
                                WHEN g.grantee <> me.oid THEN pg_catalog.format(', through %I', pg_catalog.pg_get_userbyid(g.grantee))
                                ELSE '' END),
         pg_catalog.format('REVOKE %s ON %s%s FROM %s;', g.privileges, CASE WHEN g.is_sequence THEN 'SEQUENCE ' ELSE '' END,
                           pg_catalog.array_to_string(g.some, ', '),
                           CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END)
    FROM may_change AS g CROSS JOIN me
   WHERE NOT me.rolsuper
   UNION ALL
  -- From 15 nobody may create in schema public any more; before, everybody may.
  SELECT 5, CASE WHEN c.by_public THEN 'warning' ELSE 'error' END,
         pg_catalog.format('%s may create objects in schema %I%s', me.ident, c.nspname,
                           CASE WHEN c.by_public THEN ', as every role' ELSE '' END),
         pg_catalog.format('REVOKE CREATE ON SCHEMA %I FROM %s;', c.nspname, CASE WHEN c.by_public THEN 'PUBLIC' ELSE me.ident END)
    FROM (SELECT n.nspname,
                 EXISTS (SELECT FROM pg_catalog.aclexplode(n.nspacl) AS g
                          WHERE g.grantee = 0 AND g.privilege_type = 'CREATE') AS by_public
            FROM pg_catalog.pg_namespace AS n
           WHERE n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
             AND pg_catalog.has_schema_privilege(n.oid, 'CREATE')) AS c
   CROSS JOIN me
   WHERE NOT me.rolsuper
   UNION ALL
  SELECT 6, 'error', pg_catalog.format('%s may create schemas in database %I', me.ident, d.datname),
         pg_catalog.format('REVOKE CREATE ON DATABASE %I FROM %s;', d.datname, me.ident)
    FROM pg_catalog.pg_database AS d CROSS JOIN me
   WHERE d.datname = pg_catalog.current_database() AND NOT me.rolsuper
     AND pg_catalog.has_database_privilege(d.oid, 'CREATE')
   UNION ALL
  SELECT 7, 'warning', pg_catalog.format('%s may create temporary tables in database %I, as every role', me.ident, d.datname),
         pg_catalog.format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC;', d.datname)
    FROM pg_catalog.pg_database AS d CROSS JOIN me
   WHERE d.datname = pg_catalog.current_database() AND NOT me.rolsuper
     AND pg_catalog.has_database_privilege(d.oid, 'TEMPORARY')
)
SELECT f.severity, f.reason, f.remedy
  FROM finding AS f
 ORDER BY f.rank, f.reason
 LIMIT 100
