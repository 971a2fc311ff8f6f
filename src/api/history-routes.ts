import { z } from '@hono/zod-openapi';
import { activity } from '../collectors/activity/activity.ts';
import type { Catalog } from '../collectors/catalog.ts';
import { LOOPS } from '../config/loop.ts';
import { durationMs } from '../config/scalars.ts';
import { type Labels, seriesKey } from '../metrics/sample.ts';
import { RESOLUTIONS, type Resolution } from '../store/series.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, dataOf, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery, windowOf } from './time.ts';

/** Points of one answer: more than a screen has. */
const MOST = 1_000;

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
    metric: z.string().regex(/^[a-z][a-z0-9_]*$/, 'must be the name of a metric'),
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

export const sessionsRoute = getRoute({
  path: '/sessions',
  summary: 'Sessions of a moment, or now, all in one answer: those that /connections lists by kind=sessions.',
  query: z.object({ cluster: clusterQuery, ...timeQuery }),
  answer: sessionsAnswer,
  role: 'operator',
});

/** What was: series ready to plot, and the sessions of a moment. */
export function addHistoryRoutes(app: Api, reading: Reading, catalog: Catalog): void {
  const { stores, now } = reading;
  app.openapi(historyRoute, async (context) => {
    const asked = context.req.valid('query');
    const cluster = clusterOf(asked.cluster, reading);
    const metric = catalog.get(asked.metric);
    if (!metric) throw problem(404, `Unknown metric ${asked.metric}.`);
    if (metric.detail) throw problem(400, `${asked.metric} belongs to single objects, which have no history.`);
    const { from, to } = windowOf(asked, now(), 3_600);
    const resolution = resolutionOf(from, to, now());
    const loop = LOOPS.find((one) => one === metric.loop) ?? 'hot';
    // Finer than the loop there would be nothing but gaps.
    const least = Math.max(RESOLUTIONS[resolution].stepMs, reading.intervals.get(loop) ?? 15_000) / 1_000;
    const range = (to.getTime() - from.getTime()) / 1_000;
    const step = Math.max(
      least,
      Math.ceil(range / MOST),
      asked.step ? (durationMs(asked.step) ?? 0) / 1_000 : range / 240,
    );
    const wanted = Object.entries(labelsOf(asked.labels));
    const isWanted = (key: string) =>
      wanted.length === 0 || wanted.every(([name, value]) => parseKey(key)[name] === value);
    const buckets = new Buckets(from, step, range);
    const steps = await stores.series.between(cluster, resolution, from, to, now(), asked.metric);
    for (const { at, values: all } of steps) {
      for (const [key, [min, avg, max]] of Object.entries(all)) if (isWanted(key)) buckets.add(key, at, avg, min, max);
    }
    const since = steps.length > 0 ? undefined : await begins(reading, cluster);
    const unit = metric.type === 'counter' ? `${metric.unit}/s` : metric.unit;
    return context.json(
      {
        cluster,
        metric: asked.metric,
        unit,
        resolution,
        step_seconds: step,
        since: since?.toISOString(),
        times: buckets.times(),
        series: buckets.series(),
      } as const,
      200,
    );
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

/** The finest that is kept of a range and gives no more than some hundred points: what is read of it stays below 30 read units. */
function resolutionOf(from: Date, to: Date, now: Date): Resolution {
  const hours = (to.getTime() - from.getTime()) / 3_600_000;
  const isRecent = now.getTime() - from.getTime() <= RESOLUTIONS.points.days * 86_400_000;
  if (isRecent && hours <= 3) return 'points';
  if (isRecent && hours <= 48) return 'minutes';
  return hours <= 35 * 24 ? 'hours' : 'days';
}

/** When the history of a target begins: of what is kept longest where there is some already. */
async function begins({ stores, now }: Reading, cluster: string): Promise<Date | undefined> {
  const [past, hour] = await Promise.all([stores.past.since(cluster, undefined, now()), stores.series.since(cluster)]);
  return past && hour ? new Date(Math.min(past.getTime(), hour.getTime())) : (past ?? hour);
}

function labelsOf(text: string | undefined): Labels {
  if (!text) return {};
  return Object.fromEntries(
    text.split(',').map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

interface Bucket {
  sum: number;
  count: number;
  min: number;
  max: number;
}

/** Series by their key, each value in the step that it belongs to. */
class Buckets {
  readonly #from: number;
  readonly #step: number;
  readonly #count: number;
  readonly #series = new Map<string, Map<number, Bucket>>();

  constructor(from: Date, step: number, range: number) {
    this.#from = Math.floor(from.getTime() / 1_000 / step) * step;
    this.#step = step;
    this.#count = Math.ceil(range / step) + 1;
  }

  add(key: string, at: string, value: number, min: number, max: number): void {
    const i = Math.floor((Date.parse(at) / 1_000 - this.#from) / this.#step);
    const buckets = this.#series.get(key) ?? new Map<number, Bucket>();
    this.#series.set(key, buckets);
    const bucket = buckets.get(i) ?? { sum: 0, count: 0, min, max };
    bucket.sum += value;
    bucket.count += 1;
    bucket.min = Math.min(bucket.min, min);
    bucket.max = Math.max(bucket.max, max);
    buckets.set(i, bucket);
  }

  times(): number[] {
    return Array.from({ length: this.#count }, (_, i) => this.#from + i * this.#step);
  }

  series() {
    const column = (buckets: ReadonlyMap<number, Bucket>, of: (bucket: Bucket) => number) =>
      Array.from({ length: this.#count }, (_, i) => {
        const bucket = buckets.get(i);
        return bucket ? of(bucket) : null;
      });
    return [...this.#series]
      .map(([key, buckets]) => ({
        labels: parseKey(key),
        avg: column(buckets, ({ sum, count }) => sum / count),
        min: column(buckets, ({ min }) => min),
        max: column(buckets, ({ max }) => max),
      }))
      .sort((a, b) => (seriesKey('', a.labels) < seriesKey('', b.labels) ? -1 : 1))
      .slice(0, 100);
  }
}

/** The labels of a series key: name="value" pairs, the values as JSON. */
function parseKey(key: string): Labels {
  const labels: Record<string, string> = {};
  for (const [, name, value] of key.slice(key.indexOf('{')).matchAll(/(\w+)=("(?:[^"\\]|\\.)*")/g)) {
    if (name && value) labels[name] = String(JSON.parse(value));
  }
  return labels;
}
