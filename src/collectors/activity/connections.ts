import type { Sample } from '../../metrics/sample.ts';
import { countSessions } from './session-groups.ts';
import { isClient, isGroup, type SessionRow } from './session-row.ts';

export const connectionMetrics = {
  pg_connections: {
    type: 'gauge',
    unit: 'Count',
    help: 'Sessions connected now, background processes of the server included.',
    labels: ['db', 'backend_type', 'state'],
    cloudwatch: { by: 'cluster', fold: 'sum', telling: true },
  },
  pg_client_connections: {
    type: 'gauge',
    unit: 'Count',
    help: 'Sessions of clients, which are those that max_connections bounds.',
    labels: [],
  },
} as const;

/** Sessions by database, kind of backend and state, and those of clients. */
export function connectionSamples(rows: readonly SessionRow[]): Sample[] {
  const groups = rows.filter(isGroup);
  const clients = groups.filter(isClient).reduce((sum, { sessions }) => sum + (sessions ?? 0), 0);
  return [
    ...countSessions('pg_connections', groups, ({ db, backend_type, state }) => ({ db, backend_type, state })),
    { metric: 'pg_client_connections', labels: {}, value: clients },
  ];
}
