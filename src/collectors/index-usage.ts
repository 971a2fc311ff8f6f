import { defineCollector } from './collector.ts';
import { counter, gauge, label, rowsSchema, state } from './columns.ts';
import { unmeasured, withLastKnown } from './last-known.ts';
import { sqlFiles } from './sql.ts';

const columns = {
  index: label({ detail: true }),
  relation: state.key(),
  size_bytes: gauge(
    'pg_index_size_bytes',
    'Bytes',
    'Size of the index; the last known size while a lock prevents measuring.',
  ),
  measured_at: state.number(),
  scans: counter('pg_index_scans_total', 'Count', 'Scans that used the index; a standby counts its own.'),
  last_scan_seconds: gauge('pg_index_last_scan_seconds', 'Seconds', 'Time since the index was last used; from 16.'),
  is_unique: state.truth(),
  is_primary: state.truth(),
};

/** Sizes and scans of the largest indexes; the last scan's time from 16. */
export const indexUsage = defineCollector({
  name: 'index_usage',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'any',
  timeoutMs: 2_000,
  maxRows: 500,
  sql: sqlFiles('index_usage'),
  values: ({ topIndexes }) => [topIndexes],
  columns,
  state: { schema: rowsSchema(columns) },
  transform: ({ rows: read, previous = [] }) => {
    const rows = withLastKnown(read, previous, ({ index }) => index);
    return { rows, state: rows, limited: unmeasured(read, ({ index }) => index) };
  },
});
