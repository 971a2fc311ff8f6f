import { secondsText, valueText } from '../../src/alerts/format.ts';
import { zone } from './settings.ts';

const dash = '–';

const numeric = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const made = (make: (value: number) => string) => (value: unknown) => {
  const number = numeric(value);
  return number === undefined ? dash : make(number);
};

export const text = (value: unknown): string =>
  value === null || value === undefined || value === '' ? dash : String(value);
export const count = made((value) =>
  valueText(Math.abs(value) >= 10 ? Math.round(value) : Number(value.toPrecision(3)), 'Count'),
);
export const bytes = made((value) => valueText(value, 'Bytes'));
export const perSecond = made((value) => valueText(Number(value.toPrecision(3)), 'Count/Second'));
export const bytesPerSecond = made((value) => valueText(value, 'Bytes/Second'));
export const seconds = made((value) => (value === 0 ? '0 s' : secondsText(value)));
export const ago = made((value) => `${value < 1 ? 'less than 1 s' : secondsText(Math.round(value))} ago`);
/** As {@link ago}, in whole seconds and without its word. */
export const secondsAgo = made((value) => secondsText(Math.round(value)));
export const ratio = made((value) =>
  value > 0 && value < 0.001 ? '< 0.1 %' : `${Number((value * 100).toFixed(1))} %`,
);
export const percent = made((value) => valueText(value, 'Percent'));
export const yes = (value: unknown): string =>
  value === null || value === undefined ? dash : value === true || value === 1 ? 'yes' : 'no';
export const change = made((value) => `${value > 0 ? '+' : ''}${Math.round(value * 100)} %`);
export const signedBytes = made((value) => `${value > 0 ? '+' : ''}${valueText(value, 'Bytes')}`);

type Parts = Intl.DateTimeFormatOptions;

const DAY: Parts = { year: 'numeric', month: 'short', day: 'numeric' };
const TIME: Parts = { hour: '2-digit', minute: '2-digit' };
const SECOND: Parts = { second: '2-digit' };
const ZONE: Parts = { timeZoneName: 'short' };

const formats = new Map<string, Intl.DateTimeFormat>();

/** A time in the reader's language and habits, 12 or 24 hours as there, in the zone that the page shows. */
function timeText(time: Date, parts: Parts): string {
  const key = `${zone.get()} ${JSON.stringify(parts)}`;
  let format = formats.get(key);
  if (!format) {
    format = new Intl.DateTimeFormat(undefined, { ...parts, ...(zone.get() === 'utc' ? { timeZone: 'UTC' } : {}) });
    formats.set(key, format);
  }
  return format.format(time);
}

/** The zone that times are shown in, as people name it: `CET`, `UTC`. */
export function zoneName(time = new Date()): string {
  const timeZone = zone.get() === 'utc' ? 'UTC' : undefined;
  const parts = new Intl.DateTimeFormat(undefined, { ...ZONE, timeZone }).formatToParts(time);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** A moment by epoch seconds, to the minute, with its zone. */
export const moment = made((value) => timeText(new Date(value * 1_000), { ...DAY, ...TIME, ...ZONE }));

/** A day by epoch seconds of its midnight in UTC. */
export const day = made((value) =>
  new Intl.DateTimeFormat(undefined, { ...DAY, timeZone: 'UTC' }).format(new Date(value * 1_000)),
);

/** A moment to the second, with its zone. */
export function clock(time: string | Date): string {
  return timeText(new Date(time), { ...DAY, ...TIME, ...SECOND, ...ZONE });
}

/** A moment without its day where that is today. */
export function shortClock(time: Date, now = new Date()): string {
  return timeText(time, { ...dayUnlessToday(time, now), ...TIME });
}

/** As {@link shortClock}, to the second. */
export function exactClock(time: Date, now = new Date()): string {
  return timeText(time, { ...dayUnlessToday(time, now), ...TIME, ...SECOND });
}

function dayUnlessToday(time: Date, now: Date): Parts {
  return timeText(time, DAY) === timeText(now, DAY) ? {} : { month: 'short', day: 'numeric' };
}

/** A range: its end without the day where that is the one of its beginning. */
export function rangeText(from: Date, to: Date): string {
  const format = new Intl.DateTimeFormat(undefined, {
    month: 'short',
    day: 'numeric',
    ...TIME,
    ...(to.getTime() - from.getTime() < 600_000 ? SECOND : {}),
    ...(zone.get() === 'utc' ? { timeZone: 'UTC' } : {}),
  });
  return format.formatRange(from, to);
}

/** A time of day on an axis: as fine as the steps between the marks, the day where it begins or where steps are days. */
export function tick(seconds: number, stepSeconds: number): string {
  const time = new Date(seconds * 1_000);
  const utc = zone.get() === 'utc';
  const midnight = utc
    ? seconds % 86_400 === 0
    : time.getHours() === 0 && time.getMinutes() === 0 && time.getSeconds() === 0;
  if (stepSeconds >= 86_400 || midnight) return timeText(time, { month: 'short', day: 'numeric' });
  return timeText(time, { ...TIME, ...(stepSeconds < 60 ? SECOND : {}) });
}

/** A value of a unit as charts have it on their axes. */
export function unitText(value: number, unit: string): string {
  switch (unit) {
    case 'Bytes':
      return bytes(value);
    case 'Bytes/s':
      return bytesPerSecond(value);
    case 'Seconds':
      return seconds(value);
    case 'Seconds/s':
      return ratio(value);
    case 'Count/s':
    case 'Count/Second':
      return perSecond(value);
    default:
      return count(value);
  }
}
