import { timeOf } from '../api/time.ts';
import { CommandFailure, EXIT } from './exit.ts';

/** What commands that read the past take. */
export interface TimeOptions {
  readonly at?: string;
  readonly from?: string;
  readonly to?: string;
  /** Show times in UTC in place of the zone of this machine. */
  readonly utc?: boolean;
}

/** Shows times as a table has them, all in one zone, which its head names. */
export interface Clock {
  readonly zone: string;
  /** `2026-11-22 03:12:00` of an RFC 3339 time. */
  text(at: string): string;
}

/** @param zone of this machine where nothing is said */
export function clockOf({ utc }: Pick<TimeOptions, 'utc'>, zone?: string): Clock {
  const timeZone = utc ? 'UTC' : (zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);
  // The Swedish form is that of ISO 8601.
  const format = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone });
  return { zone: timeZone, text: (at) => format.format(new Date(at)) };
}

/**
 * `at`, `from` and `to` as the API takes them. `15m` is what people write for fifteen minutes ago.
 *
 * @throws CommandFailure naming the option whose text is no time
 */
export function askedTime(options: TimeOptions, now: Date): Record<string, string> {
  return Object.fromEntries(
    (['at', 'from', 'to'] as const).flatMap((name) => {
      const text = options[name];
      return text === undefined ? [] : [[name, pastTime(`--${name}`, text, now)]];
    }),
  );
}

/** A time of the past as the API takes it. @throws CommandFailure */
export function pastTime(option: string, text: string, now: Date): string {
  const asked = /^\d+[smhdw]$/.test(text) ? `-${text}` : text;
  if (timeOf(asked, now)) return asked;
  throw new CommandFailure(EXIT.usage, `${option} must be a time such as 24h, 7d, now or RFC 3339, not ${text}`);
}
