import { labelValue, type Sample } from '../metrics/sample.ts';
import { defineCollector, type Withheld } from './collector.ts';
import { gauge, label } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Size of every database, and how it grew; from `pg_database_size`. */
export const databaseSizes = defineCollector({
  name: 'database_sizes',
  loop: 'storage',
  scope: 'instance',
  role: 'any',
  timeoutMs: 2_500,
  maxRows: 500,
  sql: sqlFiles('database_sizes'),
  columns: {
    db: label(),
    size_bytes: gauge('pg_database_size_bytes', 'Bytes', 'Size of the database on disk.', {
      cloudwatch: { by: 'cluster', fold: 'sum' },
    }),
  },
  metrics: {
    pg_database_growth_bytes: {
      type: 'gauge',
      unit: 'Bytes',
      help: 'Growth of the database since the pass before; negative where it shrank.',
      labels: ['db'],
    },
  },
  remembers: 'rows',
  derive: ({ rows, before, noRate }) =>
    rows.map(({ db, size_bytes }): Sample | Withheld => {
      const labels = { db: labelValue(db) };
      const old = before?.rows.find((row) => row.db === db)?.size_bytes;
      if (!before || old === undefined || old === null || size_bytes === null) {
        return { metric: 'pg_database_growth_bytes', labels, withheld: noRate };
      }
      return { metric: 'pg_database_growth_bytes', labels, value: size_bytes - old };
    }),
});
