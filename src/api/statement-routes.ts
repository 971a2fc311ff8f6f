import { z } from '@hono/zod-openapi';
import type { Load } from '../collectors/activity/load.ts';
import { loadSlots, waitOf } from './load-answer.ts';
import { loadsBetween } from './loads.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, dataOf, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { type Part, partsOf, planOf, ratesOf, summaryOf } from './statement-parts.ts';
import { tablesIn } from './tables-named.ts';
import { momentOf, timeQuery, windowOf } from './time.ts';

const DAY_MS = 86_400_000;

/** Two times are compared where of the one at least this share of what was measured of the other was measured. */
const ALIKE = 0.9;

/** Most rows of a list: who runs it, what it waits for. */
const MOST = 20;

const number = z.number().nullable();

const work = z.object({
  from: z.string(),
  to: z.string(),
  covered_seconds: z.number().openapi({ description: 'How much of this time was measured.' }),
  parts: z.number().int().openapi({ description: 'Passes, hours or days in this time, by the resolution.' }),
  listed: z.number().int().openapi({
    description: 'Those in which it was among the statements that are kept; what it did in the others is not counted.',
  }),
  comparable: z.boolean().openapi({ description: 'Measured for as long as the range itself, within a tenth.' }),
  calls: z.number(),
  exec_seconds: z.number(),
  mean_seconds: number,
  p95_seconds: number.openapi({ description: 'Estimated from mean and standard deviation.' }),
  result_rows: z.number(),
  blocks_hit: z.number(),
  blocks_read: z.number(),
  temp_blocks: z.number(),
  wal_bytes: z.number(),
});

const column = z.array(number);

export const statementRoute = getRoute({
  path: '/statement',
  summary:
    'One statement: what it did in a range, a day and a week before, what it waited for, who ran it, its tables.',
  query: z.object({
    cluster: clusterQuery,
    queryid: z.string().regex(/^-?\d{1,20}$/, 'must be a queryid'),
    db: z.string().min(1).optional(),
    ...timeQuery,
  }),
  answer: metaSchema.extend({
    queryid: z.string(),
    text: z.string().nullable().openapi({ description: 'Null while it is unknown, and for viewers.' }),
    databases: z.array(z.string()).openapi({ description: 'Where it ran in the range.' }),
    resolution: z.enum(['passes', 'hours', 'days']).openapi({
      description: 'passes up to 2 hours, hours that are over up to 2 days, days for 400 days.',
    }),
    current: work,
    day_before: work.nullable().openapi({ description: 'Null where that time is no longer kept.' }),
    week_before: work.nullable(),
    times: z.array(z.number()).openapi({ description: 'Epoch seconds of each point.' }),
    step_seconds: z.number(),
    series: z
      .object({
        calls: column,
        mean_seconds: column,
        p95_seconds: column,
        result_rows: column,
        blocks_read: column,
        blocks_hit: column,
        temp_blocks: column,
        wal_bytes: column,
      })
      .openapi({ description: 'Per second, but for the times of a call; null where nothing was measured.' }),
    active_sessions: z.number().openapi({ description: 'Sessions that ran it, on average of the hot passes.' }),
    waits: z.array(z.object({ wait: z.string(), active_sessions: z.number(), share: z.number() })),
    runners: z.array(
      z.object({
        user_name: z.string().nullable().openapi({ description: 'Null for viewers.' }),
        application: z.string().nullable(),
        db: z.string(),
        active_sessions: z.number(),
        share: z.number(),
      }),
    ),
    tables: z.array(z.object({ db: z.string(), relation: z.string(), size_bytes: number })).openapi({
      description: 'Tables whose names stand in its text: of a view or function those below are not known.',
    }),
  }),
});

