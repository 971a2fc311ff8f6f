import { Temporal } from 'temporal-polyfill';
import * as z from 'zod';
import type { MaintenanceWindow } from '../config/maintenance.ts';
import type { Labels } from '../metrics/sample.ts';

/** Nobody is notified of matching alerts until a time; what is left out matches everything. */
export const silenceSchema = z.object({
  id: z.string(),
  cluster: z.string().optional(),
  rule: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  /** RFC 3339. */
  until: z.string(),
  comment: z.string().optional(),
  by: z.string().optional(),
  createdAt: z.string(),
});
export type Silence = z.output<typeof silenceSchema>;

interface Subject {
  readonly cluster: string;
  readonly rule: string;
  readonly labels: Labels;
}

/** Why nobody is to be notified of an alert now, or undefined. @param at epoch seconds */
export function suppression(
  subject: Subject,
  windows: readonly MaintenanceWindow[],
  silences: readonly Silence[],
  at: number,
): string | undefined {
  const window = windows.find((one) => concerns(one, subject) && isOpen(one, at));
  if (window) return `maintenance${window.reason ? `: ${window.reason}` : ''}`;
  const silence = silences.find((one) => matches(one, subject) && Date.parse(one.until) > at * 1_000);
  if (!silence) return undefined;
  const { id, until, by, comment } = silence;
  return `silence ${id} until ${until}${by ? ` by ${by}` : ''}${comment ? `: ${comment}` : ''}`;
}

function concerns({ clusters, rules }: MaintenanceWindow, { cluster, rule }: Subject): boolean {
  return (!clusters || clusters.includes(cluster)) && (!rules || rules.includes(rule));
}

function matches(silence: Silence, { cluster, rule, labels }: Subject): boolean {
  return (
    (silence.cluster ?? cluster) === cluster &&
    (silence.rule ?? rule) === rule &&
    Object.entries(silence.labels ?? {}).every(([name, value]) => labels[name] === value)
  );
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Whether a window is open; its beginning is in it, its end is not. By the clocks of its zone, summer time included. */
export function isOpen(window: MaintenanceWindow, at: number): boolean {
  const now = Temporal.Instant.fromEpochMilliseconds(Math.floor(at * 1_000));
  if (window.days === undefined) {
    return Temporal.Instant.compare(window.from, now) <= 0 && Temporal.Instant.compare(now, window.to) < 0;
  }
  const { zone, from, to, days } = window;
  const today = now.toZonedDateTimeISO(zone).toPlainDate();
  // A window over midnight is still open on the day after the one that it is named by.
  return [today, today.subtract({ days: 1 })].some((day) => {
    const name = DAYS[day.dayOfWeek - 1];
    if (!name || !days.includes(name)) return false;
    const time = (date: Temporal.PlainDate, clock: string) =>
      date.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(clock) }).toInstant();
    const end = time(to <= from ? day.add({ days: 1 }) : day, to);
    return Temporal.Instant.compare(time(day, from), now) <= 0 && Temporal.Instant.compare(now, end) < 0;
  });
}
