-- The role that logged in, every role that it is a member of, and how.
-- Up to 15 a member may always become its role. --@ <16
-- From 16 a membership says whether it may be used by SET ROLE, by inheritance or to grant it on, and a REVOKE ends --@ >=16
-- only what its own grantor gave. --@ >=16
SELECT pg_catalog.quote_ident(r.rolname)      AS role,
       r.rolname = session_user               AS me,
       r.oid < 16384                          AS predefined,
       r.rolsuper                             AS superuser,
       r.rolcreaterole                        AS createrole,
       r.rolcreatedb                          AS createdb,
       r.rolreplication                       AS replication,
       r.rolbypassrls                         AS bypassrls,
       (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
                 'role', pg_catalog.quote_ident(g.rolname), 'admin', m.admin_option,
                 'set', true, 'inherit', r.rolinherit, 'grantor', NULL --@ <16
                 'set', m.set_option, 'inherit', m.inherit_option, --@ >=16
                 'grantor', CASE WHEN m.grantor <> 10 --@ >=16
                                 THEN pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(m.grantor)) END --@ >=16
               ) ORDER BY g.rolname), '[]')
          FROM pg_catalog.pg_auth_members AS m
          JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
         WHERE m.member = r.oid)              AS memberships
  FROM pg_catalog.pg_roles AS r
  JOIN pg_catalog.pg_roles AS me ON me.rolname = session_user
 -- A superuser counts as a member of every role: only what it is itself is worth saying.
 WHERE r.oid = me.oid OR NOT me.rolsuper AND pg_catalog.pg_has_role(me.oid, r.oid, 'MEMBER')
 ORDER BY 2 DESC, 1
 LIMIT 1000
