-- Prepared transactions that hold what a session ($1, its pid) waits for. They have no session, so that blockers are only
-- known as pid 0; sent only while there is one. Each holds the lock of its own transaction ID, which tells which virtual
-- transaction is its own: of one that survived a restart that is -1/xid, of others that of the session that prepared it.
WITH wanted AS MATERIALIZED (
  SELECT l.*
    FROM pg_catalog.pg_locks AS l
   WHERE l.pid = $1::int4 AND NOT l.granted
), held AS MATERIALIZED (
  SELECT l.*
    FROM pg_catalog.pg_locks AS l
   WHERE l.pid IS NULL AND l.granted
), conflict (wanted, held) AS (
  VALUES ('AccessShareLock',          '{AccessExclusiveLock}'::text[]),
         ('RowShareLock',             '{ExclusiveLock,AccessExclusiveLock}'),
         ('RowExclusiveLock',         '{ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
         ('ShareUpdateExclusiveLock', '{ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
         ('ShareLock',                '{RowExclusiveLock,ShareUpdateExclusiveLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
         ('ShareRowExclusiveLock',    '{RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
         ('ExclusiveLock',            '{RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}'),
         ('AccessExclusiveLock',      '{AccessShareLock,RowShareLock,RowExclusiveLock,ShareUpdateExclusiveLock,ShareLock,ShareRowExclusiveLock,ExclusiveLock,AccessExclusiveLock}')
)
SELECT p.gid::text                                                                   AS gid,
       p.database::text                                                              AS db,
       p.owner::text                                                                 AS user_name,
       pg_catalog.date_part('epoch', pg_catalog.statement_timestamp() - p.prepared)  AS age_seconds
  FROM pg_catalog.pg_prepared_xacts AS p
 WHERE EXISTS (
         SELECT
           FROM held AS own
           JOIN held AS h ON h.virtualtransaction = own.virtualtransaction
           JOIN wanted AS w
             ON (w.locktype, w.database, w.relation, w.page, w.tuple, w.virtualxid, w.classid, w.objid, w.objsubid)
                IS NOT DISTINCT FROM
                (h.locktype, h.database, h.relation, h.page, h.tuple, h.virtualxid, h.classid, h.objid, h.objsubid)
            AND w.transactionid::text IS NOT DISTINCT FROM h.transactionid::text
           JOIN conflict AS c ON c.wanted = w.mode AND h.mode = ANY (c.held)
          WHERE own.locktype = 'transactionid' AND own.transactionid::text = p.transaction::text)
 ORDER BY p.prepared, p.gid
 LIMIT 10
