import { z } from '@hono/zod-openapi';
import type { Load } from '../collectors/activity/load.ts';
import { loadSlots, waitOf } from './load-answer.ts';
import { loadsBetween } from './loads.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, dataOf, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { passesOf, type StatementPass, workOf } from './statement-work.ts';
import { tablesIn } from './tables-named.ts';
import { momentOf, timeQuery, windowOf } from './time.ts';

const DAY_MS = 86_400_000;

/** Top lists of every pass are kept so long. */
const KEPT_DAYS = 7;

/** Two times are compared where the one was measured in at least this share of the passes of the other. */
const ALIKE = 0.9;

/** Most rows of a list: who runs it, what it waits for. */
const MOST = 20;

const number = z.number().nullable();

const work = z.object({
  from: z.string(),
  to: z.string(),
  passes: z.number().int().openapi({ description: 'Passes that were made in this time.' }),
  listed: z.number().int().openapi({ description: 'Passes in which it was in the top list.' }),
  comparable: z.boolean().openapi({ description: 'Measured as often as the range itself, within a tenth.' }),
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
    const kept = now().getTime() - KEPT_DAYS * DAY_MS;
    const passesAgo = async (ms: number): Promise<StatementPass[] | undefined> => {
      const [start, end] = [new Date(from.getTime() - ms), new Date(to.getTime() - ms)];
      if (ms > 0 && start.getTime() < kept) return undefined;
      return passesOf(await stores.top.between(cluster, 'statements', start, end), queryid, db);
    };
    const [seen, storage, current, dayBefore, weekBefore, activity, texts] = await Promise.all([
      snapshotAt(reading, cluster, 'workload', moment),
      snapshotAt(reading, cluster, 'storage', moment),
      passesAgo(0),
      passesAgo(DAY_MS),
      passesAgo(7 * DAY_MS),
      loadsBetween(reading, cluster, from, to),
      stores.statements.get(cluster, [queryid]),
    ]);
    const passes = current ?? [];
    const text = texts.get(queryid) ?? null;
    const load = loadOf(activity.loads, queryid, db, isViewer);
    const listed = passes.filter(({ rows }) => rows.length > 0);
    if (text === null && listed.length === 0 && load.active_sessions === 0)
      throw problem(404, `Statement ${queryid} is not known, and was not seen in this range.`);
    const window = (found: readonly StatementPass[] | undefined, ms: number) =>
      found && {
        from: new Date(from.getTime() - ms).toISOString(),
        to: new Date(to.getTime() - ms).toISOString(),
        passes: found.length,
        listed: found.filter(({ rows }) => rows.length > 0).length,
        comparable: isAlike(found.length, passes.length),
        ...workOf(found),
      };
    const intervalMs = reading.intervals.get('workload') ?? 60_000;
    const slots = loadSlots(passes, intervalMs).map(({ at, loads }) => ({ at, ...rates(loads) }));
    const databases = [...new Set([...listed.flatMap(({ rows }) => rows.map((row) => row.db)), ...load.databases])];
    const series = <K extends keyof ReturnType<typeof rates>>(name: K) => slots.map((slot) => slot[name]);
    return context.json(
      {
        ...metaOf(cluster, 'workload', seen, ['statements'], reading),
        queryid,
        text: isViewer ? null : text,
        databases: databases.toSorted(),
        current: { ...workOf(passes), ...window(passes, 0) } as z.output<typeof work>,
        day_before: window(dayBefore, DAY_MS) ?? null,
        week_before: window(weekBefore, 7 * DAY_MS) ?? null,
        times: slots.map(({ at }) => at / 1_000),
        step_seconds: intervalMs / 1_000,
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

/** Per second of the passes, but for the times of a call. */
function rates(passes: readonly StatementPass[]) {
  const seconds = passes.reduce((sum, pass) => sum + (pass.seconds ?? 0), 0);
  const all = workOf(passes);
  const rate = (amount: number) => (seconds > 0 ? amount / seconds : null);
  return {
    calls: rate(all.calls),
    mean_seconds: all.mean_seconds,
    p95_seconds: all.p95_seconds,
    result_rows: rate(all.result_rows),
    blocks_read: rate(all.blocks_read),
    blocks_hit: rate(all.blocks_hit),
    temp_blocks: rate(all.temp_blocks),
    wal_bytes: rate(all.wal_bytes),
  };
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
