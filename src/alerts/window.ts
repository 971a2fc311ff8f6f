import * as z from 'zod';
import { type Sample, seriesKey } from '../metrics/sample.ts';
import type { Lookback } from '../promql/lookback.ts';
import type { Points, Series } from '../promql/value.ts';

const seriesSchema = z.object({
  metric: z.string(),
  labels: z.record(z.string(), z.string()),
  points: z.array(z.tuple([z.number(), z.number()])),
});

/** The recent past of the series that rules look at over a range, by series key. */
export const windowSchema = z.record(z.string(), seriesSchema);
export type Window = z.output<typeof windowSchema>;

/** Points of a series, where its range may be thinned: enough for a rate or a straight line. */
const POINTS = 60;

/** Most points of a thinned series: before that none is left out at which a counter fell. */
const MOST_POINTS = 240;

/** Series a metric keeps: the largest ones. A rule whose metric has more says so (`data.ts`). */
export const WINDOW_SERIES = 1_000;

/** How far rules look back at a metric, all of them together. */
export type Ranges = ReadonlyMap<string, Omit<Lookback, 'metric'>>;

/** The longest look back at each metric; every point of it where one rule needs them. */
export function rangesOf(lookbacks: readonly Lookback[]): Ranges {
  const ranges = new Map<string, Omit<Lookback, 'metric'>>();
  for (const { metric, seconds, everyPoint } of lookbacks) {
    const known = ranges.get(metric);
    ranges.set(metric, {
      seconds: Math.max(seconds, known?.seconds ?? 0),
      everyPoint: everyPoint || known?.everyPoint === true,
    });
  }
  return ranges;
}

/**
 * The window with one more pass in it. A series keeps its points of (at - seconds, at]. Where no rule needs every one,
 * those between the newest and the oldest are left out until about {@link POINTS} stay, evenly apart.
 */
export function extended(window: Window, samples: readonly Sample[], ranges: Ranges, at: number): Window {
  const next: Window = {};
  for (const [key, series] of Object.entries(window)) {
    const range = ranges.get(series.metric);
    const points = range ? series.points.filter(([time]) => time > at - range.seconds && time < at) : [];
    if (points.length > 0) next[key] = { ...series, points };
  }
  const byMetric = Map.groupBy(samples, ({ metric }) => metric);
  for (const [metric, { seconds, everyPoint }] of ranges) {
    const current = (byMetric.get(metric) ?? [])
      .filter(({ value }) => Number.isFinite(value))
      .toSorted((a, b) => b.value - a.value)
      .slice(0, WINDOW_SERIES);
    for (const { labels, value } of current) {
      const key = seriesKey(metric, labels);
      const before = next[key]?.points ?? [];
      const spare = !everyPoint && isSpare(before, at, value, (seconds / POINTS) * 2);
      next[key] = { metric, labels, points: [...(spare ? before.slice(0, -1) : before), [at, value]] };
    }
  }
  return next;
}

/** Whether the newest point can go once there is another: both beside it are near, and no fall of a counter is lost. */
function isSpare(points: Points, at: number, value: number, apart: number): boolean {
  const [previous, newest] = points.slice(-2);
  if (!previous || !newest || at - previous[0] >= apart) return false;
  return (previous[1] <= newest[1] && newest[1] <= value) || points.length >= MOST_POINTS;
}

/** The series of a window by metric: grouped once a pass, as dozens of rules ask for their own. */
export function byMetricOf(window: Window): ReadonlyMap<string, readonly Series[]> {
  return Map.groupBy(Object.values(window), ({ metric }) => metric);
}

/** Series with their points of (at - seconds, at]; none without a point there. */
export function rangeOf(series: readonly Series[], seconds: number, at: number): Series[] {
  return series
    .map(({ labels, points }) => ({
      labels,
      points: points.filter(([time]) => time > at - seconds && time <= at),
    }))
    .filter(({ points }) => points.length > 0);
}
