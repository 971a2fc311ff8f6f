import type { Collector } from '../collectors/collector.ts';
import { LOOP_BUDGET_MS } from '../config/loop.ts';
import type { Moment } from '../metrics/rates.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { type PostgresProblem, problemOf } from '../postgres/problem.ts';
import type { Answer, Statement } from '../postgres/session.ts';
import type { Sessions } from '../postgres/sessions.ts';
import { clockStatement, parseClock } from './clock.ts';
import { databaseTurn, discoveryStatement, isWatched, parseDiscovery } from './databases.ts';
import { type DigestInput, digest, type PassOutput } from './digest.ts';
import { healthy } from './health.ts';
import type { Memory } from './memory.ts';
import { type Plan, planCollector } from './plan.ts';
import { databaseOf, parsedRead, placeOf, type Read, restingRead, skippedRead } from './read.ts';
import { selfSamples } from './self-samples.ts';

export interface PassInput
  extends Pick<DigestInput, 'target' | 'loop' | 'limits' | 'longestGapSeconds' | 'memory' | 'now'> {
  readonly collectors: readonly Collector[];
  readonly sessions: Sessions;
  /** Replaces literals in the texts of statements before they are kept. */
  readonly redactSql: boolean;
  /** Most time from now until the answers must be there, the connection included. */
  readonly deadlineMs: number;
}

/** Share of the loop's budget after which no further database is begun. */
const LAST_START = 0.7;

/**
 * One pass of a loop over one target: everything about the server and its connected database in one round trip, then
 * the other databases in turn. Each collector fails alone, each database too. Never throws for what a server does: a
 * target that is down is a snapshot that says so.
 */
export async function runPass(input: PassInput): Promise<PassOutput> {
  const started = performance.now();
  const took = () => performance.now() - started;
  try {
    const { session, moment, reads, turn } = await readConnected(input);
    const findings = [...input.sessions.findings(input.target), ...(turn?.findings ?? [])];
    const rest = await readOthers(input, turn?.visit ?? [], findings, took);
    // A promotion changes what can be read: the next pass learns the server anew.
    if (moment.role !== session.info.role) await input.sessions.drop(input.target);
    return digest({
      ...input,
      server: session.info,
      moment,
      reads: [...reads, ...rest.reads],
      findings: [...findings, ...rest.findings],
      resumeAt: rest.resumeAt,
      durationMs: took(),
    });
  } catch (error) {
    return down(input, problemOf(error, false), took());
  }
}

/** Sends everything at once: first what times its own answer, so that nothing is ahead of it, then the clock. */
async function readConnected(input: PassInput) {
  const { target, collectors, memory } = input;
  const lists = collectors.some(({ scope }) => scope === 'database');
  let wanted: Collector[] = [];
  let plans: Plan[] = [];
  const { session, answers } = await input.sessions.read(
    target,
    ({ info }) => {
      const watched = isWatched(info.database, target.databases);
      wanted = collectors.filter(({ scope }) => scope === 'instance' || watched);
      const planned = awake(wanted, info.database, memory).map((one) => planCollector(one, info, input.limits));
      plans = [...planned.filter(isTimed), ...planned.filter((plan) => !isTimed(plan))];
      const timed = statementsOf(plans.filter(isTimed));
      const others = statementsOf(plans.filter((plan) => !isTimed(plan)));
      return [...timed, clockStatement, ...(lists ? [discoveryStatement] : []), ...others];
    },
    input.deadlineMs,
  );
  const own = statementsOf(plans.filter(isTimed)).length;
  const [clock, found] = [answers[own], lists ? answers[own + 1] : undefined];
  if (!clock?.ok) throw clock ? clock.problem : new Error('no answer');
  const { database } = session.info;
  const turn = found?.ok
    ? databaseTurn(parseDiscovery(found.rows), database, target.databases, memory.resumeAt)
    : undefined;
  return {
    session,
    moment: parseClock(clock.rows) satisfies Moment,
    reads: readsOf(input, wanted, database, plans, answers.toSpliced(own, lists ? 2 : 1)),
    turn,
  };
}

