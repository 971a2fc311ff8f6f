import { defineCollector } from './collector.ts';
import { counter, label, resetAt } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Reads and writes of files by kind of process, object and way of working; from `pg_stat_io`, from 16. */
export const io = defineCollector({
  name: 'io',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  needs: { major: 16 },
  timeoutMs: 300,
  maxRows: 200,
  sql: sqlFiles('io'),
  columns: {
    backend_type: label(),
    object: label({ detail: true }),
    context: label(),
    reads: counter('pg_io_reads_total', 'Count', 'Read operations.'),
    read_bytes: counter('pg_io_read_bytes_total', 'Bytes', 'Bytes read.'),
    read_seconds: counter('pg_io_read_seconds_total', 'Seconds', 'Time spent reading; 0 while timing is off.'),
    writes: counter('pg_io_writes_total', 'Count', 'Write operations.'),
    write_bytes: counter('pg_io_write_bytes_total', 'Bytes', 'Bytes written.'),
    write_seconds: counter('pg_io_write_seconds_total', 'Seconds', 'Time spent writing; 0 while timing is off.'),
    extends: counter('pg_io_extends_total', 'Count', 'Operations that extended a file.'),
    extend_bytes: counter('pg_io_extend_bytes_total', 'Bytes', 'Bytes by which files were extended.'),
    hits: counter('pg_io_hits_total', 'Count', 'Blocks found in shared buffers.'),
    evictions: counter('pg_io_evictions_total', 'Count', 'Blocks evicted from a buffer for another one.'),
    fsyncs: counter('pg_io_fsyncs_total', 'Count', 'Calls of fsync.'),
    stats_reset: resetAt(),
  },
});
