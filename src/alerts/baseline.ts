import * as z from 'zod';

/** What is usual for a series: means of five minutes of the last day, and of each hour of the day of two weeks. */
export const baselineSchema = z.object({
  bucket: z.object({ start: z.number(), sum: z.number(), count: z.number() }),
  recent: z.array(z.number()),
  hours: z.array(z.array(z.number())),
});
export type Baseline = z.output<typeof baselineSchema>;

const BUCKET_SECONDS = 300;
const RECENT = 288;
const DAYS = 14;

/** Before it has seen an hour it says nothing; before a week of an hour of the day, it does not know the season. */
const SEEDED = 12;
const SEASONAL = 7;

/**
 * A series that never moves would make any move a surge: a tenth of what is usual is always allowed. Before a whole day
 * is known it is a third, since the nights say little about the mornings.
 */
const LEAST_SPREAD = 0.1;
const LEAST_SPREAD_FIRST_DAY = 1 / 3;

export const emptyBaseline: Baseline = { bucket: { start: 0, sum: 0, count: 0 }, recent: [], hours: [] };

export interface Usual {
  readonly center: number;
  /** One robust standard deviation. */
  readonly spread: number;
  readonly comparedWith: string;
}

/** What is usual at this time; undefined until enough was seen. */
export function usual({ recent, hours }: Baseline, at: number): Usual | undefined {
  const hour = hours[hourOf(at)] ?? [];
  if (hour.length >= SEASONAL) {
    return { ...robust(hour, LEAST_SPREAD), comparedWith: `this hour of the last ${hour.length} days` };
  }
  if (recent.length < SEEDED) return undefined;
  const hoursSeen = Math.round((recent.length * BUCKET_SECONDS) / 3_600);
  if (recent.length === RECENT) return { ...robust(recent, LEAST_SPREAD), comparedWith: 'the last day' };
  return { ...robust(recent, LEAST_SPREAD_FIRST_DAY), comparedWith: `the last ${hoursSeen} hours` };
}

/**
 * The baseline with one more value. An incident must not become what is usual: what is over the threshold counts as
 * much as the threshold, so that a lasting change is learnt slowly and a peak hardly at all.
 *
 * @param known what {@link usual} says of the baseline, where the caller has asked already
 */
export function learned(
  baseline: Baseline,
  value: number,
  sigmas: number,
  at: number,
  known: Usual | undefined = usual(baseline, at),
): Baseline {
  const start = Math.floor(at / BUCKET_SECONDS) * BUCKET_SECONDS;
  const { bucket } = baseline;
  const counted = known ? Math.min(value, known.center + sigmas * known.spread) : value;
  if (bucket.count > 0 && bucket.start === start) {
    return { ...baseline, bucket: { start, sum: bucket.sum + counted, count: bucket.count + 1 } };
  }
  const fresh = { start, sum: counted, count: 1 };
  if (bucket.count === 0) return { ...baseline, bucket: fresh };
  const recent = [...baseline.recent, bucket.sum / bucket.count].slice(-RECENT);
  if (hourOf(bucket.start) === hourOf(start)) return { ...baseline, bucket: fresh, recent };
  const ended = hourOf(bucket.start);
  const hourly = mean(recent.slice(-3_600 / BUCKET_SECONDS));
  const hours = Array.from({ length: 24 }, (_, hour) => {
    const days = baseline.hours[hour] ?? [];
    return hour === ended ? [...days, hourly].slice(-DAYS) : days;
  });
  return { bucket: fresh, recent, hours };
}

function hourOf(at: number): number {
  return Math.floor(at / 3_600) % 24;
}

/** A list changes once in five minutes and is asked at every pass: to sort it twice each time was most of a pass. */
const medians = new WeakMap<readonly number[], { readonly center: number; readonly distance: number }>();

/** Median and 1.4826 × the median distance from it, which of a normal distribution is its standard deviation. */
function robust(values: readonly number[], least: number): { center: number; spread: number } {
  let known = medians.get(values);
  if (!known) {
    const center = median(values);
    known = { center, distance: median(values.map((value) => Math.abs(value - center))) };
    medians.set(values, known);
  }
  const { center, distance } = known;
  return { center, spread: Math.max(1.4826 * distance, least * Math.abs(center)) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[middle - 1], sorted[middle]];
  return sorted.length % 2 === 1 ? high : (low + high) / 2;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
