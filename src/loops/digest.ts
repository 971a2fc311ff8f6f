import type { DeriveInput, Limits, Row } from '../collectors/collector.ts';
import { type CounterPoint, extract } from '../collectors/samples.ts';
import { LOOP_BUDGET_MS, type Loop } from '../config/loop.ts';
import type { TargetConfig } from '../config/target.ts';
import { type Moment, type NoRate, noInterval, rates } from '../metrics/rates.ts';
import { type Labels, type Sample, seriesKey } from '../metrics/sample.ts';
import type { Finding, Outcome, Snapshot } from '../metrics/snapshot.ts';
import type { ServerInfo } from '../postgres/server-info.ts';
import { afterOverrun, afterRest, afterTry, type Health, healthy } from './health.ts';
import type { Memory, Remembered } from './memory.ts';
import { placeOf, type Read } from './read.ts';
import { selfSamples } from './self-samples.ts';

/** What is remembered of a database that is no longer visited goes after this time. */
const FORGET_SECONDS = 7 * 86_400;

export interface PassOutput {
  readonly snapshot: Snapshot;
  readonly memory: Memory;
}

export interface DigestInput {
  readonly target: TargetConfig;
  readonly loop: Loop;
  readonly limits: Limits;
  /** Longest time between two passes over which a rate still says something about now. */
  readonly longestGapSeconds: number;
  readonly memory: Memory;
  /** Our own clock, for time stamps: a server whose clock is off must not look late, or ahead of the present. */
  readonly now: () => Date;
  readonly server: ServerInfo;
  readonly moment: Moment;
  readonly reads: readonly Read[];
  readonly findings: readonly Finding[];
  readonly resumeAt: string | undefined;
  readonly durationMs: number;
}

/** Makes of what was read the snapshot, and the memory for the next pass. */
export function digest(input: DigestInput): PassOutput {
  const { memory, loop, target, moment, server, reads, durationMs } = input;
  const gauges: Sample[] = [];
  const counters: CounterPoint[] = [];
  const withheld = new Map<string, string>();
  const rows: Record<string, Row[]> = {};
  const totals = new Map<Outcome, Pick<Outcome, 'rows' | 'total'>>();
  const remembered = recent(memory.remembered, moment);
  for (const read of reads) {
    const { collector, database, outcome, ms } = read;
    rows[collector.name] ??= [];
    if (outcome.status !== 'ok') continue;
    const common: Labels = database === undefined ? {} : { db: database };
    const raw = compared(input, read);
    const settled = { ...raw, rows: collector.settle(raw) };
    const extracted = extract(collector, settled.rows, common);
    gauges.push(...extracted.gauges);
    counters.push(...extracted.counters);
    if (collector.answerTime) gauges.push({ metric: collector.answerTime.name, labels: {}, value: ms / 1_000 });
    const digested = collector.digest(settled);
    for (const derived of digested.samples) {
      const labels = { ...common, ...derived.labels };
      if ('withheld' in derived) withheld.set(seriesKey(derived.metric, labels), derived.withheld);
      else gauges.push({ metric: derived.metric, labels, value: derived.value });
    }
    const all = collector.total(read.rows);
    if (all !== undefined && all > digested.rows.length) {
      totals.set(outcome, { rows: digested.rows.length, total: all });
    }
    rows[collector.name]?.push(
      ...digested.rows.map((row) => (database === undefined ? row : { db: database, ...row })),
    );
    if (collector.remembers) remembered[placeOf(collector, database)] = { moment, rows: [...settled.rows] };
  }
  const perSecond = rates(
    memory.before ? { moment: memory.before.moment, points: memory.before.counters } : undefined,
    { moment, points: counters },
    input.longestGapSeconds,
  );
  const outcomes = reads.map(({ outcome }) => {
    const total = totals.get(outcome);
    return total === undefined ? outcome : { ...outcome, ...total };
  });
  const resets = resetSamples(loop, reads, perSecond.withheld);
  const errors = memory.errors + outcomes.filter(({ status, degraded }) => status === 'failed' && !degraded).length;
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
      findings: [...input.findings],
      samples: [
        ...unique([...gauges, ...counters]),
        ...selfSamples(loop, undefined, durationMs, outcomes, errors),
        ...resets,
      ],
      rates: [...perSecond.rates],
      withheld: Object.fromEntries([...withheld, ...perSecond.withheld]),
      rows,
    },
    memory: {
      before: { moment, counters },
      remembered,
      health: nextHealth(input),
      errors,
      ...(input.resumeAt === undefined ? {} : { resumeAt: input.resumeAt }),
    },
  };
}

