import type { Collector, Limits } from '../collectors/collector.ts';
import { type CounterPoint, extract } from '../collectors/samples.ts';
import type { Loop } from '../config/loop.ts';
import type { TargetConfig } from '../config/target.ts';
import { type Moment, noInterval, rates } from '../metrics/rates.ts';
import { type Sample, seriesKey } from '../metrics/sample.ts';
import type { Finding, Snapshot } from '../metrics/snapshot.ts';
import { type PostgresProblem, problemOf } from '../postgres/problem.ts';
import type { ServerInfo } from '../postgres/server-info.ts';
import type { Answer, Session, Statement } from '../postgres/session.ts';
import type { Sessions } from '../postgres/sessions.ts';
import { clockStatement, parseClock } from './clock.ts';
import { afterRest, afterTry, type Health, healthy } from './health.ts';
import type { Memory } from './memory.ts';
import { type Plan, planCollector } from './plan.ts';
import { parsedRead, type Read, restingOutcome, skippedRead } from './read.ts';
import { selfSamples } from './self-samples.ts';

export interface PassInput {
  readonly target: TargetConfig;
  readonly loop: Loop;
  readonly collectors: readonly Collector[];
  readonly sessions: Sessions;
  readonly limits: Limits;
  /** Replaces literals in the texts of statements before they are kept. */
  readonly redactSql: boolean;
  /** Most time from now until the answers must be there, the connection included. */
  readonly deadlineMs: number;
  /** Longest time between two passes over which a rate still says something about now. */
  readonly longestGapSeconds: number;
  readonly memory: Memory;
  /** Our own clock, for time stamps: a server whose clock is off must not look late, or ahead of the present. */
  readonly now: () => Date;
}

export interface PassOutput {
  readonly snapshot: Snapshot;
  readonly memory: Memory;
}

/**
 * One pass of a loop over one target: all collectors in one round trip, each failing alone. Never throws for what a
 * server does: a target that is down is a snapshot that says so.
 */
export async function runPass(input: PassInput): Promise<PassOutput> {
  const started = performance.now();
  const took = () => performance.now() - started;
  try {
    const { session, plans, answers, clock } = await readAll(input);
    if (!clock?.ok) throw clock ? clock.problem : new Error('no answer');
    const moment = parseClock(clock.rows);
    const findings = input.sessions.findings(input.target);
    // A promotion changes what can be read: the next pass learns the server anew.
    if (moment.role !== session.info.role) await input.sessions.drop(input.target);
    return digest(input, session.info, moment, plans, answers, findings, took);
  } catch (error) {
    return down(input, problemOf(error, false), took());
  }
}

/** The plans with the answers to those that were sent, and the clock's. */
interface ReadAll {
  readonly session: Session;
  readonly plans: readonly Plan[];
  readonly answers: readonly Answer[];
  readonly clock: Answer | undefined;
}

/** Sends everything at once: first what times its own answer, so that nothing is ahead of it, then the clock. */
async function readAll(input: PassInput): Promise<ReadAll> {
  let plans: Plan[] = [];
  let clockAt = 0;
  const { session, answers } = await input.sessions.read(
    input.target,
    ({ info }) => {
      const awake = input.collectors.filter(({ name }) => !((input.memory.health[name] ?? healthy).resting > 0));
      const planned = awake.map((collector) => planCollector(collector, info, input.limits));
      const [timed, others] = [planned.filter(isTimed), planned.filter((plan) => !isTimed(plan))];
      plans = [...timed, ...others];
      clockAt = statementsOf(timed).length;
      return [...statementsOf(timed), clockStatement, ...statementsOf(others)];
    },
    input.deadlineMs,
  );
  return { session, plans, answers: answers.toSpliced(clockAt, 1), clock: answers[clockAt] };
}

const isTimed = ({ collector }: Plan): boolean => collector.answerTime !== undefined;

function statementsOf(plans: readonly Plan[]): Statement[] {
  return plans.flatMap((plan) => ('statement' in plan ? [plan.statement] : []));
}

