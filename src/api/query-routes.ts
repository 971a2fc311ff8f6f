import { z } from '@hono/zod-openapi';
import { type ShownStatement, shownStatementSchema, shownWork } from '../collectors/statements/shown.ts';
import { PASS_DAYS } from '../store/past.ts';
import { nextCursor, pageOf, pageQuery } from './paging.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { type Plan, planOf } from './statement-parts.ts';
import { momentOf, timeQuery, windowOf } from './time.ts';

const WINDOWS = { '5m': 300, '15m': 900, '1h': 3_600, '6h': 21_600, '1d': 86_400 } as const;
const BY = { time: 'exec_seconds', calls: 'calls', io: 'blocks_read', temp: 'temp_blocks', wal: 'wal_bytes' } as const;

/** Most points of a sparkline. */
const SPARKS = 48;

/** Windows are compared where the one before was measured in at least this share of the passes of the current one. */
const ALIKE = 0.9;

const DAY_MS = 86_400_000;

const amounts = {
  calls: z.number(),
  exec_seconds: z.number(),
  mean_seconds: z.number().nullable(),
  result_rows: z.number(),
  blocks_hit: z.number(),
  blocks_read: z.number(),
  temp_blocks: z.number(),
  wal_bytes: z.number(),
};

const item = z.object({
  db: z.string(),
  queryid: z.string(),
  text: z.string().nullable().openapi({ description: 'Null while it is unknown, and for roles that may not read it.' }),
  ...amounts,
  share: z.number().openapi({ description: 'Share of all listed statements in the sort column, 0 to 1.' }),
  change_ratio: z.number().nullable().openapi({
    description:
      'Change of the sort column from the previous window: 0.5 is half as much again; null if the statement was absent or that window was measured differently.',
  }),
  calls_change_ratio: z.number().nullable().openapi({ description: 'Change of calls, likewise.' }),
  mean_change_ratio: z.number().nullable().openapi({ description: 'Change of time per call, likewise.' }),
  spark: z
    .array(z.number().nullable())
    .openapi({ description: 'The sort column, pass by pass over the window; null for missing passes.' }),
});

/** A text is looked up for the shown ones alone, a sparkline has no order. */
const SORTED_BY = Object.keys(item.omit({ text: true, spark: true }).shape);

const one = z.object({
  at: z.string(),
  interval_seconds: z.number().nullable(),
  calls: z.number().nullable(),
  exec_seconds: z.number().nullable(),
  mean_seconds: z.number().nullable(),
  blocks_read: z.number().nullable(),
});

export const topQueriesRoute = getRoute({
  path: '/top-queries',
  summary:
    'Statements by time, calls, blocks read, temp files or WAL, compared with the previous window. Over more than a day by whole hours or days, as window_seconds says.',
  query: z.object({
    cluster: clusterQuery,
    db: z.string().min(1).optional(),
    by: z.enum(Object.keys(BY)).default('time'),
    window: z
      .enum(Object.keys(WINDOWS))
      .default('15m')
      .openapi({ description: 'Length of the range where there is no from.' }),
    ...timeQuery,
    ...pageQuery,
  }),
  answer: metaSchema.extend({
    collector: z.string(),
    window_seconds: z.number(),
    items: z.array(item),
    next_cursor: nextCursor,
  }),
});

export const queryHistoryRoute = getRoute({
  path: '/query-history',
  summary: 'One statement over time, while it was in the top list.',
  query: z.object({
    cluster: clusterQuery,
    queryid: z.string().regex(/^-?\d{1,20}$/, 'must be a queryid'),
    db: z.string().min(1).optional(),
    ...timeQuery,
  }),
  answer: metaSchema.extend({ queryid: z.string(), text: z.string().nullable(), points: z.array(one) }),
});

