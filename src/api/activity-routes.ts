import { z } from '@hono/zod-openapi';
import { type Load, meanLoad } from '../collectors/activity/load.ts';
import { bandsOf, DIMENSIONS, loadSlots, statementLoads } from './load-answer.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery, windowOf } from './time.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Passes are kept a week; of its first day some may be gone. */
const PASS_DAYS = 7;

/** Longer ranges are read by the hour, and those over two weeks by the day: 1,440 minutes, 336 hours or 400 days at most. */
const PASSES_UP_TO_MS = DAY_MS;
const HOURS_UP_TO_MS = 14 * DAY_MS;

export const activityRoute = getRoute({
  path: '/activity',
  summary:
    'Active sessions over time, on average of the passes: by wait, statement, application, user or database; and by statement and wait.',
  query: z.object({
    cluster: clusterQuery,
    db: z.string().min(1).optional(),
    by: z.enum(DIMENSIONS).default('wait'),
    ...timeQuery,
  }),
  answer: metaSchema.extend({
    collector: z.string(),
    by: z.enum(DIMENSIONS),
    resolution: z.enum(['passes', 'hours', 'days']).openapi({
      description: 'passes: every pass, for 7 days and ranges up to a day. hours up to 14 days, days for 400 days.',
    }),
    step_seconds: z.number(),
    passes: z.number().int().openapi({ description: 'Passes that were made in the range.' }),
    times: z.array(z.number()).openapi({ description: 'Epoch seconds of each point.' }),
    bands: z.array(
      z.object({
        key: z.string().nullable().openapi({
          description: 'Null for the others together, and for sessions that were counted but not read by name.',
        }),
        name: z.string(),
        text: z.string().nullable().openapi({ description: 'Of a statement its text, where it is known.' }),
        values: z.array(z.number().nullable()).openapi({ description: 'Null where nothing was measured.' }),
      }),
    ),
    statements: z.array(
      z.object({
        queryid: z.string().nullable().openapi({ description: 'Null before PostgreSQL 14.' }),
        text: z.string().nullable(),
        db: z.string(),
        active_sessions: z.number(),
        share: z.number().openapi({ description: 'Share of all active sessions, 0 to 1.' }),
        waits: z.array(z.object({ wait: z.string(), active_sessions: z.number() })),
      }),
    ),
  }),
});

/** Who was active, by what. */
export function addActivityRoutes(app: Api, reading: Reading): void {
  const { stores, now } = reading;
  app.openapi(activityRoute, async (context) => {
    const { cluster: asked, db, by, ...time } = context.req.valid('query');
    const cluster = clusterOf(asked, reading);
    const isViewer = context.get('role') === 'viewer';
    if (isViewer && by === 'user') throw problem(403, 'by: user needs the role operator');
    const { from, to } = windowOf(time, now(), 3_600);
    const [seen, { resolution, intervalMs, loads: all }] = await Promise.all([
      snapshotAt(reading, cluster, 'hot', momentOf(time, now())),
      loadsBetween(reading, cluster, from, to),
    ]);
    const loads = db === undefined ? all : all.map((load) => inDatabase(load, db));
    const slots = loadSlots(loads, intervalMs);
    const bands = bandsOf(slots, by);
    const statements = statementLoads(loads);
    const queryids = [
      ...(by === 'statement' ? bands.flatMap(({ key }) => (key !== null && isQueryid(key) ? [key] : [])) : []),
      ...statements.flatMap(({ queryid }) => queryid ?? []),
    ];
    const texts = isViewer ? new Map<string, string>() : await stores.statements.get(cluster, [...new Set(queryids)]);
    return context.json(
      {
        ...metaOf(cluster, 'hot', seen, ['activity'], reading),
        collector: 'activity',
        by,
        resolution,
        step_seconds: intervalMs / 1_000,
        passes: loads.reduce((sum, load) => sum + load.passes, 0),
        times: slots.map(({ at }) => at / 1_000),
        bands: bands.map(({ key, name, values }, i) => {
          if (by !== 'statement' || key === null) return { key, name, text: null, values: [...values] };
          if (isQueryid(key)) return { key, name, text: texts.get(key) ?? null, values: [...values] };
          const hidden = `statement ${i + 1}`;
          return isViewer
            ? { key: hidden, name: hidden, text: null, values: [...values] }
            : { key, name, text: key, values: [...values] };
        }),
        statements: statements.map(({ waits, text, ...rest }) => ({
          ...rest,
          text: isViewer ? null : ((rest.queryid === null ? text : texts.get(rest.queryid)) ?? null),
          waits: [...waits],
        })),
      },
      200,
    );
  });
}

const isQueryid = (key: string): boolean => /^-?\d+$/.test(key);

interface Loads {
  readonly resolution: 'passes' | 'hours' | 'days';
  readonly intervalMs: number;
  readonly loads: readonly Load[];
}

/** What is kept of a range, as fine as it can be read quickly; what is not rolled up yet is rolled up now. */
async function loadsBetween(reading: Reading, cluster: string, from: Date, to: Date): Promise<Loads> {
  const { activity } = reading.stores;
  const [start, end] = [from.getTime(), to.getTime()];
  const kept = reading.now().getTime() - PASS_DAYS * DAY_MS;
  if (start >= kept && end - start <= PASSES_UP_TO_MS) {
    const intervalMs = reading.intervals.get('hot') ?? 15_000;
    return { resolution: 'passes', intervalMs, loads: await activity.passes(cluster, from, to) };
  }
  const resolution = end - start <= HOURS_UP_TO_MS ? 'hours' : 'days';
  const intervalMs = resolution === 'hours' ? HOUR_MS : DAY_MS;
  const first = new Date(Math.floor(start / intervalMs) * intervalMs);
  const loads = await activity.periods(cluster, resolution, first, to);
  const last = loads.at(-1);
  const open = new Date(Math.max(kept, last ? Date.parse(last.at) + intervalMs : end - intervalMs));
  if (open >= to) return { resolution, intervalMs, loads };
  const rest =
    resolution === 'hours' || end - open.getTime() <= HOUR_MS
      ? await activity.passes(cluster, new Date(Math.max(open.getTime(), end - 2 * HOUR_MS)), to)
      : await activity.periods(cluster, 'hours', open, to);
  const tail = meanLoad(rest[0]?.at ?? '', rest);
  return { resolution, intervalMs, loads: tail ? [...loads, tail] : loads };
}

function inDatabase(load: Load, db: string): Load {
  return { ...load, groups: load.groups.filter(([, name]) => name === db) };
}