function digest(
  input: PassInput,
  server: ServerInfo,
  moment: Moment,
  plans: readonly Plan[],
  answers: readonly Answer[],
  findings: readonly Finding[],
  took: () => number,
): PassOutput {
  const { memory, loop, target } = input;
  const queue = [...answers];
  const reads = plans.map(
    (plan): Read =>
      'skipped' in plan ? skippedRead(plan) : parsedRead(plan.collector, queue.shift(), input.redactSql),
  );
  const resting = input.collectors.filter(({ name }) => !plans.some((plan) => plan.collector.name === name));
  const { before } = memory;
  const interval =
    before && !noInterval(before.moment, moment, input.longestGapSeconds) ? moment.at - before.moment.at : undefined;
  const gauges: Sample[] = [];
  const counters: CounterPoint[] = [];
  for (const { collector, outcome, rows, ms } of reads) {
    if (outcome.status !== 'ok') continue;
    const extracted = extract(collector, rows);
    gauges.push(...extracted.gauges);
    counters.push(...extracted.counters);
    if (collector.answerTime) gauges.push({ metric: collector.answerTime.name, labels: {}, value: ms / 1_000 });
    const old = before?.rows[collector.name];
    gauges.push(
      ...(collector.derive?.({
        rows,
        ...(old && interval ? { before: { rows: old, seconds: interval } } : {}),
        limits: input.limits,
        now: moment.at,
      }) ?? []),
    );
  }
  const perSecond = rates(
    before ? { moment: before.moment, points: before.counters } : undefined,
    { moment, points: counters },
    input.longestGapSeconds,
  );
  const outcomes = [
    ...reads.map(({ outcome }) => outcome),
    ...resting.map((collector) => restingOutcome(collector, memory)),
  ];
  const errors = memory.errors + outcomes.filter(({ status, degraded }) => status === 'failed' && !degraded).length;
  const durationMs = took();
  return {
    snapshot: {
      cluster: target.cluster,
      loop,
      takenAt: input.now().toISOString(),
      up: true,
      server: {
        version: server.version,
        major: server.major,
        role: moment.role,
        startedAt: moment.startedAt,
        database: server.database,
        pooled: server.pooled,
      },
      durationMs,
      outcomes,
      findings: [...findings],
      samples: [...unique([...gauges, ...counters]), ...selfSamples(loop, true, durationMs, outcomes, errors)],
      rates: [...perSecond.rates],
      withheld: Object.fromEntries(perSecond.withheld),
      rows: Object.fromEntries(reads.map(({ collector, rows }) => [collector.name, [...rows]])),
    },
    memory: {
      before: {
        moment,
        counters,
        rows: Object.fromEntries(
          reads.filter((read) => read.collector.comparesPasses).map((read) => [read.collector.name, [...read.rows]]),
        ),
      },
      health: nextHealth(memory, reads, resting),
      errors,
    },
  };
}

function nextHealth(memory: Memory, reads: readonly Read[], resting: readonly Collector[]): Record<string, Health> {
  const next: Record<string, Health> = {};
  for (const { collector, outcome, ms } of reads) {
    const good = outcome.status !== 'failed' && ms <= collector.timeoutMs;
    const health = afterTry(memory.health[collector.name] ?? healthy, good);
    if (health.failures > 0) next[collector.name] = health;
  }
  for (const { name } of resting) next[name] = afterRest(memory.health[name] ?? healthy);
  return next;
}

function down(input: PassInput, problem: PostgresProblem, durationMs: number): PassOutput {
  const { memory, loop, target } = input;
  const errors = memory.errors + 1;
  return {
    snapshot: {
      cluster: target.cluster,
      loop,
      takenAt: input.now().toISOString(),
      up: false,
      problem: { kind: problem.kind, message: problem.message, hint: problem.hint },
      durationMs,
      outcomes: [],
      findings: [],
      samples: selfSamples(loop, false, durationMs, [], errors),
      rates: [],
      withheld: {},
      rows: {},
    },
    memory: { ...memory, errors },
  };
}

function unique(samples: readonly Sample[]): Sample[] {
  return [...new Map(samples.map((sample) => [seriesKey(sample.metric, sample.labels), sample])).values()];
}
