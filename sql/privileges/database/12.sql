-- What this role, or one that it is a member of, may do in the connected database beyond reading: rights on relations,
-- schemas, large objects, foreign servers and the like, functions that the server or an extension keeps from others, and
-- functions that run as their owner. One row per kind, holder, right and schema, with up to twenty names.
WITH mine AS MATERIALIZED (
  SELECT r.oid
    FROM pg_catalog.pg_roles AS r
   WHERE r.rolname = session_user OR pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
   UNION ALL
  SELECT 0::oid
), namespace AS MATERIALIZED (
  SELECT n.oid, n.nspname, n.nspowner, n.nspacl, pg_catalog.quote_ident(n.nspname) AS name
    FROM pg_catalog.pg_namespace AS n
   WHERE n.nspname NOT LIKE 'pg\_toast%' AND n.nspname NOT LIKE 'pg\_temp%'
), object(kind, place, name, owner, acl) AS (
  SELECT CASE WHEN c.relkind = 'S' THEN 'sequence' ELSE 'relation' END, n.name,
         n.name || '.' || pg_catalog.quote_ident(c.relname), c.relowner, c.relacl
    FROM pg_catalog.pg_class AS c
    JOIN namespace AS n ON n.oid = c.relnamespace
   WHERE c.relacl IS NOT NULL AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
     -- Every role may UPDATE the view pg_settings: that is SET.
     AND c.oid <> 'pg_catalog.pg_settings'::pg_catalog.regclass
   UNION ALL
  SELECT 'schema', NULL, n.name, n.nspowner, n.nspacl FROM namespace AS n WHERE n.nspacl IS NOT NULL
   UNION ALL
  SELECT 'foreign server', NULL, pg_catalog.quote_ident(s.srvname), s.srvowner, s.srvacl
    FROM pg_catalog.pg_foreign_server AS s WHERE s.srvacl IS NOT NULL
   UNION ALL
  SELECT 'foreign data wrapper', NULL, pg_catalog.quote_ident(f.fdwname), f.fdwowner, f.fdwacl
    FROM pg_catalog.pg_foreign_data_wrapper AS f WHERE f.fdwacl IS NOT NULL
   UNION ALL
  SELECT 'language', NULL, pg_catalog.quote_ident(l.lanname), l.lanowner, l.lanacl
    FROM pg_catalog.pg_language AS l WHERE l.lanacl IS NOT NULL
   UNION ALL
  SELECT 'type', NULL, pg_catalog.format_type(t.oid, NULL), t.typowner, t.typacl
    FROM pg_catalog.pg_type AS t WHERE t.typacl IS NOT NULL
   UNION ALL
  SELECT 'routine', NULL, p.oid::pg_catalog.regprocedure::text, p.proowner, p.proacl
    FROM pg_catalog.pg_proc AS p WHERE p.proacl IS NOT NULL
   UNION ALL
  SELECT 'large object', NULL, l.oid::text, l.lomowner, l.lomacl
    FROM pg_catalog.pg_largeobject_metadata AS l WHERE l.lomacl IS NOT NULL
), granted AS (
  SELECT o.kind, o.place, o.name, o.owner, g.grantee, g.grantor, g.privilege_type AS privilege, g.is_grantable
    FROM object AS o
   CROSS JOIN LATERAL pg_catalog.aclexplode(o.acl) AS g
   WHERE g.privilege_type <> 'SELECT' AND o.kind IN ('relation', 'sequence', 'large object')
      OR g.privilege_type = 'CREATE'
      OR o.kind IN ('foreign server', 'foreign data wrapper')
      OR g.is_grantable
   UNION ALL
  -- What the server or an extension keeps from PUBLIC, and somebody granted since.
  SELECT 'restricted function', p.proname, p.oid::pg_catalog.regprocedure::text, p.proowner,
         g.grantee, g.grantor, g.privilege_type, false
    FROM pg_catalog.pg_init_privs AS i
    JOIN pg_catalog.pg_proc AS p ON p.oid = i.objoid
   CROSS JOIN LATERAL pg_catalog.aclexplode(p.proacl) AS g
   WHERE i.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.proacl IS NOT NULL
     AND g.grantee IN (SELECT oid FROM mine)
     AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(i.initprivs) AS d WHERE d.grantee = g.grantee)
   UNION ALL
  -- Functions that run as their owner, of somebody else and of no extension; a trigger function cannot be called.
  SELECT 'security definer', pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(p.proowner)),
         p.oid::pg_catalog.regprocedure::text, p.proowner, g.grantee, g.grantor, g.privilege_type, false
    FROM pg_catalog.pg_proc AS p
    JOIN namespace AS n ON n.oid = p.pronamespace
   CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) AS g
   WHERE p.prosecdef AND p.proowner NOT IN (SELECT oid FROM mine)
     AND p.prorettype NOT IN ('pg_catalog.trigger'::pg_catalog.regtype, 'pg_catalog.event_trigger'::pg_catalog.regtype)
     AND (n.nspowner IN (SELECT oid FROM mine)
          OR EXISTS (SELECT FROM pg_catalog.aclexplode(coalesce(n.nspacl, pg_catalog.acldefault('n', n.nspowner))) AS u
                      WHERE u.grantee IN (SELECT oid FROM mine) AND u.privilege_type = 'USAGE'))
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                      WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
   UNION ALL
  SELECT 'dblink', NULL, p.oid::pg_catalog.regprocedure::text, p.proowner, g.grantee, g.grantor, g.privilege_type, false
    FROM pg_catalog.pg_extension AS e
    JOIN pg_catalog.pg_depend AS d
      ON d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.refobjid = e.oid AND d.deptype = 'e'
     AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    JOIN pg_catalog.pg_proc AS p ON p.oid = d.objid
   CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) AS g
   WHERE e.extname = 'dblink' AND p.proname IN ('dblink', 'dblink_connect', 'dblink_exec', 'dblink_open')
   UNION ALL
  SELECT 'default privilege',
         pg_catalog.format('FOR ROLE %I%s', pg_catalog.pg_get_userbyid(a.defaclrole),
                           (SELECT ' IN SCHEMA ' || n.name FROM namespace AS n WHERE n.oid = a.defaclnamespace)),
         CASE a.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'n' THEN 'SCHEMAS'
                              WHEN 'L' THEN 'LARGE OBJECTS' WHEN 'f' THEN 'ROUTINES' ELSE 'TYPES' END,
         a.defaclrole, g.grantee, g.grantor, g.privilege_type, g.is_grantable
    FROM pg_catalog.pg_default_acl AS a
   CROSS JOIN LATERAL pg_catalog.aclexplode(a.defaclacl) AS g
   WHERE g.is_grantable OR g.privilege_type NOT IN ('SELECT', 'USAGE', 'EXECUTE')
)
SELECT g.kind,
       CASE WHEN g.grantee <> 0 THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END AS holder,
       g.privilege::text                                                AS privilege,
       g.is_grantable                                                   AS grantable,
       CASE WHEN g.grantor <> g.owner THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantor)) END AS grantor,
       g.place::text                                                    AS place,
       count(*)::int4                                                   AS objects,
       (pg_catalog.array_agg(g.name ORDER BY g.name))[1:20]             AS names
  FROM granted AS g
 WHERE g.grantee IN (SELECT oid FROM mine) AND g.grantee <> g.owner
 GROUP BY g.kind, g.grantee, g.privilege, g.is_grantable, 5, g.place
 ORDER BY 1, 2, 3, 4, 5, 6
 LIMIT 500
