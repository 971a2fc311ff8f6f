-- Whether anything that carries rights was written since transaction $1, the oldest one running when the catalogs were
-- last read: a GRANT, a new owner or membership leaves a row version of a transaction at least as young. VACUUM and
-- ANALYZE write in place. A row frozen long ago may seem to be of the future, at a negative age. What is owned, and who is
-- first named in an object's rights, is in pg_shdepend, by an index; what the roles themselves may do is in a table that
-- nobody may read, and comes as text to compare. Columns, and types and large objects where there is more than 1 MB of
-- them, wait for the next hour unless pg_shdepend shows them.
-- Functions, types and relations are many: they are read only where rows of their catalogs were counted since $2, what was --@ >=15
-- counted when they were last read. A standby counts none. --@ >=15
-- A size is asked for once, in a subquery: as a condition it is asked for at every row, which took 40 ms with 10,000 tables.
WITH RECURSIVE mine(oid) AS (
  SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = session_user
   UNION
  SELECT m.roleid FROM mine JOIN pg_catalog.pg_auth_members AS m ON m.member = mine.oid
), counted AS MATERIALIZED ( --@ >=15
  SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery() --@ >=15
              THEN pg_catalog.string_agg(pg_catalog.concat_ws(' ', pg_catalog.pg_stat_get_tuples_inserted(c.oid), --@ >=15
                                           pg_catalog.pg_stat_get_tuples_updated(c.oid), --@ >=15
                                           pg_catalog.pg_stat_get_tuples_deleted(c.oid)), ', ') END AS rows --@ >=15
    FROM (VALUES ('pg_catalog.pg_class'::pg_catalog.regclass::oid), ('pg_catalog.pg_proc'::pg_catalog.regclass), --@ >=15
                 ('pg_catalog.pg_type'::pg_catalog.regclass), --@ >=15
                 ('pg_catalog.pg_largeobject_metadata'::pg_catalog.regclass)) AS c (oid) --@ >=15
), since AS MATERIALIZED (
  SELECT pg_catalog.age($1::text::pg_catalog.xid) AS age,
         k.rows AS catalogs, k.rows IS DISTINCT FROM $2::text AS is_counted FROM counted AS k --@ >=15
         NULL::text AS catalogs, true AS is_counted --@ <15
)
SELECT pg_catalog.txid_snapshot_xmin(pg_catalog.txid_current_snapshot())::text AS horizon,
       (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', r.oid, r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole,
                                       r.rolcreatedb, r.rolreplication, r.rolbypassrls), ', ' ORDER BY r.oid)
          FROM pg_catalog.pg_roles AS r
         WHERE r.oid IN (SELECT oid FROM mine))                                AS attributes,
       s.catalogs                                                              AS catalogs,
       s.age < 0 OR s.age > 0 AND EXISTS (
         SELECT FROM (
           SELECT c.xmin FROM pg_catalog.pg_auth_members AS c
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_database AS c
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_tablespace AS c
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_parameter_acl AS c                 --@ >=15
            UNION ALL                                                          --@ >=15
           SELECT c.xmin FROM pg_catalog.pg_default_acl AS c
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_foreign_server AS c
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_foreign_data_wrapper AS c
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_language AS c
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_namespace AS c WHERE c.nspacl IS NOT NULL
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_shdepend AS c
            WHERE c.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND c.refobjid IN (SELECT oid FROM mine)
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_proc AS c
            WHERE s.is_counted
              AND CASE WHEN pg_catalog.age(c.xmin) <= s.age THEN c.proacl IS NOT NULL OR c.prosecdef END
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_type AS c
            WHERE s.is_counted
              AND (SELECT pg_catalog.pg_relation_size('pg_catalog.pg_type')) <= 1048576
              AND CASE WHEN pg_catalog.age(c.xmin) <= s.age THEN c.typacl IS NOT NULL END
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_largeobject_metadata AS c
            WHERE s.is_counted
              AND (SELECT pg_catalog.pg_relation_size('pg_catalog.pg_largeobject_metadata')) <= 1048576
            UNION ALL
           SELECT c.xmin FROM pg_catalog.pg_class AS c
            WHERE s.is_counted
              AND CASE WHEN pg_catalog.age(c.xmin) <= s.age THEN c.relacl IS NOT NULL END
         ) AS written
          WHERE pg_catalog.age(written.xmin) BETWEEN 0 AND s.age)              AS written
  FROM since AS s
