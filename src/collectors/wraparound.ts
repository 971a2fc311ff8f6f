import { defineCollector } from './collector.ts';
import { gauge, label } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Age of the oldest transaction and multixact that each database still holds; from `pg_database`. */
export const wraparound = defineCollector({
  name: 'wraparound',
  loop: 'hourly',
  scope: 'instance',
  role: 'any',
  timeoutMs: 500,
  maxRows: 500,
  sql: sqlFiles('wraparound'),
  columns: {
    db: label(),
    tx_age: gauge(
      'pg_wraparound_tx_age',
      'Count',
      'Age of the oldest unfrozen transaction ID; the server refuses writes at about 2.1 billion.',
      {
        cloudwatch: { by: 'cluster', fold: 'max' },
      },
    ),
    mxid_age: gauge(
      'pg_wraparound_mxid_age',
      'Count',
      'Age of the oldest multixact ID in use; the server refuses writes at about 2.1 billion.',
    ),
  },
});
