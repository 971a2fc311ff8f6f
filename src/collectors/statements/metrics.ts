const perStatement = (unit: 'Count' | 'Seconds', help: string) =>
  ({ type: 'counter', unit, help, labels: ['db', 'queryid'], detail: true }) as const;

/** Metrics of statements: of the top N each, and of all of a database together. */
export const statementMetrics = {
  pg_stat_statements_entries: {
    type: 'gauge',
    unit: 'Count',
    help: 'Statements with counters on the server; at pg_stat_statements.max the least used are evicted.',
    labels: [],
  },
  pg_stmt_calls_total: perStatement('Count', 'Executions of a statement in the top list.'),
  pg_stmt_time_seconds_total: perStatement('Seconds', 'Execution time of a statement in the top list.'),
  pg_stmt_shared_blks_read_total: perStatement(
    'Count',
    'Blocks that a statement in the top list read from outside shared buffers.',
  ),
  pg_stmt_rows_total: perStatement('Count', 'Rows that a statement in the top list returned or changed.'),
  pg_qps: {
    type: 'gauge',
    unit: 'Count/Second',
    help: 'Client statements per second since the previous pass, or since pg_stat_statements was reset if that came later.',
    labels: ['db'],
    cloudwatch: { by: 'cluster', fold: 'sum' },
  },
  pg_query_latency_seconds_mean: {
    type: 'gauge',
    unit: 'Seconds',
    help: 'Mean execution time of client statements since the previous pass.',
    labels: ['db'],
    cloudwatch: { by: 'cluster', fold: 'max' },
  },
  pg_query_latency_seconds_p95: {
    type: 'gauge',
    unit: 'Seconds',
    help: 'Estimated 95th percentile of statement latency since the previous pass, from the mean and deviation of each statement.',
    labels: ['db'],
  },
} as const;
