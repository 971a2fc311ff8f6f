import type { SeriesKey } from '../metrics/sample.ts';
import type { Point } from './history.ts';

/** Least, mean and greatest value of a series within a step. */
export type Spread = readonly [least: number, mean: number, greatest: number];

/** All series of a target in one step, which began at `at`. */
export interface Rollup {
  /** RFC 3339. */
  readonly at: string;
  readonly values: Readonly<Record<SeriesKey, Spread>>;
}

/** A step from the points in it; undefined where there are none. */
export function rollUp(at: Date, points: readonly Point[]): Rollup | undefined {
  return combined(at, points.map(spreadOf));
}

/** A point as a step of its own. */
export function spreadOf({ at, values }: Point): Rollup {
  return { at, values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, [value, value, value]])) };
}

/** A step from finer ones, each of which counts the same; undefined where there are none. */
export function combined(at: Date, steps: readonly Rollup[]): Rollup | undefined {
  const sums = new Map<SeriesKey, { least: number; sum: number; greatest: number; count: number }>();
  for (const { values } of steps) {
    for (const [key, [least, mean, greatest]] of Object.entries(values)) {
      const known = sums.get(key);
      if (!known) sums.set(key, { least, sum: mean, greatest, count: 1 });
      else {
        known.least = Math.min(known.least, least);
        known.greatest = Math.max(known.greatest, greatest);
        known.sum += mean;
        known.count += 1;
      }
    }
  }
  if (sums.size === 0) return undefined;
  const spreads = [...sums].map(([key, { least, sum, greatest, count }]): [SeriesKey, Spread] => [
    key,
    [least, sum / count, greatest],
  ]);
  return { at: at.toISOString(), values: Object.fromEntries(spreads) };
}
