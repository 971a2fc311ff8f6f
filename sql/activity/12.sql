-- One read of the session list for everything hot that comes from it: counted groups of all sessions (kind `group`),
-- single sessions (kind `session`): who blocks others, the longest waits, the oldest transactions, the longest running
-- statements; and while somebody waits, all that wait, each with the first that it waits for (kind `queue`).
-- Our own sessions are in none of these, but counted (kind `own`): they use slots of max_connections, too.
-- pg_stat_get_activity(NULL) without the view's joins takes half of what the view does.
WITH everyone AS MATERIALIZED (
  SELECT coalesce(a.application_name LIKE 'pgmon/%', false) AS is_own,
         a.pid, a.datid, a.usesysid, a.application_name, a.backend_type, a.state, a.wait_event_type, a.wait_event,
         a.xact_start, a.query_start, a.state_change,
         a.leader_pid, --@ >=13
         a.query_id, --@ >=14
         a.query
    FROM pg_catalog.pg_stat_get_activity(NULL) AS a
), session AS NOT MATERIALIZED (
  SELECT * FROM everyone AS e WHERE NOT e.is_own
), lock AS MATERIALIZED (
  -- One copy of the lock table, and only when somebody waits. pg_blocking_pids copies it at every call: 0.3 s for 1,000
  -- sessions in one queue, this 0.01 s. Who wants a strong lock moves fast-path locks out first: those block nobody.
  SELECT l.pid, l.granted, l.mode, l.locktype, l.database, l.relation, l.virtualtransaction,
         l.waitstart, --@ >=14
         pg_catalog.concat_ws('/', l.locktype, l.database, l.relation, l.page, l.tuple, l.virtualxid, l.transactionid,
                              l.classid, l.objid, l.objsubid) AS object
    FROM pg_catalog.pg_locks AS l
   WHERE NOT l.fastpath
     AND EXISTS (SELECT FROM session AS s WHERE s.wait_event_type = 'Lock')
), waiting AS MATERIALIZED (
  SELECT l.*, s.query_start,
         s.leader_pid, --@ >=13
         l.waitstart AS since --@ >=14
         s.query_start AS since --@ <14
    FROM lock AS l
    JOIN session AS s ON s.pid = l.pid
   WHERE NOT l.granted
), conflict (wanted, held) AS (
  VALUES ('AccessShareLock', '{AccessExclusiveLock}'::text[]),
         ('RowShareLock', '{ExclusiveLock,AccessExclusiveLock}'),
         ('RowExclusiveLock', '{ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
         ('ShareUpdateExclusiveLock',
          '{ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
         ('ShareLock',
          '{RowExclusiveLock,ShareUpdateExclusiveLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
         ('ShareRowExclusiveLock',
          '{RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
         ('ExclusiveLock',
          '{RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
         ('AccessExclusiveLock',
          '{AccessShareLock,RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}')
), queue AS MATERIALIZED (
  -- Who holds what somebody wants, oldest transaction first, once for each object and mode; 0 is a prepared transaction.
  -- Parallel workers hold what their leader holds.
  SELECT q.object, q.mode, pg_catalog.array_agg(q.pid ORDER BY q.xact_start NULLS FIRST, q.pid) AS holders
    FROM (SELECT DISTINCT w.object, w.mode, coalesce(h.pid, 0) AS pid, s.xact_start
            FROM (SELECT DISTINCT object, mode FROM waiting) AS w
            JOIN conflict AS c ON c.wanted = w.mode
            JOIN lock AS h ON h.object = w.object AND h.granted AND h.mode = ANY (c.held)
            LEFT JOIN session AS s ON s.pid = h.pid
           WHERE s.backend_type IS DISTINCT FROM 'parallel worker') AS q
   GROUP BY q.object, q.mode
), ahead AS MATERIALIZED (
  -- Where nobody holds it in a mode that conflicts, one that wants it and is ahead does: a SELECT behind an ALTER TABLE
  -- that waits. The same for all that want it in the same mode: the first of them is asked.
  SELECT DISTINCT ON (w.object, w.mode) w.object, w.mode, pg_catalog.pg_blocking_pids(w.pid) AS pids
    FROM waiting AS w
   WHERE NOT EXISTS (SELECT FROM queue AS q WHERE q.object = w.object AND q.mode = w.mode AND q.holders <> ARRAY[w.pid])
   ORDER BY w.object, w.mode, w.since
), blocked AS MATERIALIZED (
  SELECT b.*, b.blockers[1] AS first
    FROM (SELECT w.*,
                 (pg_catalog.array_remove(
                    pg_catalog.array_remove( --@ >=13
                    CASE WHEN q.holders <> ARRAY[w.pid] THEN q.holders ELSE a.pids END, w.pid)
                    , w.leader_pid) --@ >=13
                 )[1:10] AS blockers
            FROM waiting AS w
            LEFT JOIN queue AS q ON q.object = w.object AND q.mode = w.mode
            LEFT JOIN ahead AS a ON a.object = w.object AND a.mode = w.mode) AS b
), blocker AS MATERIALIZED (
  SELECT b.pid, count(*) AS waiters, b.pid NOT IN (SELECT w.pid FROM waiting AS w) AS is_root
    FROM (SELECT pg_catalog.unnest(k.blockers) AS pid FROM blocked AS k) AS b
   GROUP BY b.pid
), worth_naming AS MATERIALIZED (
  -- The others are in the groups: each named session costs as much as ten that are counted.
  (SELECT s.pid FROM session AS s
    WHERE s.xact_start IS NOT NULL AND s.backend_type = 'client backend' ORDER BY s.xact_start, s.pid LIMIT 25)
   UNION
  (SELECT s.pid FROM session AS s
    WHERE s.state = 'active' AND s.backend_type = 'client backend' ORDER BY s.query_start, s.pid LIMIT 50)
   UNION
  (SELECT b.pid FROM blocker AS b ORDER BY b.is_root DESC, b.waiters DESC, b.pid LIMIT 100)
   UNION
  (SELECT k.pid FROM blocked AS k ORDER BY k.since, k.pid LIMIT 100)
)
SELECT 'group' AS kind,
       coalesce((SELECT d.datname::text FROM pg_catalog.pg_database AS d WHERE d.oid = g.datid), '') AS db,
       g.backend_type, g.state, g.wait_event_type, g.wait_event, g.sessions,
       NULL::int4 AS pid, NULL::text AS user_name, NULL::text AS application, NULL::text AS query_id, NULL::text AS query,
       pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - g.xact_start)   AS xact_age_seconds,
       pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - g.query_start)  AS query_age_seconds,
       pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - g.state_change) AS state_age_seconds,
       NULL::float8 AS wait_seconds, NULL::text AS lock_mode, NULL::text AS lock_type, NULL::text AS lock_relation,
       NULL::text AS lock_db, NULL::text AS lock_oid,
       NULL::int4[] AS blocked_by, NULL::int4[] AS waiting, NULL::text[] AS wait_for
  FROM (SELECT s.datid,
               coalesce(s.backend_type, 'unknown') AS backend_type,
               coalesce(s.state, 'none')           AS state,
               coalesce(s.wait_event_type, '')     AS wait_event_type,
               coalesce(s.wait_event, '')          AS wait_event,
               count(*)::float8                    AS sessions,
               min(s.xact_start) AS xact_start, min(s.query_start) AS query_start, min(s.state_change) AS state_change
          FROM session AS s
         GROUP BY 1, 2, 3, 4, 5
         ORDER BY sessions DESC, 1, 2, 3, 4, 5
         LIMIT 500) AS g
UNION ALL
SELECT 'session',
       coalesce(d.datname::text, ''),
       coalesce(s.backend_type, 'unknown'), coalesce(s.state, 'none'),
       coalesce(s.wait_event_type, ''), coalesce(s.wait_event, ''),
       NULL,
       s.pid, pg_catalog.pg_get_userbyid(s.usesysid)::text, s.application_name,
       s.query_id::text, --@ >=14
       NULL, --@ <14
       left(s.query, 1000),
       pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - s.xact_start),
       pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - s.query_start),
       pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - s.state_change),
       -- Who is not in the lock table waits no more; without a start (its first moment) or before 14, not long yet.
       CASE WHEN k.pid IS NOT NULL
            THEN 0 --@ <14
            THEN coalesce(greatest(pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - k.since), 0), 0) --@ >=14
        END,
       k.mode, k.locktype,
       CASE WHEN k.database IN (0, own.oid) THEN k.relation::pg_catalog.regclass::text END,
       CASE WHEN k.relation IS NOT NULL AND k.database NOT IN (0, own.oid)
            THEN (SELECT o.datname::text FROM pg_catalog.pg_database AS o WHERE o.oid = k.database) END,
       CASE WHEN k.database NOT IN (0, own.oid) THEN k.relation::text END,
       k.blockers, NULL,
       NULL --@ >=14
       -- Before 14 nothing says when a wait began. It goes on where the same transaction wants the same from one that --@ <14
       -- holds it until its end, which advisory locks and others need not: those change hands. --@ <14
       CASE WHEN k.locktype IN ('relation', 'transactionid', 'virtualxid', 'tuple') --@ <14
            THEN (SELECT pg_catalog.array_agg(DISTINCT pg_catalog.concat_ws( --@ <14
                           ' ', k.pid, k.virtualtransaction, s.query_start, k.object, k.mode, l.virtualtransaction)) --@ <14
                    FROM lock AS l --@ <14
                   WHERE l.object = k.object AND coalesce(l.pid, 0) = ANY (k.blockers)) END --@ <14
  FROM session AS s
  LEFT JOIN blocked AS k ON k.pid = s.pid
  LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.datid
 CROSS JOIN (SELECT o.oid FROM pg_catalog.pg_database AS o WHERE o.datname = pg_catalog.current_database()) AS own
 WHERE s.pid IN (SELECT pid FROM worth_naming)
UNION ALL
SELECT 'queue', '', '', '', '', '',
       (SELECT count(*)::float8 FROM blocker WHERE is_root),
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL,
       q.firsts, q.pids, NULL
  FROM (SELECT pg_catalog.array_agg(k.pid ORDER BY k.since, k.pid)   AS pids,
               pg_catalog.array_agg(k.first ORDER BY k.since, k.pid) AS firsts
          FROM (SELECT * FROM blocked WHERE first IS NOT NULL ORDER BY since, pid LIMIT 5000) AS k) AS q
 WHERE q.pids IS NOT NULL
UNION ALL
SELECT 'own', '', 'client backend', '', '', '',
       (SELECT count(*)::float8 FROM everyone AS e WHERE e.is_own AND e.backend_type = 'client backend'),
       NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL, NULL, NULL, NULL,
       NULL, NULL, NULL
