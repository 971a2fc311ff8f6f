import type { Sample } from '../../metrics/sample.ts';
import { blockersFromQueues, waitingPids } from './lock-queues.ts';
import { isGroup, isWaitingForLock, largest, type SessionRow } from './session-row.ts';

export const lockMetrics = {
  pg_blocked_sessions_total: {
    // The name is the specification's; as a gauge Prometheus' own checks would refuse it.
    type: 'untyped',
    unit: 'Count',
    help: 'Sessions that wait for a lock now.',
    labels: [],
    cloudwatch: { by: 'cluster', fold: 'max', essential: true },
  },
  pg_longest_blocked_seconds: {
    type: 'gauge',
    unit: 'Seconds',
    help: 'Longest time that a session has been waiting for a lock; 0 where none waits.',
    labels: [],
    cloudwatch: { by: 'cluster', fold: 'max', essential: true },
  },
  pg_blocking_root_sessions: {
    type: 'gauge',
    unit: 'Count',
    help: 'Sessions that block others without waiting for a lock themselves: the roots of the lock trees.',
    labels: [],
  },
} as const;

/** How many wait for locks, how long, and how many sessions are to blame: of all, not only of those read by name. */
export function blockedSamples(rows: readonly SessionRow[]): Sample[] {
  const blocked = rows
    .filter((row) => isGroup(row) && isWaitingForLock(row))
    .reduce((sum, row) => sum + (row.sessions ?? 0), 0);
  const waiting = waitingPids(rows);
  const blockers = new Set([...blockersFromQueues(rows).values()].flat());
  const waits = rows.filter((row) => !isGroup(row)).map((row) => row.wait_seconds);
  return [
    { metric: 'pg_blocked_sessions_total', labels: {}, value: blocked },
    { metric: 'pg_longest_blocked_seconds', labels: {}, value: largest(waits) },
    { metric: 'pg_blocking_root_sessions', labels: {}, value: [...blockers].filter((pid) => !waiting.has(pid)).length },
  ];
}
