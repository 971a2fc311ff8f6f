import { type Load, meanLoad } from '../collectors/activity/load.ts';
import { MINUTES_MS } from '../store/activity.ts';
import type { Reading } from './reading.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Passes are kept a week; of its first day some may be gone. */
const PASS_DAYS = 7;

/**
 * Longer ranges are read by five minutes, the hour, and those over two weeks by the day: 720 passes, 288 five minutes, 336 hours or
 * 400 days at most.
 */
const PASSES_UP_TO_MS = 3 * HOUR_MS;
const MINUTES_UP_TO_MS = DAY_MS;
const HOURS_UP_TO_MS = 14 * DAY_MS;

export interface Loads {
  readonly resolution: 'passes' | 'minutes' | 'hours' | 'days';
  readonly intervalMs: number;
  readonly loads: readonly Load[];
}

/** What is kept of a range, as fine as it can be read quickly; what is not rolled up yet is rolled up now. */
export async function loadsBetween(reading: Reading, cluster: string, from: Date, to: Date): Promise<Loads> {
  const { activity } = reading.stores;
  const [start, end] = [from.getTime(), to.getTime()];
  const kept = reading.now().getTime() - PASS_DAYS * DAY_MS;
  if (start >= kept && end - start <= PASSES_UP_TO_MS) {
    const intervalMs = reading.intervals.get('hot') ?? 15_000;
    return { resolution: 'passes', intervalMs, loads: await activity.passes(cluster, from, to) };
  }
  if (start >= kept && end - start <= MINUTES_UP_TO_MS)
    return { resolution: 'minutes', intervalMs: MINUTES_MS, loads: await activity.minutes(cluster, from, to) };
  const resolution = end - start <= HOURS_UP_TO_MS ? 'hours' : 'days';
  const intervalMs = resolution === 'hours' ? HOUR_MS : DAY_MS;
  const first = new Date(Math.floor(start / intervalMs) * intervalMs);
  const loads = await activity.periods(cluster, resolution, first, to);
  const open = endOf(loads, intervalMs) ?? Math.max(kept, start);
  const hours =
    resolution === 'days'
      ? await activity.periods(cluster, 'hours', new Date(Math.max(open, end - 2 * DAY_MS)), to)
      : [];
  // An hour is rolled up within an hour after it.
  const passesFrom = Math.max(endOf(hours, HOUR_MS) ?? open, end - 2 * HOUR_MS, kept);
  const passes = passesFrom < end ? await activity.passes(cluster, new Date(passesFrom), to) : [];
  const rest = [...hours, ...passes];
  const tail = meanLoad(rest[0]?.at ?? '', rest);
  return { resolution, intervalMs, loads: tail ? [...loads, tail] : loads };
}

function endOf(loads: readonly Load[], ms: number): number | undefined {
  const last = loads.at(-1);
  return last && Date.parse(last.at) + ms;
}
