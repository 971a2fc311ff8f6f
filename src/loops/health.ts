import type { Collector } from '../collectors/collector.ts';
import { LOOP_BUDGET_MS, type Loop } from '../config/loop.ts';
import type { Outcome } from '../metrics/snapshot.ts';
import { scopeKey } from './scope-key.ts';

/** How a collector has fared lately: after two failures in a row it backs off, longer each time, and is tried again alone. */
export interface Health {
  readonly failures: number;
  /** Passes to skip before the next try. */
  readonly passesLeft: number;
  /** Why it backs off, where it is for more than failing. */
  readonly reason?: string | undefined;
}

export const healthy: Health = { failures: 0, passesLeft: 0 };

const MOST_PASSES = 40;

/** The health after one more try: success ends the back-off; the second failure skips 1 pass, and each further one doubles that. */
export function afterTry(health: Health, good: boolean, reason?: string): Health {
  if (good) return healthy;
  const failures = health.failures + 1;
  const next = { failures, passesLeft: failures < 2 ? 0 : Math.min(MOST_PASSES, 2 ** (failures - 2)) };
  return reason === undefined ? next : { ...next, reason };
}

/** The health of the collector that made a whole pass late: it backs off at once, longer each time. */
export function afterOverrun(health: Health, reason: string): Health {
  const failures = Math.max(health.failures, 1) + 1;
  return { failures, passesLeft: Math.min(MOST_PASSES, 2 ** (failures - 2)), reason };
}

/** The health after a pass that skipped it. */
export function afterSkip(health: Health): Health {
  return { ...health, passesLeft: health.passesLeft - 1 };
}

/** A collector that answered, but later than it may: the answer counts, and so does the delay. */
export function overBudget({ timeoutMs }: Pick<Collector, 'timeoutMs'>, ms: number): string | undefined {
  return ms > timeoutMs ? `an answer after ${Math.round(ms)} ms, over its budget of ${timeoutMs} ms` : undefined;
}

/** What became of a collector in a pass. */
interface Tried {
  readonly collector: Collector;
  readonly database: string | undefined;
  readonly outcome: Outcome;
  readonly ms: number;
}

/** How collectors fare after a pass: one that failed or was over its own budget, or made the whole pass late, backs off. */
export function nextHealth(
  before: Readonly<Record<string, Health>>,
  reads: readonly Tried[],
  loop: Loop,
): Record<string, Health> {
  const next: Record<string, Health> = { ...before };
  for (const { collector, database, outcome, ms } of reads) {
    const key = scopeKey(collector, database);
    const own = before[key] ?? healthy;
    const slow = overBudget(collector, ms);
    const health = outcome.degraded ? afterSkip(own) : afterTry(own, outcome.status !== 'failed' && !slow, slow);
    if (health.failures > 0) next[key] = health;
    else delete next[key];
  }
  // Connecting, and a watcher that is short of CPU, are no collector's fault: what counts is how long they read.
  const readingMs = reads.reduce((sum, { ms }) => sum + ms, 0);
  const [slowest] = reads.toSorted((a, b) => b.ms - a.ms);
  if (readingMs > LOOP_BUDGET_MS[loop] && slowest) {
    const key = scopeKey(slowest.collector, slowest.database);
    next[key] = afterOverrun(before[key] ?? healthy, overrun(loop, readingMs, slowest.ms));
  }
  return next;
}

function overrun(loop: Loop, readingMs: number, ms: number): string {
  return `a ${loop} pass of ${Math.round(readingMs)} ms, over its ${LOOP_BUDGET_MS[loop]} ms, of which it took ${Math.round(ms)} ms`;
}
