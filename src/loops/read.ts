import type { Collected, Collector } from '../collectors/collector.ts';
import type { Interval, Limits } from '../collectors/transform.ts';
import { type Moment, noInterval, type Rates, rates } from '../metrics/rates.ts';
import type { Outcome } from '../metrics/snapshot.ts';
import type { PostgresProblem } from '../postgres/problem.ts';
import type { Answer } from '../postgres/session.ts';
import type { CollectorState, CollectorStates } from './collector-state.ts';
import type { Details } from './details.ts';
import { overBudget } from './health.ts';
import type { Plan } from './plan.ts';
import { databaseOf, scopeKey } from './scope-key.ts';

/** What a pass got from one collector, or from one collector in one database. */
export interface Read {
  readonly collector: Collector;
  /** The database, for a collector of each database; undefined for one of the instance. */
  readonly database: string | undefined;
  readonly outcome: Outcome;
  readonly ms: number;
  /** What it answered; absent where it did not. */
  readonly answer?: Collected & { readonly rates: Rates; readonly sinceSentMs: number };
}

/** What answers are made of and compared with. */
export interface ReadContext {
  readonly states: CollectorStates;
  readonly moment: Moment;
  /** Our own clock, epoch milliseconds. */
  readonly takenAt: number;
  /** Whether the role sees what sessions of others do. */
  readonly seesAll: boolean;
  readonly limits: Limits;
  readonly redactSql: boolean;
  /** Longest time between two answers over which a rate still says something about now. */
  readonly longestGapSeconds: number;
  /** What was read of single objects. */
  readonly details?: Details;
}

/** What became of the plans of a session, from the answers to their statements by name. */
export function readsOf(
  plans: readonly Plan[],
  connected: string,
  answers: ReadonlyMap<string, Answer>,
  context: ReadContext,
): Read[] {
  return plans.map((plan) => {
    const { collector } = plan;
    const database = databaseOf(collector, connected);
    if ('backingOff' in plan) return { collector, database, ms: 0, outcome: backingOffOutcome(plan, database) };
    if ('skipped' in plan) return { collector, database, ms: 0, outcome: skippedOutcome(plan, database) };
    return answerRead(collector, database, answers.get(plan.statement.name), context);
  });
}

function skippedOutcome(plan: Extract<Plan, { skipped: string }>, database: string | undefined): Outcome {
  const { collector, skipped, hint, expected } = plan;
  return { collector: collector.name, database, status: 'skipped', reason: skipped, hint, expected };
}

/** A collector that skips this pass after failing. */
function backingOffOutcome(plan: Extract<Plan, { backingOff: unknown }>, database: string | undefined): Outcome {
  const { failures, passesLeft, reason } = plan.backingOff;
  return {
    collector: plan.collector.name,
    database,
    status: 'failed',
    degraded: true,
    reason: `after ${reason ?? `${failures} failures`}; next try in ${passesLeft} ${passesLeft === 1 ? 'pass' : 'passes'}`,
  };
}

function answerRead(
  collector: Collector,
  database: string | undefined,
  answer: Answer | undefined,
  context: ReadContext,
): Read {
  const { name } = collector;
  const ms = answer?.ms ?? 0;
  const failed = (reason: string): Read => ({
    collector,
    database,
    ms,
    outcome: { collector: name, database, status: 'failed', reason, ms },
  });
  if (collector.needs?.allSessions && !context.seesAll)
    return { collector, database, ms, outcome: unseeing(name, database) };
  if (!answer) return failed('no answer');
  if (!answer.ok) return { collector, database, ms, outcome: problemOutcome(collector, database, answer.problem, ms) };
  const { states, moment, takenAt, limits, redactSql, longestGapSeconds, details } = context;
  const before = states[scopeKey(collector, database)];
  const collected = collector.collect({
    answer: answer.rows,
    redactSql,
    labels: database === undefined ? {} : { db: database },
    previous: before?.value,
    interval: intervalSince(before, moment, longestGapSeconds),
    limits,
    now: moment.at,
    takenAt,
    details: details?.get(name),
  });
  if ('malformed' in collected) return failed(collected.malformed);
  const perSecond = rates(
    before && { moment: before.moment, points: before.counters },
    { moment, points: collected.counters },
    longestGapSeconds,
  );
  const outcome: Outcome = {
    collector: name,
    database,
    status: 'ok',
    ...collected.limited,
    ...withSlowness(collected.limited?.reason, overBudget(collector, ms)),
    rows: collected.count,
    total: collected.total,
    ms,
  };
  return {
    collector,
    database,
    ms,
    outcome,
    answer: { ...collected, rates: perSecond, sinceSentMs: answer.sinceSentMs },
  };
}

/** The reason of an outcome, with that it came late. */
function withSlowness(reason: string | undefined, slow: string | undefined): { reason?: string } {
  return slow === undefined ? {} : { reason: [slow, reason].filter(Boolean).join('; ') };
}

function intervalSince(before: CollectorState | undefined, now: Moment, longestGapSeconds: number): Interval {
  if (!before) return { noRate: 'first-run' };
  const noRate = noInterval(before.moment, now, longestGapSeconds);
  return noRate ? { noRate } : { seconds: now.at - before.moment.at };
}

const LONGER = 'Raise timeouts.statement_timeout_ms: a loop gives its statements up to nine tenths of its budget.';

/** Missing objects and permissions skip a collector, with the reason; anything else is a failure. */
function problemOutcome(
  { name, timeoutMs }: Collector,
  database: string | undefined,
  problem: PostgresProblem,
  ms: number,
): Outcome {
  const skipped = problem.kind === 'permission' || problem.kind === 'missing' || problem.kind === 'recovery';
  const stopped = problem.kind === 'statement-timeout';
  const hint = problem.kind === 'permission' ? grantFor(problem.message) : stopped ? LONGER : problem.hint;
  return {
    collector: name,
    database,
    status: skipped ? 'skipped' : 'failed',
    reason: stopped
      ? `no answer after ${Math.round(ms)} ms: statement_timeout stopped it; its budget is ${timeoutMs} ms`
      : problem.message,
    hint: hint || undefined,
    ms,
  };
}

function unseeing(collector: string, database: string | undefined): Outcome {
  return {
    collector,
    database,
    status: 'skipped',
    reason: 'sessions of other users are hidden from this role: what it does not see is not 0',
    hint: grantFor(''),
  };
}

function grantFor(message: string): string {
  const schema = /permission denied for schema (.+)$/.exec(message)?.[1];
  const right = schema ? `USAGE ON SCHEMA "${schema.replaceAll('"', '""')}"` : 'pg_monitor';
  return `GRANT ${right} TO the role that pgmon logs in as.`;
}
