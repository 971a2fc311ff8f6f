import { type Sample, type SeriesKey, seriesKey } from './sample.ts';

/** Why there is no rate: a named reason instead of a wrong number. */
export type NoRateReason =
  | 'first-run'
  | 'reset'
  | 'evictions'
  | 'restart'
  | 'failover'
  | 'clock'
  | 'gap'
  | 'gone'
  | 'hidden';

/** Where and when counters were read: by the server's clock, with what tells one server from another. */
export interface Moment {
  /** Epoch seconds by the server's clock. */
  readonly at: number;
  /** Epoch seconds at which the server started. */
  readonly startedAt: number;
  readonly role: 'primary' | 'standby';
}

export interface Counters {
  readonly moment: Moment;
  readonly points: readonly (Sample & { readonly epoch?: number })[];
}

export interface Rates {
  /** Per second, under the counter's own name. */
  readonly rates: readonly Sample[];
  /** Series without a rate, and why. */
  readonly noRates: ReadonlyMap<SeriesKey, NoRateReason>;
}

/**
 * Counters turned into per-second rates against the pass before. Never negative, and never a silent zero.
 *
 * @param longest seconds after which the time between two passes is a gap and its mean says nothing about now
 */
export function rates(before: Counters | undefined, now: Counters, longest: number): Rates {
  const common = before ? noInterval(before.moment, now.moment, longest) : 'first-run';
  const old = new Map((before?.points ?? []).map((point) => [seriesKey(point.metric, point.labels), point]));
  const seconds = before ? now.moment.at - before.moment.at : 0;
  const result: Sample[] = [];
  const noRates = new Map<SeriesKey, NoRateReason>();
  for (const point of now.points) {
    const key = seriesKey(point.metric, point.labels);
    const previous = old.get(key);
    const reason = common ?? (previous ? noDelta(previous, point) : 'first-run');
    if (reason || !previous) noRates.set(key, reason ?? 'first-run');
    else result.push({ metric: point.metric, labels: point.labels, value: (point.value - previous.value) / seconds });
  }
  return { rates: result, noRates };
}

/** Below this the clock's own steps would make the rate. */
const SHORTEST_SECONDS = 0.001;

/** Why no rate at all holds between two moments, or undefined where rates do. */
export function noInterval(before: Moment, now: Moment, longest: number): NoRateReason | undefined {
  if (before.role !== now.role) return 'failover';
  // The postmaster's start is read from its clock at start and is the same to the microsecond until the next one.
  if (Math.abs(before.startedAt - now.startedAt) > 0.001) return 'restart';
  const seconds = now.at - before.at;
  if (!(seconds >= SHORTEST_SECONDS)) return 'clock';
  return seconds > longest ? 'gap' : undefined;
}

function noDelta(
  before: { value: number; epoch?: number },
  now: { value: number; epoch?: number },
): NoRateReason | undefined {
  // Up to 14 a new database has a time of reset from its first statistics on. What was 0 loses nothing by it.
  const isFirst = before.epoch === undefined && before.value === 0;
  if (before.epoch !== now.epoch && !isFirst) return 'reset';
  return now.value < before.value ? 'reset' : undefined;
}