/** One database after the other, each over a connection of its own that is closed after its turn. */
async function readOthers(
  input: PassInput,
  visit: readonly string[],
  known: readonly Finding[],
  took: () => number,
): Promise<{ reads: Read[]; findings: Finding[]; resumeAt?: string }> {
  const wanted = input.collectors.filter(({ scope }) => scope === 'database');
  const reads: Read[] = [];
  const findings: Finding[] = [];
  for (const [i, database] of visit.entries()) {
    const left = LOOP_BUDGET_MS[input.loop] * LAST_START - took();
    if (left <= 0) {
      findings.push({
        aspect: 'databases',
        severity: 'warning',
        message: `the ${input.loop} loop had no time for ${visit.length - i} of ${visit.length + 1} databases`,
        hint: 'The next pass goes on there. Lengthen sample_intervals, lower limits, or name fewer in databases.include.',
      });
      return { reads, findings, resumeAt: database };
    }
    try {
      await input.sessions.visit(input.target, database, async (session, found) => {
        findings.push(...elsewhere(database, found, known));
        const plans = awake(wanted, database, input.memory).map((one) =>
          planCollector(one, session.info, input.limits),
        );
        const answers = await session.read(statementsOf(plans), Math.max(left, 1_000));
        reads.push(...readsOf(input, wanted, database, plans, answers));
      });
    } catch (error) {
      const { message, hint } = problemOf(error, true);
      findings.push({ aspect: 'databases', severity: 'error', message: `database ${database}: ${message}`, hint });
    }
  }
  return { reads, findings };
}

/** What was found in another database and is not already said of the whole server. */
function elsewhere(database: string, found: readonly Finding[], known: readonly Finding[]): Finding[] {
  return found
    .filter(({ aspect, message }) => aspect === 'role' && !known.some((one) => one.message === message))
    .map((finding) => ({ ...finding, message: `database ${database}: ${finding.message}` }));
}

function awake(collectors: readonly Collector[], database: string, memory: Memory): Collector[] {
  return collectors.filter((one) => {
    const { resting } = memory.health[placeOf(one, databaseOf(one, database))] ?? healthy;
    return resting <= 0;
  });
}

const isTimed = ({ collector }: Plan): boolean => collector.answerTime !== undefined;

function statementsOf(plans: readonly Plan[]): Statement[] {
  return plans.flatMap((plan) => ('statement' in plan ? [plan.statement] : []));
}

/** Answers in the order of their plans, and what rests. */
function readsOf(
  input: PassInput,
  wanted: readonly Collector[],
  connected: string,
  plans: readonly Plan[],
  answers: readonly Answer[],
): Read[] {
  const queue = [...answers];
  const reads = plans.map((plan): Read => {
    const database = databaseOf(plan.collector, connected);
    if ('skipped' in plan) return skippedRead(plan, database);
    return parsedRead(plan.collector, database, queue.shift(), input.redactSql);
  });
  const resting = wanted.filter((one) => !plans.some(({ collector }) => collector === one));
  return [
    ...reads,
    ...resting.map((one) => {
      const database = databaseOf(one, connected);
      return restingRead(one, database, input.memory.health[placeOf(one, database)]);
    }),
  ];
}

function down({ memory, loop, target, now }: PassInput, problem: PostgresProblem, durationMs: number): PassOutput {
  const errors = memory.errors + 1;
  return {
    snapshot: {
      cluster: target.cluster,
      loop,
      takenAt: now().toISOString(),
      up: false,
      problem: { kind: problem.kind, message: problem.message, hint: problem.hint },
      durationMs,
      outcomes: [],
      findings: [],
      samples: selfSamples(loop, problem, durationMs, [], errors),
      rates: [],
      withheld: {},
      rows: {},
    },
    memory: { ...memory, errors },
  };
}
