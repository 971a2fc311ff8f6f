import type { Sample } from '../../metrics/sample.ts';
import { countSessions } from './session-groups.ts';
import { isGroup, type SessionRow } from './session-row.ts';

export const connectionMetrics = {
  pg_connections: {
    type: 'gauge',
    unit: 'Count',
    help: 'Sessions connected now, background processes of the server included.',
    labels: ['db', 'backend_type', 'state'],
    cloudwatch: { by: 'cluster', fold: 'sum', telling: true },
  },
} as const;

/** Sessions by database, kind of backend and state. */
export function connectionSamples(rows: readonly SessionRow[]): Sample[] {
  return countSessions('pg_connections', rows.filter(isGroup), ({ db, backend_type, state }) => ({
    db,
    backend_type,
    state,
  }));
}
