import type { Sample } from '../../metrics/sample.ts';
import { countSessions } from './session-groups.ts';
import { isClient, isGroup, type SessionRow } from './session-row.ts';

export const connectionMetrics = {
  pg_connections: {
    type: 'gauge',
    unit: 'Count',
    help: 'Current sessions, including background processes of the server.',
    labels: ['db', 'backend_type', 'state'],
    cloudwatch: { by: 'cluster', fold: 'sum', essential: true },
  },
  pg_client_connections: {
    type: 'gauge',
    unit: 'Count',
    help: 'Client sessions, which max_connections caps, except those of pgmon.',
    labels: [],
  },
  pg_used_connection_slots: {
    type: 'gauge',
    unit: 'Count',
    help:
      'Used slots of max_connections, including those of pgmon. Ordinary clients are refused when it reaches ' +
      'pg_max_connections minus pg_reserved_connections.',
    labels: [],
  },
} as const;

/** All sessions, of whatever kind: also where the role does not see which they are. */
export function sessionCounts(rows: readonly SessionRow[]): Sample[] {
  const labels = ({ db, backend_type, state }: SessionRow) => ({ db, backend_type, state });
  return countSessions('pg_connections', rows.filter(isGroup), labels);
}

/**
 * Sessions by database, kind of backend and state, those of clients, and the slots of max_connections that they take:
 * background processes, autovacuum workers and, from 12 on, walsenders have slots of their own.
 */
export function connectionSamples(rows: readonly SessionRow[]): Sample[] {
  const groups = rows.filter(isGroup);
  const clients = groups.filter(isClient).reduce((sum, { sessions }) => sum + (sessions ?? 0), 0);
  const own = rows
    .filter((row) => row.kind === 'own' && isClient(row))
    .reduce((sum, { sessions }) => sum + (sessions ?? 0), 0);
  return [
    ...sessionCounts(rows),
    { metric: 'pg_client_connections', labels: {}, value: clients },
    { metric: 'pg_used_connection_slots', labels: {}, value: clients + own },
  ];
}