/** A read beside what was remembered of its last one. */
function compared({ memory, moment, limits, longestGapSeconds }: DigestInput, read: Read): DeriveInput<Row> {
  const old = memory.remembered[placeOf(read.collector, read.database)];
  const noRate = old ? noInterval(old.moment, moment, longestGapSeconds) : 'first-run';
  return {
    rows: read.rows,
    ...(old && !noRate ? { before: { rows: old.rows, seconds: moment.at - old.moment.at } } : {}),
    noRate: noRate ?? 'first-run',
    last: old?.rows ?? [],
    limits,
    now: moment.at,
  };
}

function recent(remembered: Remembered, now: Moment): Remembered {
  return Object.fromEntries(Object.entries(remembered).filter(([, { moment }]) => now.at - moment.at < FORGET_SECONDS));
}

function nextHealth({ memory, reads, loop }: DigestInput): Record<string, Health> {
  const next: Record<string, Health> = { ...memory.health };
  for (const { collector, database, outcome, ms } of reads) {
    const place = placeOf(collector, database);
    const before = memory.health[place] ?? healthy;
    const health = outcome.degraded
      ? afterRest(before)
      : afterTry(before, outcome.status !== 'failed' && ms <= collector.timeoutMs);
    if (health.failures > 0) next[place] = health;
    else delete next[place];
  }
  // Connecting, and a watcher that is short of CPU, are no collector's fault: what counts is how long they read.
  const readingMs = reads.reduce((sum, { ms }) => sum + ms, 0);
  const slowest = readingMs > LOOP_BUDGET_MS[loop] ? slowestOf(reads) : undefined;
  if (slowest) {
    const place = placeOf(slowest.collector, slowest.database);
    next[place] = afterOverrun(memory.health[place] ?? healthy, overrun(loop, readingMs, slowest.ms));
  }
  return next;
}

function slowestOf(reads: readonly Read[]): Read | undefined {
  return reads.filter(({ ms }) => ms > 0).reduce<Read | undefined>((a, b) => (a && a.ms >= b.ms ? a : b), undefined);
}

function overrun(loop: Loop, readingMs: number, ms: number): string {
  return `a ${loop} pass of ${Math.round(readingMs)} ms, over its ${LOOP_BUDGET_MS[loop]} ms, of which it took ${Math.round(ms)} ms`;
}

function unique(samples: readonly Sample[]): Sample[] {
  return [...new Map(samples.map((sample) => [seriesKey(sample.metric, sample.labels), sample])).values()];
}

/** How many counters of each collector began anew. */
function resetSamples(loop: Loop, reads: readonly Read[], withheld: ReadonlyMap<string, NoRate>): Sample[] {
  return reads.flatMap(({ collector }) => {
    const metrics = Object.values(collector.columns).flatMap((column) =>
      column.kind === 'metric' && column.type === 'counter' ? [`${column.metric}{`] : [],
    );
    const value = [...withheld].filter(
      ([key, reason]) => reason === 'reset' && metrics.some((metric) => key.startsWith(metric)),
    ).length;
    return value === 0 ? [] : [{ metric: 'pgmon_counters_reset', labels: { loop, collector: collector.name }, value }];
  });
}
