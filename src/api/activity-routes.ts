import { z } from '@hono/zod-openapi';
import type { Load } from '../collectors/activity/load.ts';
import { bandsOf, DIMENSIONS, loadSlots, statementLoads } from './load-answer.ts';
import { loadsBetween } from './loads.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery, windowOf } from './time.ts';

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
    resolution: z.enum(['passes', 'minutes', 'hours', 'days']).openapi({
      description:
        'passes: every pass, up to 3 hours. minutes: means of 5 minutes, up to a day; both of the last 7 days. hours: up to 14 days, days: up to 400.',
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
        ...metaOf(cluster, 'hot', seen, ['activity'], reading, context.get('role')),
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

function inDatabase(load: Load, db: string): Load {
  return { ...load, groups: load.groups.filter(([, name]) => name === db) };
}
