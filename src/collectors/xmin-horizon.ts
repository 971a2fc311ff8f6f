import { defineCollector } from './collector.ts';
import { state } from './columns.ts';
import { sqlFiles } from './sql.ts';

const HOLDERS = ['backend', 'slot', 'prepared transaction', 'standby'] as const;

/**
 * What keeps vacuum from removing dead rows, oldest first: snapshots of sessions, slots, prepared transactions and
 * standbys. All kinds are always given: nobody holding it is a 0, not a gap.
 */
export const xminHorizon = defineCollector({
  name: 'xmin_horizon',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  needs: { allSessions: true },
  timeoutMs: 500,
  maxRows: 20,
  sql: sqlFiles('xmin_horizon'),
  columns: {
    holder: state.key(),
    /** Pid, slot, transaction's name or standby. */
    name: state.text(),
    held_in: state.text(),
    detail: state.text(),
    xmin_age: state.count(),
  },
  metrics: {
    pg_xmin_horizon_age: {
      type: 'gauge',
      unit: 'Count',
      help: 'Age, in transactions, of the oldest snapshot that keeps vacuum from removing rows, by holder.',
      labels: ['holder'],
      cloudwatch: { by: 'cluster', fold: 'max' },
    },
  },
  transform: ({ rows }) => ({
    rows,
    samples: HOLDERS.map((holder) => ({
      metric: 'pg_xmin_horizon_age',
      labels: { holder },
      value: Math.max(0, ...rows.filter((row) => row.holder === holder).map(({ xmin_age }) => xmin_age)),
    })),
  }),
});
