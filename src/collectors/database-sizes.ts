import { labelValue, type Sample } from '../metrics/sample.ts';
import { defineCollector } from './collector.ts';
import { gauge, label, type RowOf, rowsSchema, state } from './columns.ts';
import { few } from './few.ts';
import { withLastKnown } from './last-known.ts';
import { sqlFiles } from './sql.ts';
import type { LimitedVisibility, NoRateSample } from './transform.ts';

const columns = {
  db: label(),
  size_bytes: gauge('pg_database_size_bytes', 'Bytes', 'Size of the database on disk.', {
    cloudwatch: { by: 'cluster', fold: 'sum' },
  }),
  /** Epoch seconds; older than the pass where there was no time to measure it again. */
  measured_at: state.number(),
  all_databases: state.number(),
};

/**
 * Size of every database, and how it grew; from `pg_database_size`. What there was no time to measure keeps its last known
 * size, with the time of its measurement.
 */
export const databaseSizes = defineCollector({
  name: 'database_sizes',
  loop: 'storage',
  scope: 'instance',
  role: 'any',
  timeoutMs: 2_500,
  maxRows: 500,
  sql: sqlFiles('database_sizes'),
  columns,
  metrics: {
    pg_database_growth_bytes: {
      type: 'gauge',
      unit: 'Bytes',
      help: 'Growth of the database since the pass before; negative where it shrank.',
      labels: ['db'],
    },
  },
  state: { schema: rowsSchema(columns) },
  total: (rows) => rows[0]?.all_databases ?? undefined,
  transform: ({ rows: read, previous = [], interval }) => {
    const rows = withLastKnown(read, previous, ({ db }) => db);
    const samples = rows.map(({ db, size_bytes, measured_at }): Sample | NoRateSample => {
      const [metric, labels] = ['pg_database_growth_bytes', { db: labelValue(db) }];
      if ('noRate' in interval) return { metric, labels, noRate: interval.noRate };
      const before = previous.find((row) => row.db === db);
      if (!before || before.size_bytes === null || size_bytes === null) return { metric, labels, noRate: 'first-run' };
      if (before.measured_at === measured_at) return { metric, labels, noRate: 'gap' };
      return { metric, labels, value: size_bytes - before.size_bytes };
    });
    return { rows, samples, state: rows, limited: notMeasured(read) };
  },
});

function notMeasured(rows: readonly RowOf<typeof columns>[]): LimitedVisibility | undefined {
  const late = rows.filter(({ measured_at }) => measured_at === null).map(({ db }) => db);
  if (late.length === 0) return undefined;
  return {
    reason: `no time to measure ${late.length} of ${rows.length} databases: ${few(late)}`,
    hint: 'Each keeps its last known size, with the time of it in measured_at, until a pass has time for it.',
  };
}
