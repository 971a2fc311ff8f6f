import { defineCollector } from './collector.ts';
import { counter, gauge, resetAt, state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** How archiving of WAL fares; from `pg_stat_archiver`. */
export const archiver = defineCollector({
  name: 'archiver',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  timeoutMs: 200,
  maxRows: 1,
  sql: sqlFiles('archiver'),
  columns: {
    archived: counter('pg_archived_wal_files_total', 'Count', 'WAL files archived.'),
    failed: counter('pg_archive_failures_total', 'Count', 'Failed attempts to archive a WAL file.'),
    last_failed_wal: state.text(),
    last_archived_age_seconds: gauge(
      'pg_last_archived_age_seconds',
      'Seconds',
      'Time since the last WAL file was archived; absent if none ever was.',
    ),
    failing: gauge('pg_archiver_failing', 'None', '1 if the last attempt to archive failed, else 0.', {
      cloudwatch: { by: 'cluster', fold: 'max' },
    }),
    stats_reset: resetAt(),
  },
});
