import type { Sample } from '../../metrics/sample.ts';
import { isGroup, isWaitingForLock, largest, type SessionRow } from './session-row.ts';

export const lockMetrics = {
  pg_blocked_sessions_total: {
    // The name is the specification's; as a gauge Prometheus' own checks would refuse it.
    type: 'untyped',
    unit: 'Count',
    help: 'Sessions that wait for a lock now.',
    labels: [],
    cloudwatch: { by: 'cluster', fold: 'max', telling: true },
  },
  pg_longest_blocked_seconds: {
    type: 'gauge',
    unit: 'Seconds',
    help: 'Longest time that a session has been waiting for a lock; 0 where none waits.',
    labels: [],
    cloudwatch: { by: 'cluster', fold: 'max', telling: true },
  },
  pg_blocking_root_sessions: {
    type: 'gauge',
    unit: 'Count',
    help: 'Sessions that hold up others without waiting for a lock themselves: the roots of the lock trees.',
    labels: [],
  },
} as const;

/** How many wait for locks, how long, and how many sessions are to blame. */
export function blockedSamples(rows: readonly SessionRow[]): Sample[] {
  const blocked = rows
    .filter((row) => isGroup(row) && isWaitingForLock(row))
    .reduce((sum, row) => sum + (row.sessions ?? 0), 0);
  const waits = rows.filter((row) => !isGroup(row)).map((row) => row.wait_seconds);
  return [
    { metric: 'pg_blocked_sessions_total', labels: {}, value: blocked },
    { metric: 'pg_longest_blocked_seconds', labels: {}, value: largest(waits) },
    { metric: 'pg_blocking_root_sessions', labels: {}, value: lockTree(rows).length },
  ];
}

/** A session in a lock tree with those that wait for it. A prepared transaction, which has no session, has pid 0. */
export interface LockNode {
  readonly pid: number;
  readonly session?: SessionRow;
  readonly blocks: readonly LockNode[];
  /** Sessions below this one, directly or through others. */
  readonly blockedTotal: number;
}

/**
 * The trees of blockers, worst first: roots are sessions that hold up others and wait for no lock themselves. A session
 * that waits for several stands below each, its own waiters only below the first. In a deadlock, which the server ends
 * by itself, everybody waits: the one that has waited longest stands as the root.
 */
export function lockTree(rows: readonly SessionRow[]): LockNode[] {
  const sessions = new Map(rows.flatMap((row) => (row.pid === null || isGroup(row) ? [] : [[row.pid, row] as const])));
  const waiters = new Map<number, number[]>();
  for (const [pid, row] of sessions) {
    // pg_blocking_pids may name one pid several times.
    for (const blocker of new Set(row.blocked_by ?? [])) waiters.set(blocker, [...(waiters.get(blocker) ?? []), pid]);
  }
  const waits = (pid: number) => (sessions.get(pid)?.blocked_by ?? []).length > 0;
  const placed = new Set<number>();
  const build = (pid: number, above: ReadonlySet<number>): LockNode => {
    const first = !placed.has(pid);
    placed.add(pid);
    const below = first ? (waiters.get(pid) ?? []).filter((waiter) => !above.has(waiter)) : [];
    const inside = new Set([...above, pid]);
    const blocks = below.map((waiter) => build(waiter, inside)).sort(byWait);
    const session = sessions.get(pid);
    const blockedTotal = new Set(blocks.flatMap(pidsOf)).size;
    return { pid, ...(session ? { session } : {}), blocks, blockedTotal };
  };
  const roots = [...waiters.keys()].filter((pid) => !waits(pid)).map((pid) => build(pid, new Set()));
  const longestFirst = [...waiters.keys()].sort(
    (a, b) => (sessions.get(b)?.wait_seconds ?? 0) - (sessions.get(a)?.wait_seconds ?? 0),
  );
  for (const pid of longestFirst) if (!placed.has(pid)) roots.push(build(pid, new Set()));
  return roots.sort((a, b) => b.blockedTotal - a.blockedTotal || a.pid - b.pid);
}

function pidsOf(node: LockNode): number[] {
  return [node.pid, ...node.blocks.flatMap(pidsOf)];
}

function byWait(a: LockNode, b: LockNode): number {
  return (b.session?.wait_seconds ?? 0) - (a.session?.wait_seconds ?? 0) || a.pid - b.pid;
}
