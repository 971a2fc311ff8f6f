import type { Sample } from '../../metrics/sample.ts';
import { blockersFromQueues, waitingPids } from './lock-queues.ts';
import { isGroup, isWaitingForLock, largest, type SessionRow } from './session-row.ts';

export const lockMetrics = {
  pg_blocked_sessions_total: {
    // The name is the specification's; as a gauge Prometheus' own checks would refuse it.
    type: 'untyped',
    unit: 'Count',
    help: 'Sessions waiting for a lock.',
    labels: [],
    cloudwatch: { by: 'cluster', fold: 'max', essential: true },
  },
  pg_longest_blocked_seconds: {
    type: 'gauge',
    unit: 'Seconds',
    help: 'Longest current wait for a lock; 0 if no session waits.',
    labels: [],
    cloudwatch: { by: 'cluster', fold: 'max', essential: true },
  },
  pg_blocking_root_sessions: {
    type: 'gauge',
    unit: 'Count',
    help: 'Roots of lock trees: sessions that block others and wait for no lock.',
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
