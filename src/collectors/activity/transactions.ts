import type { Sample } from '../../metrics/sample.ts';
import { isClient, isGroup, largest, type SessionRow } from './session-row.ts';

export const ageMetrics = {
  pg_longest_transaction_seconds: {
    type: 'gauge',
    unit: 'Seconds',
    help: 'Age of the oldest open client transaction; 0 if none is open.',
    labels: [],
    cloudwatch: { by: 'cluster', fold: 'max', essential: true },
  },
  pg_longest_idle_in_transaction_seconds: {
    type: 'gauge',
    unit: 'Seconds',
    help: 'Longest time that a client has been idle in a transaction; 0 if none is.',
    labels: [],
    cloudwatch: { by: 'cluster', fold: 'max', essential: true },
  },
  pg_longest_query_seconds: {
    type: 'gauge',
    unit: 'Seconds',
    help: 'Age of the oldest running client statement; 0 if none is running.',
    labels: [],
  },
} as const;

/**
 * Ages of transactions and statements. Only client backends: a walsender or an autovacuum worker that runs for days is
 * no long transaction of an application.
 */
export function ageSamples(rows: readonly SessionRow[]): Sample[] {
  const clients = rows.filter((row) => isGroup(row) && isClient(row));
  const idle = clients.filter((row) => row.state.startsWith('idle in transaction'));
  const active = clients.filter((row) => row.state === 'active');
  return [
    age('pg_longest_transaction_seconds', clients, (row) => row.xact_age_seconds),
    age('pg_longest_idle_in_transaction_seconds', idle, (row) => row.state_age_seconds),
    age('pg_longest_query_seconds', active, (row) => row.query_age_seconds),
  ];
}

function age(metric: string, rows: readonly SessionRow[], of: (row: SessionRow) => number | null): Sample {
  return { metric, labels: {}, value: largest(rows.map(of)) };
}
