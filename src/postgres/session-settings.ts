/** Timeouts that the server keeps for us. */
export interface ServerTimeouts {
  readonly statementTimeoutMs: number;
  readonly lockTimeoutMs: number;
}

/**
 * Set once per connection, since every SET at every pass would be a statement that reads nothing. `work_mem` keeps
 * the session list and the statements in memory instead of a temp file; JIT and parallel workers cost more than any
 * statement of ours; an empty search path leaves no way to be tricked by objects in other schemas.
 */
export function sessionSettings(options: ServerTimeouts, major: number): string {
  return [
    '/* pgmon:connect */ SET default_transaction_read_only = on',
    `SET statement_timeout = ${options.statementTimeoutMs}`,
    `SET lock_timeout = ${options.lockTimeoutMs}`,
    'SET search_path = pg_catalog',
    "SET work_mem = '64MB'",
    'SET jit = off',
    'SET max_parallel_workers_per_gather = 0',
    "SET timezone = 'UTC'",
    'SET extra_float_digits = 1',
    // From 15: each counter is read once, so that a copy kept until the end of the statement is only work.
    ...(major >= 15 ? ['SET stats_fetch_consistency = none'] : []),
  ].join('; ');
}
