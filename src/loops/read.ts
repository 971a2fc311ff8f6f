import type { Collector, Row } from '../collectors/collector.ts';
import { redactSql } from '../collectors/redact.ts';
import type { Outcome } from '../metrics/snapshot.ts';
import type { PostgresProblem } from '../postgres/problem.ts';
import type { Answer } from '../postgres/session.ts';
import { healthy } from './health.ts';
import type { Memory } from './memory.ts';
import type { Plan } from './plan.ts';

/** What a pass got from one collector. */
export interface Read {
  readonly collector: Collector;
  readonly outcome: Outcome;
  readonly rows: readonly Row[];
  readonly ms: number;
}

/** A collector that was not sent. */
export function skippedRead(plan: Extract<Plan, { skipped: string }>): Read {
  const { collector, skipped, hint } = plan;
  return {
    collector,
    rows: [],
    ms: 0,
    outcome: { collector: collector.name, status: 'skipped', reason: skipped, ...(hint ? { hint } : {}) },
  };
}

/** An answer checked by the collector's schema: one row that is not as declared fails the collector, and it alone. */
export function parsedRead(collector: Collector, answer: Answer | undefined, redact: boolean): Read {
  const ms = answer?.ms ?? 0;
  const failed = (reason: string): Read => ({
    collector,
    rows: [],
    ms,
    outcome: { collector: collector.name, status: 'failed', reason, ms },
  });
  if (!answer) return failed('no answer');
  if (!answer.ok) return problemRead(collector, answer.problem, ms);
  const rows: Row[] = [];
  for (const raw of answer.rows.slice(0, collector.maxRows)) {
    const parsed = collector.rowSchema.safeParse(raw);
    const issue = parsed.error?.issues[0];
    if (!parsed.success)
      return failed(`column ${issue?.path.join('.') || '?'}: ${issue?.message ?? 'not as declared'}`);
    rows.push(redact ? redacted(collector, parsed.data) : parsed.data);
  }
  return { collector, rows, ms, outcome: { collector: collector.name, status: 'ok', rows: rows.length, ms } };
}

/** What is not there or not allowed is skipped, with the reason; what broke has failed. */
function problemRead(collector: Collector, problem: PostgresProblem, ms: number): Read {
  const skipped = problem.kind === 'permission' || problem.kind === 'missing' || problem.kind === 'recovery';
  const hint = problem.kind === 'permission' ? 'GRANT pg_monitor TO the role that pgmon logs in as.' : problem.hint;
  const outcome: Outcome = {
    collector: collector.name,
    status: skipped ? 'skipped' : 'failed',
    reason: problem.message,
    ...(hint ? { hint } : {}),
    ms,
  };
  return { collector, rows: [], ms, outcome };
}

function redacted(collector: Collector, row: Row): Row {
  const texts = Object.entries(collector.columns).filter(([, column]) => column.kind === 'state' && column.isSql);
  const clean = texts.map(([name]) => [name, typeof row[name] === 'string' ? redactSql(row[name]) : row[name]]);
  return { ...row, ...Object.fromEntries(clean) };
}

/** A collector that sits this pass out after failing. */
export function restingOutcome(collector: Collector, memory: Memory): Outcome {
  const { failures, resting } = memory.health[collector.name] ?? healthy;
  return {
    collector: collector.name,
    status: 'failed',
    degraded: true,
    reason: `degraded after ${failures} failures: tried again in ${resting} ${resting === 1 ? 'pass' : 'passes'}`,
  };
}
