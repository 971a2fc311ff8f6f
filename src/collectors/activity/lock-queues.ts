import { isGroup, type SessionRow } from './session-row.ts';

/** Most blockers that a session is said to wait for. */
const NAMED_BLOCKERS = 10;

const queuesOf = <Row extends SessionRow>(rows: readonly Row[]) => rows.filter(({ kind }) => kind === 'queue');

/** All that wait for a lock. */
export function waitingPids(rows: readonly SessionRow[]): Set<number> {
  return new Set(queuesOf(rows).flatMap(({ waiting }) => waiting ?? []));
}

/**
 * Whom each waiting session waits for, those that wait for no lock themselves first, the oldest transaction first among
 * them. The server is asked for the first session of a queue only: the others wait for the same, and not for each other.
 * Where it waits for others of the same queue, these hold what they want in another mode, and each blocks the others.
 */
export function blockersFromQueues(rows: readonly SessionRow[]): Map<number, readonly number[]> {
  const waiting = waitingPids(rows);
  const ages = new Map(rows.map(({ pid, xact_age_seconds }) => [pid, xact_age_seconds ?? 0]));
  const rootsFirst = (a: number, b: number) =>
    Number(waiting.has(a)) - Number(waiting.has(b)) || (ages.get(b) ?? 0) - (ages.get(a) ?? 0);
  const blockers = new Map<number, readonly number[]>();
  for (const { waiting: pids, blocked_by } of queuesOf(rows)) {
    const members = new Set(pids);
    // pg_blocking_pids may name one pid several times.
    const by = [...new Set(blocked_by)].sort(rootsFirst);
    const outside = by.filter((pid) => !members.has(pid));
    for (const pid of members) {
      const others = outside.length > 0 ? outside : [...new Set([...by, ...(pids ?? []).slice(0, 1)])];
      if (by.length > 0)
        blockers.set(
          pid,
          others.filter((other) => other !== pid),
        );
    }
  }
  return blockers;
}

/** Rows of sessions, each with the lock that it waits for, how long, and for whom. */
export function withLocks<Row extends SessionRow>(rows: readonly Row[]): readonly Row[] {
  const places = new Map(
    queuesOf(rows).flatMap((queue) => (queue.waiting ?? []).map((pid, i) => [pid, { queue, i }] as const)),
  );
  if (places.size === 0) return rows;
  const blockers = blockersFromQueues(rows);
  return rows.map((row) => {
    const place = row.pid === null || isGroup(row) ? undefined : places.get(row.pid);
    if (!place || row.pid === null) return row;
    const { lock_mode, lock_type, lock_relation, lock_oid, waits } = place.queue;
    const blocked_by = blockers.get(row.pid)?.slice(0, NAMED_BLOCKERS) ?? null;
    return { ...row, lock_mode, lock_type, lock_relation, lock_oid, wait_seconds: waits?.[place.i] ?? 0, blocked_by };
  });
}
