import * as z from 'zod';
import { labelValue, type Sample } from '../metrics/sample.ts';
import { defineCollector } from './collector.ts';
import { gauge, label } from './columns.ts';
import { sqlFiles } from './sql.ts';
import type { NoRateSample } from './transform.ts';

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
  state: { schema: z.record(z.string(), z.number()) },
  transform: ({ rows, previous, interval }) => ({
    rows,
    samples: rows.map(({ db, size_bytes }): Sample | NoRateSample => {
      const [metric, labels] = ['pg_database_growth_bytes', { db: labelValue(db) }];
      if ('noRate' in interval) return { metric, labels, noRate: interval.noRate };
      const before = previous?.[db];
      if (before === undefined || size_bytes === null) return { metric, labels, noRate: 'first-run' };
      return { metric, labels, value: size_bytes - before };
    }),
    state: Object.fromEntries(rows.flatMap(({ db, size_bytes }) => (size_bytes === null ? [] : [[db, size_bytes]]))),
  }),
});
