/** Time ranges up to now that a reader can choose by one click, as the address and the API have them. */
export const RANGES = [
  { from: '-15m', label: '15 minutes' },
  { from: '-1h', label: '1 hour' },
  { from: '-3h', label: '3 hours' },
  { from: '-6h', label: '6 hours' },
  { from: '-12h', label: '12 hours' },
  { from: '-1d', label: '1 day' },
  { from: '-2d', label: '2 days' },
  { from: '-7d', label: '7 days' },
  { from: '-30d', label: '30 days' },
  { from: '-90d', label: '90 days' },
  { from: '-400d', label: '400 days' },
] as const;

/** What is shown where the address says nothing. */
const DEFAULT_FROM = '-1h';

/** The longest range that is kept. */
export const MOST_SECONDS = 400 * 86_400;

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

/** A point in time: so many seconds before now, or epoch milliseconds. */
type Point = { readonly ago: number } | { readonly ms: number };

/** The point in time that a text means, if it means one. */
export function pointOf(text: string | undefined): Point | undefined {
  if (text === undefined) return undefined;
  if (text === 'now') return { ago: 0 };
  const [, count, unit = ''] = /^-(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (count !== undefined) return { ago: Number(count) * (UNITS[unit] ?? 1) };
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : { ms };
}

/** Seconds as the address has them: in the largest unit without a rest. */
export function textOf(point: Point): string {
  if ('ms' in point) return new Date(point.ms).toISOString().replace('.000Z', 'Z');
  if (point.ago <= 0) return 'now';
  const unit = ['d', 'h', 'm'].find((one) => point.ago % (UNITS[one] ?? 1) === 0) ?? 's';
  return `-${point.ago / (UNITS[unit] ?? 1)}${unit}`;
}

/** Later by so many seconds, at most now. */
function later(point: Point, seconds: number, nowMs: number): Point {
  if ('ago' in point) return { ago: Math.max(0, point.ago - seconds) };
  const ms = point.ms + seconds * 1_000;
  return ms >= nowMs ? { ago: 0 } : { ms };
}

function msOf(point: Point, nowMs: number): number {
  return 'ms' in point ? point.ms : nowMs - point.ago * 1_000;
}

/** The moment that a text of the address means: RFC 3339, `now`, or `-15m`. Undefined where it means none. */
export function instantOf(text: string | undefined, now = new Date()): Date | undefined {
  const point = pointOf(text);
  return point && new Date(msOf(point, now.getTime()));
}

/** What of the address is about time. */
export interface TimeParams {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly at?: string | undefined;
}

/** The shown time, each as the API takes it: RFC 3339, `now`, or relative to now. */
export interface Shown {
  /** The range of charts and of whatever is counted over a range. */
  readonly from: string;
  readonly to: string;
  /** The moment of lists, trees and numbers; undefined: now. */
  readonly at: string | undefined;
  readonly isNow: boolean;
}

/**
 * The time that an address means. A moment alone is in the middle of its range; a range that ended before now is looked at from
 * its end.
 */
export function shownTime(params: TimeParams, now = new Date()): Shown {
  const nowMs = now.getTime();
  const to = later(pointOf(params.to) ?? { ago: 0 }, 0, nowMs);
  const asked = pointOf(params.from) ?? pointOf(DEFAULT_FROM) ?? { ago: 3_600 };
  const from = msOf(asked, nowMs) < msOf(to, nowMs) ? asked : { ms: msOf(to, nowMs) - 3_600_000 };
  const open = 'ago' in to && to.ago === 0;
  const moment = pointOf(params.at);
  const past = moment && msOf(moment, nowMs) < nowMs ? moment : undefined;
  if (!past) return { from: textOf(from), to: textOf(to), at: open ? undefined : textOf(to), isNow: open };
  const at = textOf(past);
  if (!open || 'ms' in from) return { from: textOf(from), to: textOf(to), at, isNow: false };
  const half = from.ago / 2;
  const begin: Point = 'ms' in past ? { ms: past.ms - half * 1_000 } : { ago: past.ago + half };
  return { from: textOf(begin), to: textOf(later(past, half, nowMs)), at, isNow: false };
}

/** The clock of a server may be ahead of the reader's by so much. */
const AHEAD_MS = 60_000;

/** What the address says of time that cannot be shown, and what is shown instead; empty where all of it is shown. */
export function timeFaults(params: TimeParams, now = new Date()): string[] {
  const nowMs = now.getTime();
  const instead = { at: 'now is shown', to: 'the range ends now', from: 'the range is the default one' };
  const faults = (['at', 'from', 'to'] as const).flatMap((name) => {
    const text = params[name];
    if (!text) return [];
    const point = pointOf(text);
    if (!point) return [`${name}=${text} is no time: ${instead[name]}.`];
    return name !== 'from' && msOf(point, nowMs) > nowMs + AHEAD_MS
      ? [`${name}=${text} is in the future: ${instead[name]}.`]
      : [];
  });
  const [from, to] = [pointOf(params.from), pointOf(params.to) ?? { ago: 0 }];
  return from && msOf(from, nowMs) >= Math.min(msOf(to, nowMs), nowMs)
    ? [
        ...faults,
        `from=${params.from} is not before ${params.to ? `to=${params.to}` : 'now'}: the hour before that is shown.`,
      ]
    : faults;
}

/**
 * A moment beside the range of the address where it lies within that: a chart that is zoomed in stays so. A range up to now
 * moves to the moment, and one elsewhere is left.
 */
export function withMoment(params: TimeParams, at: string, now = new Date()): TimeParams {
  const { from, to, isNow } = shownTime({ from: params.from, to: params.to }, now);
  const relative = params.from?.startsWith('-') ? params.from : undefined;
  const [start, end, moment] = [from, to, at].map((text) => instantOf(text, now)?.getTime() ?? Number.NaN);
  const isWithin = moment !== undefined && start !== undefined && end !== undefined && moment >= start && moment <= end;
  const isFixed = params.from !== undefined && (relative === undefined || !isNow);
  return isFixed && isWithin ? { from: params.from, to: params.to, at } : { from: relative, to: undefined, at };
}
