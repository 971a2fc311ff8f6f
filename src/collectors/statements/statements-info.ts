import { defineCollector } from '../collector.ts';
import { counter, gauge, resetAt } from '../columns.ts';
import { sqlFiles } from '../sql.ts';

/** Evictions from the table of statements; from `pg_stat_statements_info`, extension version 1.9. */
export const statementsInfo = defineCollector({
  name: 'statements_info',
  loop: 'workload',
  scope: 'instance',
  role: 'any',
  needs: { major: 14, extension: { name: 'pg_stat_statements', version: '1.9' } },
  timeoutMs: 200,
  maxRows: 1,
  sql: sqlFiles('statements_info'),
  sqlBy: 'extension',
  columns: {
    evictions: counter(
      'pg_stat_statements_evictions_total',
      'Count',
      'Times that the least used statements were evicted because pg_stat_statements.max was reached.',
    ),
    max_entries: gauge(
      'pg_stat_statements_max',
      'Count',
      'Maximum number of statements with counters (pg_stat_statements.max).',
    ),
    stats_reset: resetAt(),
  },
});
