import type { Collector, Row } from '../collectors/collector.ts';
import { redactSql } from '../collectors/redact.ts';
import type { Outcome } from '../metrics/snapshot.ts';
import type { PostgresProblem } from '../postgres/problem.ts';
import type { Answer } from '../postgres/session.ts';
import { type Health, healthy } from './health.ts';
import type { Plan } from './plan.ts';

/** What a pass got from one collector, or from one collector in one database. */
export interface Read {
  readonly collector: Collector;
  /** The database, for a collector of each database; undefined for one of the instance. */
  readonly database: string | undefined;
  readonly outcome: Outcome;
  readonly rows: readonly Row[];
  readonly ms: number;
}

/** Under which name a collector's health and rows are remembered: those of each database apart. */
export function placeOf(collector: Collector, database: string | undefined): string {
  return database === undefined ? collector.name : `${collector.name} in ${database}`;
}

/** The database that a collector's rows are of, read over a session to this database. */
export function databaseOf(collector: Collector, connected: string): string | undefined {
  return collector.scope === 'database' ? connected : undefined;
}

/** A collector that was not sent. */
export function skippedRead(plan: Extract<Plan, { skipped: string }>, database: string | undefined): Read {
  const { collector, skipped, hint, expected } = plan;
  return {
    ...nothingRead(collector, database, 0),
    outcome: {
      ...named(collector, database),
      status: 'skipped',
      reason: skipped,
      ...(hint ? { hint } : {}),
      ...(expected ? { expected } : {}),
    },
  };
}

/** A collector that sits this pass out after failing. */
export function restingRead(collector: Collector, database: string | undefined, health: Health = healthy): Read {
  const { failures, resting, reason } = health;
  const why = reason ?? `${failures} failures`;
  return {
    ...nothingRead(collector, database, 0),
    outcome: {
      ...named(collector, database),
      status: 'failed',
      degraded: true,
      reason: `degraded after ${why}: tried again in ${resting} ${resting === 1 ? 'pass' : 'passes'}`,
    },
  };
}

/** An answer checked by the collector's schema: one row that is not as declared fails the collector, and it alone. */
export function parsedRead(
  collector: Collector,
  database: string | undefined,
  answer: Answer | undefined,
  redact: boolean,
): Read {
  const ms = answer?.ms ?? 0;
  const failed = (reason: string): Read => ({
    ...nothingRead(collector, database, ms),
    outcome: { ...named(collector, database), status: 'failed', reason, ms },
  });
  if (!answer) return failed('no answer');
  if (!answer.ok) {
    return {
      ...nothingRead(collector, database, ms),
      outcome: problemOutcome(collector, database, answer.problem, ms),
    };
  }
  const rows: Row[] = [];
  for (const raw of answer.rows.slice(0, collector.maxRows)) {
    const parsed = collector.rowSchema.safeParse(raw);
    const issue = parsed.error?.issues[0];
    if (!parsed.success)
      return failed(`column ${issue?.path.join('.') || '?'}: ${issue?.message ?? 'not as declared'}`);
    rows.push(redact ? redacted(collector, parsed.data) : parsed.data);
  }
  const blind = collector.blindness(rows) ?? cutOf(answer.rows.length, rows.length) ?? {};
  const outcome: Outcome = { ...named(collector, database), status: 'ok', ...blind, rows: rows.length, ms };
  return { collector, database, rows, ms, outcome };
}

/** A statement that gave more rows than its collector takes. */
function cutOf(given: number, taken: number): { reason: string } | undefined {
  return given > taken ? { reason: `${taken} of ${given} rows were taken: the rest is not shown` } : undefined;
}

function nothingRead(collector: Collector, database: string | undefined, ms: number): Omit<Read, 'outcome'> {
  return { collector, database, rows: [], ms };
}

function named(collector: Collector, database: string | undefined): Pick<Outcome, 'collector' | 'database'> {
  return { collector: collector.name, ...(database === undefined ? {} : { database }) };
}

/** What is not there or not allowed is skipped, with the reason; what broke has failed. */
function problemOutcome(
  collector: Collector,
  database: string | undefined,
  problem: PostgresProblem,
  ms: number,
): Outcome {
  const skipped = problem.kind === 'permission' || problem.kind === 'missing' || problem.kind === 'recovery';
  const hint = problem.kind === 'permission' ? grantFor(problem.message) : problem.hint;
  return {
    ...named(collector, database),
    status: skipped ? 'skipped' : 'failed',
    reason: problem.message,
    ...(hint ? { hint } : {}),
    ms,
  };
}

function grantFor(message: string): string {
  const schema = /permission denied for schema (.+)$/.exec(message)?.[1];
  const right = schema ? `USAGE ON SCHEMA "${schema.replaceAll('"', '""')}"` : 'pg_monitor';
  return `GRANT ${right} TO the role that pgmon logs in as.`;
}

function redacted(collector: Collector, row: Row): Row {
  const texts = Object.entries(collector.columns).filter(([, column]) => column.kind === 'state' && column.isSql);
  if (texts.length === 0) return row;
  const clean = texts.map(([name]) => [name, typeof row[name] === 'string' ? redactSql(row[name]) : row[name]]);
  return { ...row, ...Object.fromEntries(clean) };
}
