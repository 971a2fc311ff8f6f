import * as z from 'zod';
import { type Sample, seriesKey } from '../metrics/sample.ts';
import type { Series } from '../promql/evaluate.ts';

const seriesSchema = z.object({
  metric: z.string(),
  labels: z.record(z.string(), z.string()),
  points: z.array(z.tuple([z.number(), z.number()])),
});

/** The recent past of the series that rules look at over a range, by series key. */
export const windowSchema = z.record(z.string(), seriesSchema);
export type Window = z.output<typeof windowSchema>;

/** Points a series keeps, whatever the length of its range. */
const POINTS = 60;

/** Series a metric keeps: the largest ones. */
const SERIES = 100;

/**
 * The window with one more pass in it. A series keeps at most {@link POINTS} points over its metric's range: the newest
 * is always there, those before are as far apart as that allows.
 *
 * @param ranges seconds that each metric is looked back at
 */
export function extended(
  window: Window,
  samples: readonly Sample[],
  ranges: ReadonlyMap<string, number>,
  at: number,
): Window {
  const next: Window = {};
  for (const [key, series] of Object.entries(window)) {
    const range = ranges.get(series.metric);
    const points = range === undefined ? [] : series.points.filter(([time]) => time >= at - range && time < at);
    if (points.length > 0) next[key] = { ...series, points };
  }
  for (const [metric, range] of ranges) {
    const current = samples
      .filter((sample) => sample.metric === metric)
      .toSorted((a, b) => b.value - a.value)
      .slice(0, SERIES);
    for (const { labels, value } of current) {
      const key = seriesKey(metric, labels);
      const before = next[key]?.points ?? [];
      const previous = before.at(-2);
      const crowded = previous !== undefined && at - previous[0] < (range / POINTS) * 2;
      next[key] = { metric, labels, points: [...(crowded ? before.slice(0, -1) : before), [at, value]] };
    }
  }
  return next;
}

/** The series of a metric over the last seconds; those without a point now are not there now. */
export function rangeOf(window: Window, metric: string, seconds: number, at: number): Series[] {
  return Object.values(window)
    .filter((series) => series.metric === metric && series.points.at(-1)?.[0] === at)
    .map(({ labels, points }) => ({ labels, points: points.filter(([time]) => time >= at - seconds) }));
}
