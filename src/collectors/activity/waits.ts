import type { Sample } from '../../metrics/sample.ts';
import { countSessions } from './session-groups.ts';
import { isClient, isGroup, type SessionRow } from './session-row.ts';

export const waitMetrics = {
  pg_active_sessions: {
    type: 'gauge',
    unit: 'Count',
    help: 'Active clients, by what they wait for; CPU if they wait for nothing.',
    labels: ['db', 'wait_event_type', 'wait_event'],
    cloudwatch: { by: 'cluster', fold: 'sum', essential: true },
  },
} as const;

/** A session that waits for nothing computes. */
export const ON_CPU = { wait_event_type: 'CPU', wait_event: 'CPU' } as const;

/** Active session sampling: what the clients that run a statement wait for at this moment. */
export function waitSamples(rows: readonly SessionRow[]): Sample[] {
  const active = rows.filter((row) => isGroup(row) && isClient(row) && row.state === 'active');
  // Nobody at work is a 0, not a gap.
  if (active.length === 0) return [{ metric: 'pg_active_sessions', labels: { db: '', ...ON_CPU }, value: 0 }];
  return countSessions('pg_active_sessions', active, (row) => ({
    db: row.db,
    wait_event_type: row.wait_event_type || ON_CPU.wait_event_type,
    wait_event: row.wait_event || ON_CPU.wait_event,
  }));
}
