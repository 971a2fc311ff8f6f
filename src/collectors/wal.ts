import { defineCollector } from './collector.ts';
import { counter, resetAt } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** WAL that the server generated; from `pg_stat_wal`, before 14 from the position in it. */
export const wal = defineCollector({
  name: 'wal',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  timeoutMs: 200,
  maxRows: 1,
  sql: sqlFiles('wal'),
  columns: {
    wal_bytes: counter('pg_wal_bytes_written_total', 'Bytes', 'WAL generated.', {
      cloudwatch: { by: 'cluster', fold: 'sum' },
    }),
    wal_records: counter('pg_wal_records_total', 'Count', 'WAL records generated; from 14.'),
    wal_full_page_images: counter('pg_wal_full_page_images_total', 'Count', 'Full page images in the WAL; from 14.'),
    wal_buffers_full: counter(
      'pg_wal_buffers_full_total',
      'Count',
      'Times that WAL was written because wal_buffers was full; from 14.',
    ),
    stats_reset: resetAt(),
  },
});
