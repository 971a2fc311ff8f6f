import { defineCollector } from './collector.ts';
import { label, state } from './columns.ts';
import { sqlFiles } from './sql.ts';

/** Phases of `pg_stat_progress_vacuum`, all of them always given: no autovacuum is a 0, not a gap. */
const PHASES = [
  'initializing',
  'scanning heap',
  'vacuuming indexes',
  'vacuuming heap',
  'cleaning up indexes',
  'truncating heap',
  'performing final cleanup',
] as const;

/** Vacuums at work, with how far each is; from `pg_stat_progress_vacuum`. */
export const vacuumProgress = defineCollector({
  name: 'vacuum_progress',
  loop: 'hot',
  scope: 'instance',
  role: 'any',
  timeoutMs: 200,
  maxRows: 100,
  sql: sqlFiles('vacuum_progress'),
  columns: {
    pid: state.number(),
    db: label(),
    relation: state.text(),
    phase: label(),
    is_autovacuum: state.flag(),
    age_seconds: state.number(),
    heap_blocks_total: state.number(),
    heap_blocks_scanned: state.number(),
    heap_blocks_vacuumed: state.number(),
    index_passes: state.number(),
    dead_items: state.number(),
    indexes_total: state.number(),
    indexes_processed: state.number(),
  },
  metrics: {
    pg_autovacuum_jobs: {
      type: 'gauge',
      unit: 'Count',
      help: 'Running autovacuum workers, by phase.',
      labels: ['phase'],
    },
    pg_manual_vacuum_jobs: {
      type: 'gauge',
      unit: 'Count',
      help: 'Running VACUUM commands of clients.',
      labels: [],
    },
  },
  transform: ({ rows }) => ({
    rows,
    samples: [
      ...PHASES.map((phase) => ({
        metric: 'pg_autovacuum_jobs',
        labels: { phase },
        value: rows.filter((row) => row.is_autovacuum && row.phase === phase).length,
      })),
      { metric: 'pg_manual_vacuum_jobs', labels: {}, value: rows.filter((row) => !row.is_autovacuum).length },
    ],
  }),
});