/** Statements by what they cost. */
export function addQueryRoutes(app: Api, reading: Reading): void {
  const { stores, now } = reading;

  app.openapi(topQueriesRoute, async (context) => {
    const { cluster: asked, db, by, window, at, from, to, ...page } = context.req.valid('query');
    const range = windowOf({ at, from, to }, now(), WINDOWS[window as keyof typeof WINDOWS]);
    const cluster = clusterOf(asked, reading);
    const plan = planOfList(range, now(), reading.intervals.get('workload') ?? 60_000);
    const end = plan.to.getTime();
    const seconds = (end - plan.from.getTime()) / 1_000;
    const column = BY[by as keyof typeof BY];
    const seen = await snapshotAt(reading, cluster, 'workload', momentOf({ at, from, to }, now()));
    const ago = (times: number) => new Date(end - times * seconds * 1_000);
    const tops = await topsOf(reading, cluster, plan, ago(2));
    const rows = tops.flatMap(({ at, rows: all }) => all.flatMap((row) => (db && row.db !== db ? [] : [{ at, row }])));
    const split = ago(1).getTime();
    const current = summed(rows.filter(({ at }) => at > split));
    const before = summed(rows.filter(({ at }) => at <= split));
    const total = [...current.values()].reduce((sum, statement) => sum + statement[column], 0);
    const sorted = [...current.entries()].sort(([, a], [, b]) => b[column] - a[column]);
    const times = [...new Set(tops.map(({ at }) => at))].sort((a, b) => a - b);
    const passes = times.filter((at) => at > split);
    const comparable = times.length - passes.length >= ALIKE * passes.length;
    const slots = slotsOf(passes, plan.stepMs);
    const { items, next_cursor } = pageOf(
      sorted.map(([key, statement]) => {
        const earlier = comparable ? before.get(key) : undefined;
        return {
          ...statement,
          share: total > 0 ? statement[column] / total : 0,
          change_ratio: changeOf(statement[column], earlier?.[column]),
          calls_change_ratio: changeOf(statement.calls, earlier?.calls),
          mean_change_ratio: changeOf(statement.mean_seconds, earlier?.mean_seconds),
          spark: sparkOf(rows, key, column, slots),
        };
      }),
      page,
      SORTED_BY,
    );
    const readable = context.get('role') !== 'viewer';
    const texts = readable
      ? await stores.statements.get(
          cluster,
          items.map(({ queryid }) => queryid),
        )
      : new Map<string, string>();
    return context.json(
      {
        ...metaOf(cluster, 'workload', seen, ['statements', 'statements_info'], reading, context.get('role')),
        collector: 'statements',
        window_seconds: seconds,
        items: items.map((entry) => ({ ...entry, text: texts.get(entry.queryid) ?? null })),
        next_cursor,
      },
      200,
    );
  });

  app.openapi(queryHistoryRoute, async (context) => {
    const { cluster: asked, queryid, db, ...time } = context.req.valid('query');
    const cluster = clusterOf(asked, reading);
    const { from, to } = windowOf(time, now(), 6 * 3_600);
    const seen = await snapshotAt(reading, cluster, 'workload', momentOf(time, now()));
    const tops = await stores.top.between(cluster, 'statements', later(from, kept(now())), to);
    const points = tops.flatMap(({ at, rows }) =>
      rows.flatMap((row) => {
        const parsed = shownStatementSchema.safeParse(row);
        if (!parsed.success || parsed.data.queryid !== queryid || (db && parsed.data.db !== db)) return [];
        const { interval_seconds, calls, exec_seconds, mean_seconds, blocks_read } = parsed.data;
        return [{ at, interval_seconds, calls, exec_seconds, mean_seconds, blocks_read }];
      }),
    );
    const text = (await stores.statements.get(cluster, [queryid])).get(queryid) ?? null;
    if (points.length === 0 && text === null)
      throw problem(
        404,
        `Statement ${queryid} was not in the top list from ${from.toISOString()} to ${to.toISOString()}.`,
      );
    return context.json(
      {
        ...metaOf(cluster, 'workload', seen, ['statements'], reading, context.get('role')),
        queryid,
        text: context.get('role') === 'viewer' ? null : text,
        points,
      },
      200,
    );
  });
}

