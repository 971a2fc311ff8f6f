import { z } from '@hono/zod-openapi';
import { activity } from '../collectors/activity/activity.ts';
import type { Catalog } from '../collectors/catalog.ts';
import { durationMs } from '../config/scalars.ts';
import type { Labels } from '../metrics/sample.ts';
import { chartsOf } from './charts.ts';
import { clusterOf, clusterQuery, dataOf, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery, windowOf } from './time.ts';

const METRIC = '[a-z][a-z0-9_]*';

/** Most metrics of one answer; no view has more charts. */
const TOGETHER = 12;

const values = z.array(z.number().nullable());

const answer = z.object({
  cluster: z.string(),
  metric: z.string(),
  unit: z.string(),
  resolution: z.enum(['points', 'minutes', 'hours', 'days']).openapi({
    description:
      'points: every pass, up to 3 hours. minutes: 5 minutes, up to 2 days; both of the last 7 days. hours: up to 35 days. days: up to 400.',
  }),
  step_seconds: z.number(),
  since: z
    .string()
    .optional()
    .openapi({ description: 'When the data begins, RFC 3339, where nothing was measured in the range.' }),
  times: z.array(z.number()).openapi({ description: 'Epoch seconds at the start of each step.' }),
  series: z.array(
    z.object({
      labels: z.record(z.string(), z.string()),
      avg: values,
      min: values,
      max: values,
    }),
  ),
});

// Kept for 7 days: rows of another version may lack columns, or have more.
const row: z.ZodType = activity.snapshotRow;
const session = (row instanceof z.ZodObject ? row.partial().loose() : row) as z.ZodType<
  Partial<z.output<typeof activity.snapshotRow>>
>;

const sessionsAnswer = metaSchema.extend({ sessions: z.array(session) });

export const historyRoute = getRoute({
  path: '/history',
  summary: 'A metric over time, in columns ready to plot; the range sets the resolution.',
  query: z.object({
    cluster: clusterQuery,
    metric: z.string().regex(new RegExp(`^${METRIC}$`), 'must be the name of a metric'),
    labels: z
      .string()
      .regex(/^\w+=[^,=]*(,\w+=[^,=]*)*$/, 'must be name=value, separated by commas')
      .optional(),
    ...timeQuery,
    step: z
      .string()
      .refine((text) => (durationMs(text) ?? 0) >= 1_000, 'must be a duration such as 1m')
      .optional(),
  }),
  answer,
});

export const chartsRoute = getRoute({
  path: '/charts',
  summary:
    'Several metrics over time, each as /history answers it: they are read together, for what one of them costs.',
  query: z.object({
    cluster: clusterQuery,
    metrics: z
      .string()
      .regex(
        new RegExp(`^${METRIC}(,${METRIC}){0,${TOGETHER - 1}}$`),
        `must be names of at most ${TOGETHER} metrics, separated by commas`,
      )
      .openapi({ description: 'Names of metrics, separated by commas.' }),
    ...timeQuery,
  }),
  answer: z.object({ charts: z.array(answer).openapi({ description: 'In the order of the metrics.' }) }),
});

export const sessionsRoute = getRoute({
  path: '/sessions',
  summary: 'Sessions of a moment, or now, all in one answer: those that /connections lists by kind=sessions.',
  query: z.object({ cluster: clusterQuery, ...timeQuery }),
  answer: sessionsAnswer,
  role: 'operator',
});

/** What was: series ready to plot, and the sessions of a moment. */
export function addHistoryRoutes(app: Api, reading: Reading, catalog: Catalog): void {
  const { now } = reading;
  app.openapi(historyRoute, async (context) => {
    const asked = context.req.valid('query');
    const [chart] = await chartsOf(reading, catalog, {
      cluster: clusterOf(asked.cluster, reading),
      metrics: [asked.metric],
      ...windowOf(asked, now(), 3_600),
      labels: labelsOf(asked.labels),
      stepSeconds: asked.step ? (durationMs(asked.step) ?? 0) / 1_000 : undefined,
    });
    if (!chart) throw new Error('a metric gave no chart');
    return context.json(chart, 200);
  });

  app.openapi(chartsRoute, async (context) => {
    const asked = context.req.valid('query');
    const charts = await chartsOf(reading, catalog, {
      cluster: clusterOf(asked.cluster, reading),
      metrics: [...new Set(asked.metrics.split(','))],
      ...windowOf(asked, now(), 3_600),
    });
    return context.json({ charts }, 200);
  });

  app.openapi(sessionsRoute, async (context) => {
    const asked = context.req.valid('query');
    const cluster = clusterOf(asked.cluster, reading);
    const seen = await snapshotAt(reading, cluster, 'hot', momentOf(asked, now()));
    const rows = (dataOf(seen)?.rows['activity'] ?? []).filter(({ kind }) => kind === 'session');
    const sessions = sessionsAnswer.shape.sessions.parse(rows);
    return context.json({ ...metaOf(cluster, 'hot', seen, ['activity'], reading, context.get('role')), sessions }, 200);
  });
}

function labelsOf(text: string | undefined): Labels {
  if (!text) return {};
  return Object.fromEntries(
    text.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}
