import { greatest, least, mean, quantile, total, variance } from './math.ts';
import type { Points } from './value.ts';

/** What a function of a range is asked: the points of (at - seconds, at], at least one, and its scalar argument. */
export interface Ranged {
  readonly points: Points;
  readonly seconds: number;
  /** Epoch seconds of the evaluation. */
  readonly at: number;
  /** Seconds ahead of predict_linear, φ of quantile_over_time. */
  readonly parameter: number;
}

/** What a function gives for one series; undefined where it takes two points and there is one. */
type RangeFunction = (input: Ranged) => number | undefined;

const over =
  (fold: (values: readonly number[]) => number): RangeFunction =>
  ({ points }) =>
    fold(valuesOf(points));

export const RANGE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: (input) => extrapolated(input, 'rate'),
  increase: (input) => extrapolated(input, 'increase'),
  delta: (input) => extrapolated(input, 'delta'),
  irate: ({ points }) => instant(points, true),
  idelta: ({ points }) => instant(points, false),
  deriv: ({ points, at }) => line(points, at)?.slope,
  predict_linear: ({ points, at, parameter }) => {
    const fitted = line(points, at);
    return fitted && fitted.slope * parameter + fitted.now;
  },
  changes: over(
    (values) => values.filter((value, i) => i > 0 && !Object.is(value + 0, (values[i - 1] ?? 0) + 0)).length,
  ),
  resets: over((values) => values.filter((value, i) => value < (values[i - 1] ?? value)).length),
  avg_over_time: over(mean),
  min_over_time: over(least),
  max_over_time: over(greatest),
  sum_over_time: over(total),
  count_over_time: over((values) => values.length),
  stdvar_over_time: over(variance),
  stddev_over_time: over((values) => Math.sqrt(variance(values))),
  last_over_time: over((values) => values.at(-1) ?? Number.NaN),
  present_over_time: over(() => 1),
  quantile_over_time: ({ points, parameter }) => quantile(parameter, valuesOf(points)),
};

/** Those that need every point of the range: of a thinned one they would tell something else. */
export const NEEDS_EVERY_POINT: ReadonlySet<string> = new Set(
  ['changes', 'resets', ...Object.keys(RANGE_FUNCTIONS).filter((name) => name.endsWith('_over_time'))].filter(
    (name) => name !== 'last_over_time' && name !== 'present_over_time',
  ),
);

function valuesOf(points: Points): number[] {
  return points.map(([, value]) => value);
}

/**
 * Prometheus' own way (`extrapolatedRate` of its promql/functions.go, since 3.0): what was seen between the first and
 * the last point is stretched to the ends of the range, as far as the series seems to have been there: fully where the
 * nearest point is within 1.1 of the mean distance of points, by half a distance where not, and never before a counter
 * would have been 0. Where a counter fell it restarted from 0.
 */
function extrapolated({ points, seconds, at }: Ranged, kind: 'rate' | 'increase' | 'delta'): number | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < 2) return undefined;
  const counter = kind !== 'delta';
  const change = last[1] - first[1] + (counter ? lostAtResets(points) : 0);
  const seen = last[0] - first[0];
  const distance = seen / (points.length - 1);
  const reach = (gap: number) => (gap >= distance * 1.1 ? distance / 2 : gap);
  let before = reach(first[0] - (at - seconds));
  if (counter && change > 0 && first[1] >= 0) before = Math.min(before, seen * (first[1] / change));
  const factor = (seen + before + reach(at - last[0])) / seen;
  return (change * factor) / (kind === 'rate' ? seconds : 1);
}

function lostAtResets(points: Points): number {
  let lost = 0;
  points.forEach(([, value], i) => {
    const before = points[i - 1]?.[1];
    if (before !== undefined && value < before) lost += before;
  });
  return lost;
}

/** From the last two points alone. */
function instant(points: Points, counter: boolean): number | undefined {
  const [before, last] = points.slice(-2);
  if (!before || !last) return undefined;
  if (!counter) return last[1] - before[1];
  const seconds = last[0] - before[0];
  return (last[1] < before[1] ? last[1] : last[1] - before[1]) / seconds;
}

/** The straight line through the points by least squares: its slope a second, and where it is now. */
function line(points: Points, at: number): { slope: number; now: number } | undefined {
  const first = points[0];
  if (!first || points.length < 2) return undefined;
  // A flat series is flat, whatever rounding would make of it.
  if (points.every(([, value]) => value === first[1])) {
    return Number.isFinite(first[1]) ? { slope: 0, now: first[1] } : { slope: Number.NaN, now: Number.NaN };
  }
  const count = points.length;
  const meanTime = total(points.map(([time]) => time - at)) / count;
  const meanValue = total(valuesOf(points)) / count;
  const covariance = total(points.map(([time, value]) => (time - at - meanTime) * (value - meanValue)));
  const spread = total(points.map(([time]) => (time - at - meanTime) ** 2));
  const slope = covariance / spread;
  return { slope, now: meanValue - slope * meanTime };
}
