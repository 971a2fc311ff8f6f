import * as z from 'zod';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 22:00');

const zone = z.string().refine(isZone, { error: 'must be a time zone such as Europe/Berlin' });

const common = {
  clusters: z.array(z.string().min(1)).optional().describe('Only these targets; all by default.'),
  rules: z.array(z.string().min(1)).optional().describe('Only these rules; all by default.'),
  reason: z.string().min(1).optional(),
};

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const weekly = z
  .strictObject({
    ...common,
    days: z
      .array(z.enum(DAYS, { error: `must be ${DAYS.join(', ')}` }), { error: `must be a list of ${DAYS.join(', ')}` })
      .min(1, 'must name a day'),
    from: time,
    to: time.describe('If at or before `from`, on the next day.'),
    zone: zone.default('UTC'),
  })
  .describe('Weekly, in a time zone, daylight saving time included.');

const once = z
  .strictObject({
    ...common,
    // With days it is weekly: what is wrong with it is said of that alternative alone.
    days: z.never().optional(),
    from: z.iso.datetime({ offset: true, error: 'must be a time such as 2026-12-01T22:00:00Z' }),
    to: z.iso.datetime({ offset: true, error: 'must be a time such as 2026-12-02T02:00:00Z' }),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { path: ['to'], error: 'must be after from' })
  .describe('Once.');

/** A time without notifications, every week or once. The history has what happened all the same. */
export const maintenanceWindow = z.union([weekly, once], {
  error: ({ input, errors }) => {
    const weeklyIssues: readonly z.core.$ZodIssue[] = Array.isArray(errors) ? (errors[0] ?? []) : [];
    const isWeekly = typeof input === 'object' && input !== null && 'days' in input;
    const said = isWeekly ? weeklyIssues.map(({ path, message }) => `${String(path[0] ?? '')} ${message}`.trim()) : [];
    return said.length > 0
      ? said.join('; ')
      : 'must be either { days, from: "22:00", to: "02:00", zone } or { from, to } with full times';
  },
});
export type MaintenanceWindow = z.output<typeof maintenanceWindow>;

function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}
