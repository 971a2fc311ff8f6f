-- Parameters that somebody allowed this role, or one that it is a member of, to SET or to ALTER SYSTEM.
WITH mine AS MATERIALIZED (
  SELECT r.oid
    FROM pg_catalog.pg_roles AS r
   WHERE r.rolname = session_user OR pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
   UNION ALL
  SELECT 0::oid
)
SELECT 'parameter'                                                                        AS kind,
       CASE WHEN g.grantee <> 0 THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END AS holder,
       g.privilege_type::text                                                             AS privilege,
       g.is_grantable                                                                     AS grantable,
       CASE WHEN g.grantor <> 10 THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantor)) END AS grantor,
       NULL::text                                                                         AS place,
       count(*)::int4                                                                     AS objects,
       (pg_catalog.array_agg(pg_catalog.quote_ident(p.parname) ORDER BY p.parname))[1:20] AS names
  FROM pg_catalog.pg_parameter_acl AS p
 CROSS JOIN LATERAL pg_catalog.aclexplode(p.paracl) AS g
 WHERE g.grantee IN (SELECT oid FROM mine) AND g.grantee <> 10
 GROUP BY g.grantee, g.privilege_type, g.is_grantable, g.grantor
 ORDER BY 1, 2, 3, 4, 5
 LIMIT 200
