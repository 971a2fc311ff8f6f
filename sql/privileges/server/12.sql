-- What this role, or one that it is a member of, holds in the catalogs that all databases share: rights on databases and
-- tablespaces, and what it owns in any database (pg_shdepend). Names are there for the connected database only.
WITH mine AS MATERIALIZED (
  SELECT r.oid
    FROM pg_catalog.pg_roles AS r
   WHERE r.rolname = session_user OR pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
   UNION ALL
  SELECT 0::oid
), object AS (
  SELECT 'database' AS kind, pg_catalog.quote_ident(d.datname) AS name, d.datdba AS owner,
         coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba)) AS acl
    FROM pg_catalog.pg_database AS d
   WHERE d.datallowconn AND pg_catalog.has_database_privilege(session_user, d.oid, 'CONNECT')
   UNION ALL
  SELECT 'tablespace', pg_catalog.quote_ident(t.spcname), t.spcowner, t.spcacl
    FROM pg_catalog.pg_tablespace AS t
   WHERE t.spcacl IS NOT NULL
), owned AS (
  SELECT s.refobjid AS owner, s.dbid, s.classid, s.objid, s.objsubid,
         pg_catalog.row_number() OVER (PARTITION BY s.refobjid, s.dbid ORDER BY s.classid, s.objid) AS nth
    FROM pg_catalog.pg_shdepend AS s
   WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
     AND s.refobjid IN (SELECT oid FROM mine) AND s.deptype = 'o'
     -- Neither is an object to change: a mapping says who one is elsewhere, default privileges what others would get.
     AND s.classid NOT IN ('pg_catalog.pg_user_mapping'::pg_catalog.regclass,
                           'pg_catalog.pg_default_acl'::pg_catalog.regclass)
)
SELECT o.kind,
       CASE WHEN g.grantee <> 0 THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END AS holder,
       g.privilege_type::text                                                   AS privilege,
       g.is_grantable                                                           AS grantable,
       CASE WHEN g.grantor <> o.owner THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantor)) END AS grantor,
       NULL::text                                                               AS place,
       count(*)::int4                                                           AS objects,
       (pg_catalog.array_agg(o.name ORDER BY o.name))[1:20]                     AS names
  FROM object AS o
 CROSS JOIN LATERAL pg_catalog.aclexplode(o.acl) AS g
 WHERE g.grantee IN (SELECT oid FROM mine) AND g.grantee <> o.owner
   AND (g.privilege_type <> 'CONNECT' OR g.is_grantable)
 GROUP BY o.kind, g.grantee, g.privilege_type, g.is_grantable, 5
 UNION ALL
SELECT 'owner', pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(w.owner)), 'OWNER', false, NULL,
       CASE WHEN w.dbid <> 0
            THEN coalesce((SELECT pg_catalog.quote_ident(d.datname) FROM pg_catalog.pg_database AS d WHERE d.oid = w.dbid),
                          w.dbid::text) END,
       count(*)::int4,
       pg_catalog.array_remove(pg_catalog.array_agg(
         CASE WHEN w.nth <= 20 AND w.dbid IN (0, (SELECT d.oid FROM pg_catalog.pg_database AS d
                                                   WHERE d.datname = pg_catalog.current_database()))
              THEN pg_catalog.pg_describe_object(w.classid, w.objid, w.objsubid) END ORDER BY w.nth), NULL)
  FROM owned AS w
 GROUP BY w.owner, w.dbid
 UNION ALL
-- How many objects of each database name the role in their rights: a change says where to look again.
SELECT 'mention', pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(s.refobjid)), 'ACL', false, NULL, s.dbid::text,
       count(*)::int4, ARRAY[sum(s.objid::int8)::text]
  FROM pg_catalog.pg_shdepend AS s
 WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
   AND s.refobjid IN (SELECT oid FROM mine) AND s.deptype = 'a' AND s.dbid <> 0
 GROUP BY s.refobjid, s.dbid
 ORDER BY 1, 2, 3, 4, 5, 6
 LIMIT 500
