import type { Rule } from './rule.ts';

/** A value with its unit as people say it: `82 %`, `1.5 GB`, `7 min`, `1.6 billion`. */
export function valueText(value: number, unit: Rule['unit']): string {
  switch (unit) {
    case 'ratio':
      return percentText(value * 100);
    case 'Percent':
      return percentText(value);
    case 'Bytes':
      return bytesText(value);
    case 'Bytes/Second':
      return `${bytesText(value)}/s`;
    case 'Seconds':
      return secondsText(value);
    case 'Count/Second':
      return `${countText(value)}/s`;
    default:
      return countText(value);
  }
}

/** A length of time in at most two units: `45 s`, `7 min`, `2 h 10 min`, `3 days`. */
export function secondsText(seconds: number): string {
  if (seconds > 0 && seconds < 0.001) return `${trimmed(seconds * 1e6)} µs`;
  if (seconds === 0) return '0 s';
  if (seconds < 0) return `-${secondsText(-seconds)}`;
  if (seconds < 1) return `${trimmed(seconds * 1_000)} ms`;
  if (seconds < 120) return `${trimmed(seconds)} s`;
  if (seconds >= HUGE) return `${trimmed(seconds / 86_400)} days`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}

/** Below 100 it never says 100: with 648 of two billion left, not all are used. */
function percentText(value: number): string {
  const text = trimmed(value);
  return `${value < 100 && text === '100' ? '99.9' : text} %`;
}

function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(
    units.length - 1,
    Math.max(0, Math.floor(Math.log(Math.max(1, Math.abs(bytes))) / Math.log(1_024))),
  );
  return `${trimmed(bytes / 1_024 ** power)} ${units[power]}`;
}

function countText(count: number): string {
  if (Math.abs(count) >= HUGE) return trimmed(count);
  if (Math.abs(count) >= 1e9) return `${trimmed(count / 1e9)} billion`;
  if (Math.abs(count) >= 1e6) return `${trimmed(count / 1e6)} million`;
  return Number.isInteger(count) ? count.toLocaleString('en-US') : trimmed(count);
}

/** From here on digits are noise: `1.23e+15`. */
const HUGE = 1e15;

/** Three digits that mean something, all that stand before the point. Of any number: a text never throws. */
function trimmed(value: number): string {
  const size = Math.abs(value);
  return String(size >= 100 && size < HUGE ? Math.sign(value) * Math.round(size) : Number(value.toPrecision(3)));
}
