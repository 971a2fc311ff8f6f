import { secondsText, valueText } from '../../src/alerts/format.ts';

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
export const ago = made((value) => `${secondsText(value)} ago`);
export const ratio = made((value) =>
  value > 0 && value < 0.001 ? '< 0.1 %' : `${Number((value * 100).toFixed(1))} %`,
);
export const percent = made((value) => valueText(value, 'Percent'));
export const yes = (value: unknown): string =>
  value === null || value === undefined ? dash : value === true || value === 1 ? 'yes' : 'no';
export const change = made((value) => `${value > 0 ? '+' : ''}${Math.round(value * 100)} %`);
export const signedBytes = made((value) => `${value > 0 ? '+' : ''}${valueText(value, 'Bytes')}`);

/** 24 hours everywhere, as on the axes; times of day with seconds and the zone that they are of. */
const DAY = { year: 'numeric', month: 'short', day: 'numeric', hourCycle: 'h23' } as const;
const TIME = { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short' } as const;

/** A moment by epoch seconds, in the reader's time. */
export const moment = made((value) =>
  new Date(value * 1_000).toLocaleString('en-US', { ...DAY, hour: '2-digit', minute: '2-digit' }),
);

export function clock(time: string): string {
  return new Date(time).toLocaleString('en-US', { ...DAY, ...TIME });
}

/** A time of day on an axis: as fine as the steps between the marks, the day where it begins or where steps are days. */
export function tick(seconds: number, stepSeconds: number): string {
  const time = new Date(seconds * 1_000);
  const midnight = time.getHours() === 0 && time.getMinutes() === 0 && time.getSeconds() === 0;
  if (stepSeconds >= 86_400 || midnight) return time.toLocaleDateString('en-US', { month: 'short', day: 'numeric' });
  const second = stepSeconds < 60 ? ({ second: '2-digit' } as const) : {};
  return time.toLocaleTimeString('en-US', { hourCycle: 'h23', hour: '2-digit', minute: '2-digit', ...second });
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
