-- One read of the session list for everything hot that comes from it: counted groups of all sessions (kind `group`),
-- and single sessions (kind `session`): all that wait for a lock or hold one that others wait for, the oldest
-- transactions, the longest running statements.
-- pg_stat_get_activity(NULL) without the view's joins takes half of what the view does; our own sessions are left out.
WITH session AS MATERIALIZED (
  SELECT a.pid, a.datid, a.usesysid, a.application_name, a.backend_type, a.state, a.wait_event_type, a.wait_event,
         a.xact_start, a.query_start, a.state_change, a.backend_xid, a.backend_xmin, a.query,
         -- Only for those that wait: it takes all lock partitions, and one waiter costs 0.01 ms.
         CASE WHEN a.wait_event_type = 'Lock' THEN pg_catalog.pg_blocking_pids(a.pid) END AS blocked_by
    FROM pg_catalog.pg_stat_get_activity(NULL) AS a
   WHERE a.application_name IS NULL OR a.application_name NOT LIKE 'pgmon/%'
), waiting AS MATERIALIZED (
  -- Read at all only when somebody waits: the lock table is copied whole.
  SELECT l.pid,
         min(l.mode)                                           AS mode,
         min(l.locktype)                                       AS locktype,
         min(CASE WHEN l.database = d.oid THEN l.relation::pg_catalog.regclass::text ELSE l.relation::text END) AS relation
    FROM pg_catalog.pg_locks AS l
   CROSS JOIN (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) AS d
   WHERE NOT l.granted
     AND EXISTS (SELECT FROM session AS s WHERE s.wait_event_type = 'Lock')
   GROUP BY l.pid
), blocker AS MATERIALIZED (
  SELECT DISTINCT b.pid FROM session AS s CROSS JOIN LATERAL pg_catalog.unnest(s.blocked_by) AS b(pid)
), worth_naming AS MATERIALIZED (
  -- The others are in the groups: each named session costs as much as ten that are counted.
  (SELECT s.pid FROM session AS s
    WHERE s.xact_start IS NOT NULL AND s.backend_type = 'client backend' ORDER BY s.xact_start, s.pid LIMIT 25)
   UNION
  (SELECT s.pid FROM session AS s
    WHERE s.state = 'active' AND s.backend_type = 'client backend' ORDER BY s.query_start, s.pid LIMIT 50)
), detail AS (
  SELECT s.*, w.mode, w.locktype, w.relation
    FROM session AS s
    LEFT JOIN waiting AS w ON w.pid = s.pid
   WHERE s.wait_event_type = 'Lock'
      OR s.pid IN (SELECT pid FROM worth_naming)
      OR s.pid IN (SELECT pid FROM blocker)
   ORDER BY s.blocked_by IS NULL, s.pid NOT IN (SELECT pid FROM blocker), s.xact_start NULLS LAST, s.pid
   LIMIT 300
)
SELECT 'group' AS kind,
       coalesce((SELECT d.datname::text FROM pg_catalog.pg_database AS d WHERE d.oid = g.datid), '') AS db,
       g.backend_type, g.state, g.wait_event_type, g.wait_event, g.sessions,
       NULL::int4 AS pid, NULL::text AS user_name, NULL::text AS application, NULL::text AS query_id, NULL::text AS query,
       g.xact_age AS xact_age_seconds, g.query_age AS query_age_seconds, g.state_age AS state_age_seconds,
       NULL::float8 AS wait_seconds, NULL::text AS lock_mode, NULL::text AS lock_type, NULL::text AS lock_relation,
       NULL::int4[] AS blocked_by, NULL::bool AS holds_xmin
  FROM (SELECT s.datid,
               coalesce(s.backend_type, 'unknown') AS backend_type,
               coalesce(s.state, 'none')           AS state,
               coalesce(s.wait_event_type, '')     AS wait_event_type,
               coalesce(s.wait_event, '')          AS wait_event,
               count(*)::float8                    AS sessions,
               pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - min(s.xact_start))   AS xact_age,
               pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - min(s.query_start))  AS query_age,
               pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - min(s.state_change)) AS state_age
          FROM session AS s
         GROUP BY 1, 2, 3, 4, 5
         ORDER BY sessions DESC, 1, 2, 3, 4, 5
         LIMIT 500) AS g
UNION ALL
SELECT 'session',
       coalesce(d.datname::text, ''),
       coalesce(t.backend_type, 'unknown'), coalesce(t.state, 'none'), coalesce(t.wait_event_type, ''), coalesce(t.wait_event, ''),
       NULL,
       t.pid, pg_catalog.pg_get_userbyid(t.usesysid)::text, t.application_name, NULL, left(t.query, 1000),
       pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - t.xact_start),
       pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - t.query_start),
       pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - t.state_change),
       -- Before 14 nothing says when the wait began: the statement's start is the earliest that it can have.
       CASE WHEN t.wait_event_type = 'Lock'
            THEN pg_catalog.date_part('epoch', pg_catalog.clock_timestamp() - t.query_start) END,
       t.mode, t.locktype, t.relation,
       t.blocked_by, t.backend_xmin IS NOT NULL OR t.backend_xid IS NOT NULL
  FROM detail AS t
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = t.datid
