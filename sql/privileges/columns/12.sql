-- Rights on single columns that this role, or one that it is a member of, has been granted. A statement of its own:
-- pg_attribute is the one catalog of which a full read is dear (20 ms with 10,000 tables).
WITH mine AS MATERIALIZED (
  SELECT r.oid
    FROM pg_catalog.pg_roles AS r
   WHERE r.rolname = session_user OR pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
   UNION ALL
  SELECT 0::oid
)
SELECT 'column'                                                         AS kind,
       CASE WHEN g.grantee <> 0 THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END AS holder,
       g.privilege_type::text                                           AS privilege,
       g.is_grantable                                                   AS grantable,
       CASE WHEN g.grantor <> c.relowner THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantor)) END AS grantor,
       pg_catalog.format('%I.%I', n.nspname, c.relname)                 AS place,
       count(*)::int4                                                   AS objects,
       -- All of them: the REVOKE has to name each.
       pg_catalog.array_agg(pg_catalog.quote_ident(a.attname) ORDER BY a.attnum) AS names
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) AS g
 WHERE a.attacl IS NOT NULL AND NOT a.attisdropped
   AND g.grantee IN (SELECT oid FROM mine) AND g.grantee <> c.relowner
   AND (g.privilege_type <> 'SELECT' OR g.is_grantable)
 GROUP BY g.grantee, g.privilege_type, g.is_grantable, 5, n.nspname, c.relname
 ORDER BY 6, 2, 3, 4, 5
 LIMIT 200
