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
function settingsOf(options: ServerTimeouts, major: number): readonly (readonly [name: string, value: string])[] {
  return [
    ['default_transaction_read_only', 'on'],
    ['statement_timeout', String(options.statementTimeoutMs)],
    ['lock_timeout', String(options.lockTimeoutMs)],
    ['search_path', 'pg_catalog'],
    ['work_mem', "'64MB'"],
    ['jit', 'off'],
    ['max_parallel_workers_per_gather', '0'],
    // Values are caps, the same at every pass: a plan of its own for each of the first five is 1 ms of planning a statement.
    ['plan_cache_mode', 'force_generic_plan'],
    ['timezone', "'UTC'"],
    ['extra_float_digits', '1'],
    // From 15: each counter is read once, so that a copy kept until the end of the statement is only work.
    ...(major >= 15 ? [['stats_fetch_consistency', 'none'] as const] : []),
  ];
}

/** The settings as one text of SET commands. */
export function sessionSettings(options: ServerTimeouts, major: number): string {
  const sets = settingsOf(options, major).map(([name, value]) => `SET ${name} = ${value}`);
  return `/* pgmon:connect */ ${sets.join('; ')}`;
}

/** The settings for the startup packet, where nothing but the server reads it. */
export function startupOptions(options: ServerTimeouts, major: number): string {
  return settingsOf(options, major)
    .map(([name, value]) => `-c ${name}=${value.replaceAll("'", '')}`)
    .join(' ');
}
