-- One read of the session list for everything hot that comes from it: counted groups of all sessions (kind `group`; `own`
-- are those of pgmon, which use slots of max_connections, too), single sessions (kind `session`): who blocks others, the
-- longest waits, the oldest transactions, the longest running statements; connections by application (kind `application`);
-- and while somebody waits, all that wait, in one
-- row for each object and mode (kind `queue`).
-- Each node of a plan costs at every start, also where nobody waits: what can be put together afterwards is not here.
-- pg_stat_get_activity(NULL) without the view's joins takes half of what the view does.
WITH everyone AS MATERIALIZED (
  SELECT coalesce(a.application_name LIKE 'pgmon/%', false) AS is_own,
         a.pid, a.datid, a.usesysid, a.application_name, a.backend_type, a.state, a.wait_event_type, a.wait_event,
         a.xact_start, a.query_start, a.state_change, a.backend_start, a.client_addr,
         a.query_id, --@ >=14
         a.query
    FROM pg_catalog.pg_stat_get_activity(NULL) AS a
), waiting AS MATERIALIZED (
  -- The lock table is copied only when somebody waits.
  SELECT l.pid, l.mode, l.locktype, l.database, l.relation,
         pg_catalog.concat_ws('/', l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid,
                              l.classid, l.objid, l.objsubid) AS object,
         l.waitstart AS since --@ >=14
         l.virtualtransaction, e.query_start AS since --@ <14
    FROM pg_catalog.pg_locks AS l
    JOIN everyone AS e ON e.pid = l.pid --@ <14
   WHERE NOT l.granted
     AND l.pid <> ALL (ARRAY(SELECT o.pid FROM everyone AS o WHERE o.is_own))
     AND EXISTS (SELECT FROM everyone AS o WHERE o.wait_event_type = 'Lock' AND NOT o.is_own)
), queue AS MATERIALIZED (
  -- pg_blocking_pids copies a queue at every call: 0.3 s for 1,000 sessions that wait for one row. All that want the same
  -- in the same mode wait for the same, so the first of them is asked.
  SELECT q.*, (pg_catalog.pg_blocking_pids(q.pids[1]))[1:100] AS blocked_by
    FROM (SELECT w.object, w.mode, w.locktype, w.database, w.relation,
                 -- Without a start (its first moment) not long yet.
                 pg_catalog.array_agg(coalesce(greatest(pg_catalog.date_part('epoch', --@ >=14
                   pg_catalog.statement_timestamp() - w.since), 0), 0) ORDER BY w.since, w.pid) AS waits, --@ >=14
                 -- Before 14 nothing says when a wait began. It continues where the same transaction wants the same from --@ <14
                 -- one that holds it until its end, which advisory locks and others need not: those change hands. --@ <14
                 CASE WHEN w.locktype IN ('relation', 'transactionid', 'virtualxid', 'tuple') --@ <14
                      THEN pg_catalog.array_agg(pg_catalog.concat_ws( --@ <14
                             ' ', w.pid, w.virtualtransaction, w.since, w.object, w.mode) ORDER BY w.since, w.pid) --@ <14
                  END AS wait_for, --@ <14
                 pg_catalog.array_agg(w.pid ORDER BY w.since, w.pid) AS pids
            FROM waiting AS w
           GROUP BY w.object, w.mode, w.locktype, w.database, w.relation
           ORDER BY count(*) DESC, min(w.since), w.object
           LIMIT 1000) AS q
)
SELECT r.kind, coalesce(d.datname::text, '') AS db,
       coalesce(r.backend_type, 'unknown') AS backend_type, coalesce(r.state, 'none') AS state,
       coalesce(r.wait_event_type, '') AS wait_event_type, coalesce(r.wait_event, '') AS wait_event,
       r.sessions, r.pid, r.user_name, r.application, r.query_id, r.query,
       pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - r.xact_start)   AS xact_age_seconds,
       pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - r.query_start)  AS query_age_seconds,
       pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - r.state_change) AS state_age_seconds,
       r.waits[1] AS wait_seconds, r.lock_mode, r.lock_type, r.lock_relation, r.lock_oid,
       r.blocked_by, r.waiting, r.waits, r.wait_for, r.holders, NULL::text AS gid,
       r.client_addr, pg_catalog.date_part('epoch', r.backend_start) AS backend_start
  FROM (
    SELECT *
      FROM (SELECT CASE WHEN GROUPING(e.application_name) = 0 THEN 'application'
                        WHEN e.is_own THEN 'own' ELSE 'group' END AS kind,
                   e.datid, e.backend_type, e.state, e.wait_event_type, e.wait_event,
                   count(*)::float8 AS sessions,
                   NULL::int4 AS pid, NULL::text AS user_name, e.application_name AS application,
                   NULL::text AS query_id, NULL::text AS query,
                   min(e.xact_start) AS xact_start, min(e.query_start) AS query_start, min(e.state_change) AS state_change,
                   NULL::text AS lock_mode, NULL::text AS lock_type, NULL::text AS lock_relation, NULL::text AS lock_oid,
                   NULL::int4[] AS blocked_by, NULL::int4[] AS waiting, NULL::float8[] AS waits,
                   NULL::text[] AS wait_for, NULL::text[] AS holders,
                   NULL::text AS client_addr, NULL::timestamptz AS backend_start
              FROM everyone AS e
             GROUP BY GROUPING SETS (
                      (e.is_own, e.datid, e.backend_type, e.state, e.wait_event_type, e.wait_event),
                      (e.is_own, e.backend_type, e.application_name))
            HAVING GROUPING(e.application_name) = 1 OR e.backend_type = 'client backend' AND NOT e.is_own
             ORDER BY GROUPING(e.application_name) DESC, e.is_own DESC, sessions DESC, e.datid, e.backend_type, e.state, e.wait_event_type, e.wait_event
             LIMIT 500) AS g
    UNION ALL
    SELECT 'session', s.datid, s.backend_type, s.state, s.wait_event_type, s.wait_event, NULL,
           s.pid, pg_catalog.pg_get_userbyid(s.usesysid)::text, s.application_name,
           s.query_id::text, --@ >=14
           NULL, --@ <14
           left(s.query, 1000),
           s.xact_start, s.query_start, s.state_change,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           pg_catalog.host(s.client_addr), s.backend_start
      FROM everyone AS s
     WHERE NOT s.is_own
       -- The others are in the groups: each named session costs as much as ten that are counted.
       AND s.pid IN (
             SELECT pg_catalog.unnest(
                    ARRAY(SELECT e.pid FROM everyone AS e
                           WHERE e.xact_start IS NOT NULL AND e.backend_type = 'client backend' AND NOT e.is_own
                           ORDER BY e.xact_start, e.pid LIMIT 25)
                 || ARRAY(SELECT e.pid FROM everyone AS e
                           WHERE e.state = 'active' AND e.backend_type = 'client backend' AND NOT e.is_own
                           ORDER BY e.query_start, e.pid LIMIT 50)
                 || ARRAY(SELECT b.pid
                            FROM queue AS q
                           CROSS JOIN LATERAL pg_catalog.unnest(q.blocked_by) AS b (pid)
                           GROUP BY b.pid
                           ORDER BY b.pid IN (SELECT w.pid FROM waiting AS w),
                                    sum(pg_catalog.cardinality(q.pids)) DESC, b.pid LIMIT 100)
                 || ARRAY(SELECT w.pid FROM waiting AS w ORDER BY w.since, w.pid LIMIT 100)))
    UNION ALL
    SELECT 'queue', NULL, '', '', '', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           q.mode, q.locktype,
           CASE WHEN q.database IN (0, own.oid) THEN q.relation::pg_catalog.regclass::text END,
           CASE WHEN q.database NOT IN (0, own.oid) THEN q.relation::text END,
           q.blocked_by, q.pids,
           q.waits, NULL, NULL, NULL, NULL --@ >=14
           NULL, q.wait_for, --@ <14
           -- A prepared transaction has no session: it is 0. --@ <14
           ARRAY(SELECT pg_catalog.concat_ws(' ', e.pid, e.xact_start) FROM everyone AS e --@ <14
                  WHERE e.pid = ANY (q.blocked_by) AND e.xact_start IS NOT NULL) --@ <14
             || CASE WHEN 0 = ANY (q.blocked_by) THEN '{0}'::text[] END, --@ <14
           NULL, NULL --@ <14
      FROM queue AS q
     CROSS JOIN (SELECT o.oid FROM pg_catalog.pg_database AS o WHERE o.datname = pg_catalog.current_database()) AS own
  ) AS r
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = r.datid
