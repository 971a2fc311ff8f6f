import * as z from 'zod';

/** A counter's values of the last hour, oldest first, by the database's clock in epoch seconds. */
export const lastHourSchema = z.array(z.object({ at: z.number(), value: z.number() }));
export type LastHour = z.output<typeof lastHourSchema>;

const HOUR = 3_600;

/** Less than half an hour says nothing about an hour. */
const LEAST_SECONDS = HOUR / 2;

/** The values with one more. A counter that fell, or a clock that went back, restarts the hour. */
export function withValue(before: LastHour | undefined, at: number, value: number): LastHour {
  const last = before?.at(-1);
  const known = last && last.value <= value && last.at < at ? (before ?? []) : [];
  return [...known.filter((one) => at - one.at <= HOUR), { at, value }];
}

/** Increase in an hour, scaled from what was seen of it; undefined until half an hour was. */
export function perHour(values: LastHour): number | undefined {
  const [first, last] = [values[0], values.at(-1)];
  if (!first || !last || last.at - first.at < LEAST_SECONDS) return undefined;
  return ((last.value - first.value) / (last.at - first.at)) * HOUR;
}
