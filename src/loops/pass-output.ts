import { PassRows } from '../collectors/pass-rows.ts';
import type { Loop } from '../config/loop.ts';
import type { Moment, NoRateReason } from '../metrics/rates.ts';
import { type Sample, seriesKey } from '../metrics/sample.ts';
import type { Finding, Outcome, Snapshot } from '../metrics/snapshot.ts';
import type { PostgresProblem } from '../postgres/problem.ts';
import type { ServerInfo } from '../postgres/server-info.ts';
import type { CollectorState } from './collector-state.ts';
import { nextHealth, overBudget } from './health.ts';
import type { LoopState } from './loop-state.ts';
import type { Read } from './read.ts';
import { scopeKey } from './scope-key.ts';
import { selfSamples } from './self-samples.ts';

/** What is known of a database that is no longer scanned goes after this time. */
const FORGET_SECONDS = 7 * 86_400;

/** One pass over one target: the snapshot, and its rows with the types of their collectors. */
export interface Pass {
  readonly snapshot: Snapshot;
  readonly rows: PassRows;
}

export interface PassOutput extends Pass {
  readonly state: LoopState;
}

/** What a pass was, whatever came of it. */
export interface PassHead {
  readonly cluster: string;
  readonly loop: Loop;
  /** By our own clock: a server whose clock is off must not look late, or ahead of the present. */
  readonly takenAt: Date;
  readonly durationMs: number;
}

/** What a pass read. */
export interface PassReads {
  readonly server: ServerInfo;
  readonly moment: Moment;
  readonly reads: readonly Read[];
  /** What earlier passes read in databases that this one did not scan. */
  readonly carried?: readonly CarriedReads[];
  readonly findings: readonly Finding[];
  /** Watched databases that the server has; absent where the pass did not ask. */
  readonly databases?: readonly string[];
  readonly resumeAt?: string;
  readonly scanned?: LoopState['scanned'];
}

/** What a database gave when it was last scanned. */
export interface CarriedReads {
  readonly takenAt: string;
  readonly reads: readonly Read[];
}

/** Puts together what was read: the snapshot, and the state for the next pass. */
export function passOutput(head: PassHead, found: PassReads, state: LoopState): PassOutput {
  const { server, moment, reads, findings, databases, resumeAt, scanned } = found;
  const carried = found.carried ?? [];
  const { loop, durationMs } = head;
  const rows = new PassRows();
  const samples: Sample[] = [];
  const noRates = new Map<string, NoRateReason>();
  const shown = [...reads, ...carried.flatMap((scan) => scan.reads)];
  for (const { collector, database, answer } of shown) {
    rows.add(collector, answer?.rows ?? [], database);
    if (!answer) continue;
    rows.addChanges(collector, answer.changes);
    samples.push(...answer.gauges, ...answer.counters);
    if (collector.answerTime) {
      samples.push({ metric: collector.answerTime.name, labels: {}, value: answer.sinceSentMs / 1_000 });
    }
    for (const { metric, labels, noRate } of answer.noRates) noRates.set(seriesKey(metric, labels), noRate);
    for (const [key, noRate] of answer.rates.noRates) noRates.set(key, noRate);
  }
  const errors = state.errors + reads.reduce((sum, read) => sum + errorsOf(read), 0);
  const outcomes = [
    ...reads.map(({ outcome }) => outcome),
    ...carried.flatMap(({ takenAt, reads: earlier }) => earlier.map((read) => carriedOutcome(read, takenAt))),
  ];
  const snapshot: Snapshot = {
    ...started(head),
    up: true,
    server: {
      version: server.version,
      major: server.major,
      role: moment.role,
      startedAt: moment.startedAt,
      database: server.database,
      pooled: server.pooled,
    },
    ...(databases ? { databases: [...databases] } : {}),
    outcomes,
    findings: [...findings],
    samples: [
      ...unique(samples),
      ...selfSamples(loop, undefined, durationMs, outcomes, errors),
      ...resetSamples(loop, reads),
    ],
    rates: shown.flatMap(({ answer }) => answer?.rates.rates ?? []),
    noRates: Object.fromEntries(noRates),
    rows: rows.all(),
  };
  const collectors = nextStates(state.collectors, reads, moment);
  return {
    snapshot,
    rows,
    state: { collectors, health: nextHealth(state.health, reads, loop), errors, resumeAt, scanned },
  };
}

/** A collector that failed or was over its budget, and details that failed; one that backs off was counted when it failed. */
function errorsOf({ collector, outcome, ms, answer }: Read): number {
  if (outcome.degraded) return 0;
  const failed = outcome.status === 'failed' || (outcome.status === 'ok' && overBudget(collector, ms) !== undefined);
  return Number(failed) + (answer?.failedDetails ?? 0);
}

/** The outcome of an earlier scan, with its time; how long it took then is not of this pass. */
function carriedOutcome({ outcome }: Read, takenAt: string): Outcome {
  return { ...outcome, ms: undefined, readAt: takenAt };
}

/** The pass over an unreadable target: a snapshot that says so. */
export function downOutput(head: PassHead, problem: PostgresProblem, state: LoopState): PassOutput {
  const errors = state.errors + 1;
  const { kind, message, hint } = problem;
  return {
    snapshot: {
      ...started(head),
      up: false,
      problem: { kind, message, hint },
      outcomes: [],
      findings: [],
      samples: selfSamples(head.loop, problem, head.durationMs, [], errors),
      rates: [],
      noRates: {},
      rows: {},
    },
    rows: new PassRows(),
    state: { ...state, errors },
  };
}

function started({ cluster, loop, takenAt, durationMs }: PassHead) {
  return { cluster, loop, takenAt: takenAt.toISOString(), durationMs };
}

/** States with those of what answered in place of their own of before, and without those that nobody asks for. */
function nextStates(before: LoopState['collectors'], reads: readonly Read[], now: Moment): LoopState['collectors'] {
  const recent = Object.entries(before).filter(([, { moment }]) => now.at - moment.at < FORGET_SECONDS);
  const fresh = reads.flatMap(({ collector, database, answer }): [string, CollectorState][] => {
    if (!answer || (answer.counters.length === 0 && !collector.state)) return [];
    const { counters, state: value } = answer;
    return [[scopeKey(collector, database), { moment: now, counters: [...counters], value }]];
  });
  return Object.fromEntries([...recent, ...fresh]);
}

function unique(samples: readonly Sample[]): Sample[] {
  return [...new Map(samples.map((sample) => [seriesKey(sample.metric, sample.labels), sample])).values()];
}

/** How many counters of each collector were reset, in all databases together. */
function resetSamples(loop: Loop, reads: readonly Read[]): Sample[] {
  const counts = new Map<string, number>();
  for (const { collector, answer } of reads) {
    const reset = [...(answer?.rates.noRates.values() ?? [])].filter((noRate) => noRate === 'reset').length;
    if (reset > 0) counts.set(collector.name, (counts.get(collector.name) ?? 0) + reset);
  }
  return [...counts].map(([collector, value]) => ({
    metric: 'pgmon_counters_reset',
    labels: { loop, collector },
    value,
  }));
}