/** A day of passes is read at once; a longer range by hours or days, and one of which no passes are kept. */
function planOfList({ from, to }: { readonly from: Date; readonly to: Date }, now: Date, passMs: number): Plan {
  const isShort = to.getTime() - from.getTime() <= DAY_MS && from >= kept(now);
  return isShort ? { resolution: 'passes', stepMs: passMs, from, to } : planOf(from, to, now, passMs);
}

/** Statements of each pass, hour or day since a time, with its end in epoch milliseconds. */
async function topsOf(
  { stores, now }: Reading,
  cluster: string,
  { resolution, stepMs, to }: Plan,
  since: Date,
): Promise<{ readonly at: number; readonly rows: readonly ShownStatement[] }[]> {
  if (resolution === 'passes') {
    const tops = await stores.top.between(cluster, 'statements', later(since, kept(now())), to);
    return tops.map(({ at, rows }) => ({
      at: Date.parse(at),
      rows: rows.flatMap((row) => shownStatementSchema.safeParse(row).data ?? []),
    }));
  }
  const periods = await stores.statementPeriods.between(cluster, resolution, since, new Date(to.getTime() - 1));
  return periods.map(({ at, coveredSeconds, statements }) => ({
    at: Date.parse(at) + stepMs,
    rows: statements.map(({ db, queryid, work }) => shownWork(db, queryid, work, coveredSeconds)),
  }));
}

interface SeenRow {
  readonly at: number;
  readonly row: ShownStatement;
}

/** Of before this there are no statements of a minute. */
function kept(now: Date): Date {
  return new Date(now.getTime() - PASS_DAYS * 86_400_000);
}

function later(a: Date, b: Date): Date {
  return a > b ? a : b;
}

function summed(rows: readonly SeenRow[]) {
  return new Map(
    [...Map.groupBy(rows, ({ row }) => keyOf(row))].map(([key, group]) => {
      const sum = (column: keyof ShownStatement) =>
        group.reduce((total, { row }) => total + Number(row[column] ?? 0), 0);
      const [calls, exec_seconds] = [sum('calls'), sum('exec_seconds')];
      const statement = {
        db: group[0]?.row.db ?? '',
        queryid: group[0]?.row.queryid ?? '',
        calls,
        exec_seconds,
        mean_seconds: calls > 0 ? exec_seconds / calls : null,
        result_rows: sum('result_rows'),
        blocks_hit: sum('blocks_hit'),
        blocks_read: sum('blocks_read'),
        temp_blocks: sum('temp_blocks'),
        wal_bytes: sum('wal_bytes'),
      };
      return [key, statement] as const;
    }),
  );
}

function changeOf(now: number | null, before: number | null | undefined): number | null {
  return now !== null && before ? now / before - 1 : null;
}

/**
 * The passes of a window in order, several in one slot where there are more than a sparkline has points, with an empty slot where
 * at least one is missing. Slots of equal time would lie across passes that come a little early or late, and show zeros.
 */
export function slotsOf(passes: readonly number[], intervalMs: number): number[][] {
  const slots: number[][] = [];
  const together = Math.ceil(passes.length / SPARKS);
  for (const [i, at] of passes.entries()) {
    const gap = i > 0 && at - (passes[i - 1] ?? at) > 1.5 * intervalMs;
    if (gap) slots.push([]);
    if (gap || slots.length === 0 || (slots.at(-1)?.length ?? 0) >= together) slots.push([]);
    slots.at(-1)?.push(at);
  }
  return slots;
}

/** What a statement took in each slot, a pass on average; none in a pass that was made is 0, no pass is null. */
function sparkOf(
  rows: readonly SeenRow[],
  key: string,
  column: keyof ShownStatement,
  slots: readonly (readonly number[])[],
): (number | null)[] {
  const amounts = new Map<number, number>();
  for (const { at, row } of rows)
    if (keyOf(row) === key) amounts.set(at, (amounts.get(at) ?? 0) + Number(row[column] ?? 0));
  return slots.map((slot) =>
    slot.length === 0 ? null : slot.reduce((sum, at) => sum + (amounts.get(at) ?? 0), 0) / slot.length,
  );
}

function keyOf({ db, queryid }: ShownStatement): string {
  return `${queryid} ${db}`;
}
