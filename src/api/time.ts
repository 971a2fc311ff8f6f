import { z } from '@hono/zod-openapi';
import { problem } from './problem.ts';

const DAY_MS = 86_400_000;

/** Roll-ups and snapshots of lists are kept for so long; no range is longer. */
export const LONGEST_DAYS = 400;

/** A client's clock may be ahead of ours by so much: what it takes for now is now. */
const AHEAD_MS = 60_000;

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS, w: 7 * DAY_MS };
const ALLOWED = 'RFC 3339 (2026-11-21T03:12:00Z; write + as %2B), now, or -15m, -6h, -7d, -2w before now';

const rfc3339 = z.iso.datetime({ offset: true });

/**
 * The time that a text says: RFC 3339, `now`, or a length before now such as `-15m` (s, m, h, d, w); undefined where it is
 * neither, or before 1970.
 */
export function timeOf(text: string, now: Date): Date | undefined {
  if (text === 'now') return now;
  const [, count, unit] = /^-(\d{1,9})([smhdw])$/.exec(text) ?? [];
  const ms =
    unit !== undefined
      ? now.getTime() - Number(count) * (UNIT_MS[unit] ?? Number.NaN)
      : rfc3339.safeParse(text).success
        ? Date.parse(text)
        : Number.NaN;
  return ms >= 0 ? new Date(ms) : undefined;
}

function timeParameter(description: string) {
  return z
    .string()
    .refine((text) => timeOf(text, new Date()) !== undefined, `must be ${ALLOWED}`)
    .optional()
    .openapi({ description: `${description} ${ALLOWED}.` });
}

/**
 * The parameters of time, which every endpoint about a target takes, so that one set of them fits a whole page: a state is
 * shown as of `at`, else of `to`; what has a length is shown from `from` to `to`, else up to `at`.
 */
export const timeQuery = {
  at: timeParameter('Moment to show; the end of the range, or now, by default.'),
  from: timeParameter('Start of the range; a state as of one moment ignores it.'),
  to: timeParameter('End of the range; now by default.'),
} as const;

export interface AskedTime {
  readonly at?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * The moment as of which a state is asked for; undefined for now.
 *
 * @throws 400 for a time in the future, or a range that {@link windowOf} refuses
 */
export function momentOf(asked: AskedTime, now: Date): Date | undefined {
  if (asked.from !== undefined) windowOf(asked, now, 0);
  const [name, text] = asked.at === undefined ? (['to', asked.to] as const) : (['at', asked.at] as const);
  if (text === undefined) return undefined;
  const moment = parsed(name, text, now);
  return moment < now ? moment : undefined;
}

/**
 * The range that is asked for: up to `to`, else `at`, else now, and as long as `defaultSeconds` where no `from` is given.
 *
 * @throws 400 for a range that is empty, over 400 days or in the future
 */
export function windowOf(
  asked: AskedTime,
  now: Date,
  defaultSeconds: number,
): { readonly from: Date; readonly to: Date } {
  const end = asked.to === undefined ? parsed('at', asked.at ?? 'now', now) : parsed('to', asked.to, now);
  // A moment within the range is beside it.
  const to = asked.to === undefined && asked.from !== undefined ? now : end;
  const from =
    asked.from === undefined ? new Date(to.getTime() - defaultSeconds * 1_000) : parsed('from', asked.from, now);
  if (asked.from !== undefined && from >= to)
    throw problem(400, `from: must be before to, which is ${asked.to === undefined ? 'now by default' : asked.to}`);
  if (to.getTime() - from.getTime() > LONGEST_DAYS * DAY_MS)
    throw problem(400, `from: must be at most ${LONGEST_DAYS} days before to`);
  return { from, to };
}

function parsed(name: keyof AskedTime, text: string, now: Date): Date {
  const time = timeOf(text, now);
  if (!time) throw problem(400, `${name}: must be ${ALLOWED}`);
  if (time.getTime() > now.getTime() + AHEAD_MS)
    throw problem(400, `${name}: is in the future; it is ${now.toISOString()} now`);
  return time < now ? time : now;
}
