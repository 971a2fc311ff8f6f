import { defineCollector } from './collector.ts';
import { gauge, state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Limits of the server that hot values are compared with, its role and its start; from `pg_settings` functions. */
export const server = defineCollector({
  name: 'server',
  loop: 'hot',
  scope: 'instance',
  role: 'any',
  timeoutMs: 200,
  maxRows: 1,
  sql: sqlFiles('server'),
  columns: {
    max_connections: gauge('pg_max_connections', 'Count', 'Maximum number of sessions (max_connections).', {
      cloudwatch: { by: 'cluster', fold: 'max' },
    }),
    reserved_connections: gauge(
      'pg_reserved_connections',
      'Count',
      'Slots of max_connections reserved for superusers and, from 16, for members of pg_use_reserved_connections.',
    ),
    autovacuum_max_workers: gauge('pg_autovacuum_max_workers', 'Count', 'Maximum number of autovacuum workers.'),
    in_recovery: gauge('pg_in_recovery', 'None', '1 on a standby, 0 on a primary.'),
    started_at: gauge(
      'pg_postmaster_start_time_seconds',
      'Seconds',
      'Start time of the server, in seconds since 1970.',
    ),
    version: state.text(),
  },
});
