import type { Clock } from './clock.ts';

export interface PassesOptions<T> {
  readonly pass: () => Promise<T>;
  readonly intervalMs: number;
  /** Longest time that one pass takes. */
  readonly passMs: number;
  /** Milliseconds that are left for passes, by the platform's clock. */
  readonly remainingMs: () => number;
  readonly clock: Clock;
}

/** A schedule fires once a minute at most. */
const MINUTE_MS = 60_000;

/**
 * The passes of one invocation: one at once, and where the interval is shorter than a minute one more at each interval
 * until the minute is full. None begins that could not end in time.
 */
export async function runPasses<T>({ pass, intervalMs, passMs, remainingMs, clock }: PassesOptions<T>): Promise<T[]> {
  const count = intervalMs < MINUTE_MS ? Math.floor(MINUTE_MS / intervalMs) : 1;
  const start = clock.now().getTime();
  const results = [await pass()];
  for (let i = 1; i < count; i++) {
    const wait = start + i * intervalMs - clock.now().getTime();
    if (wait < -intervalMs) continue; // a pass took longer than an interval: this one is left out
    if (Math.max(wait, 0) + passMs > remainingMs()) break;
    if (wait > 0) await clock.sleep(wait);
    results.push(await pass());
  }
  return results;
}
