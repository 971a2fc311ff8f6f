import { defineCollector } from './collector.ts';
import { counter, label, resetAt } from './columns.ts';
import { sqlFiles } from './sql.ts';

/**
 * Temporary files by database since the statistics were reset; from the functions behind `pg_stat_database`. With the
 * workload loop, which reads those statistics anyway: up to 14 any of them makes the collector rewrite its file.
 */
export const tempFiles = defineCollector({
  name: 'temp_files',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  timeoutMs: 200,
  maxRows: 500,
  sql: sqlFiles('temp_files'),
  columns: {
    db: label(),
    temp_bytes: counter(
      'pg_temp_bytes_total',
      'Bytes',
      'Bytes written to temporary files by queries that did not fit into work_mem.',
      {
        cloudwatch: { by: 'cluster', fold: 'sum' },
      },
    ),
    temp_files: counter('pg_temp_files_total', 'Count', 'Temporary files created by queries.'),
    stats_reset: resetAt(),
  },
});