/** One statement, and all that is known of it. */
export function addStatementRoutes(app: Api, reading: Reading): void {
  const { stores, now } = reading;
  app.openapi(statementRoute, async (context) => {
    const { cluster: asked, queryid, db, ...time } = context.req.valid('query');
    const cluster = clusterOf(asked, reading);
    const isViewer = context.get('role') === 'viewer';
    const { from, to } = windowOf(time, now(), 3_600);
    const moment = momentOf(time, now());
    const plan = planOf(from, to, now(), reading.intervals.get('workload') ?? 60_000);
    const partsAgo = (ms: number) => partsOf(reading, cluster, plan, ms, queryid, db);
    const [seen, storage, current = [], dayBefore, weekBefore, activity, texts] = await Promise.all([
      snapshotAt(reading, cluster, 'workload', moment),
      snapshotAt(reading, cluster, 'storage', moment),
      partsAgo(0),
      partsAgo(DAY_MS),
      partsAgo(7 * DAY_MS),
      loadsBetween(reading, cluster, from, to),
      stores.statements.get(cluster, [queryid]),
    ]);
    const text = texts.get(queryid) ?? null;
    const load = loadOf(activity.loads, queryid, db, isViewer);
    if (text === null && current.every(({ work }) => work === undefined) && load.active_sessions === 0)
      throw problem(404, `Statement ${queryid} is not known, and was not seen in this range.`);
    const slots = loadSlots(current, plan.stepMs).map(({ at, loads }) => ({ at, ...ratesOf(loads) }));
    const series = <K extends keyof ReturnType<typeof ratesOf>>(name: K) => slots.map((slot) => slot[name]);
    const window = (parts: readonly Part[], agoMs: number) => ({
      from: new Date(plan.from.getTime() - agoMs).toISOString(),
      to: new Date(plan.to.getTime() - agoMs).toISOString(),
      covered_seconds: coveredBy(parts),
      parts: parts.length,
      listed: parts.filter(({ work }) => work !== undefined).length,
      comparable: isAlike(coveredBy(parts), coveredBy(current)),
      ...summaryOf(parts),
    });
    const databases = [...new Set([...current.flatMap((part) => part.databases), ...load.databases])];
    return context.json(
      {
        ...metaOf(cluster, 'workload', seen, ['statements'], reading, context.get('role')),
        queryid,
        text: isViewer ? null : text,
        databases: databases.toSorted(),
        resolution: plan.resolution,
        current: window(current, 0),
        day_before: dayBefore ? window(dayBefore, DAY_MS) : null,
        week_before: weekBefore ? window(weekBefore, 7 * DAY_MS) : null,
        times: slots.map(({ at }) => at / 1_000),
        step_seconds: plan.stepMs / 1_000,
        series: {
          calls: series('calls'),
          mean_seconds: series('mean_seconds'),
          p95_seconds: series('p95_seconds'),
          result_rows: series('result_rows'),
          blocks_read: series('blocks_read'),
          blocks_hit: series('blocks_hit'),
          temp_blocks: series('temp_blocks'),
          wal_bytes: series('wal_bytes'),
        },
        active_sessions: load.active_sessions,
        waits: load.waits,
        runners: load.runners,
        tables: text === null ? [] : tablesIn(text, dataOf(storage)?.rows['table_sizes'] ?? [], db ? [db] : databases),
      },
      200,
    );
  });
}

function isAlike(one: number, other: number): boolean {
  return Math.min(one, other) >= ALIKE * Math.max(one, other) && one > 0;
}

function coveredBy(parts: readonly Part[]): number {
  return parts.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** What its sessions waited for and who they were, on average of the passes. */
function loadOf(loads: readonly Load[], queryid: string, db: string | undefined, isViewer: boolean) {
  const passes = loads.reduce((sum, load) => sum + load.passes, 0);
  const groups = loads.flatMap((load) =>
    load.groups.flatMap((group) =>
      group[6] === queryid && (db === undefined || group[1] === db)
        ? [{ group, n: (group[0] * load.passes) / (passes || 1) }]
        : [],
    ),
  );
  const sum = (some: typeof groups) => some.reduce((total, { n }) => total + n, 0);
  const all = sum(groups);
  const sums = (keyOf: (group: Load['groups'][number]) => string) =>
    [...Map.groupBy(groups, ({ group }) => keyOf(group)).values()]
      .map((some) => ({ first: some[0]?.group, active_sessions: sum(some), share: sum(some) / (all || 1) }))
      .sort((a, b) => b.active_sessions - a.active_sessions)
      .slice(0, MOST);
  return {
    active_sessions: all,
    databases: groups.map(({ group: [, name] }) => name),
    waits: sums(waitOf).map(({ first, ...rest }) => ({ wait: first ? waitOf(first) : '', ...rest })),
    runners: sums(([, name, , , user, application]) => JSON.stringify([name, isViewer ? null : user, application])).map(
      ({ first, ...rest }) => ({
        user_name: isViewer ? null : (first?.[4] ?? null),
        application: first?.[5] ?? null,
        db: first?.[1] ?? '',
        ...rest,
      }),
    ),
  };
}
