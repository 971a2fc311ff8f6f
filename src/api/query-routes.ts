import { z } from '@hono/zod-openapi';
import { type ShownStatement, shownStatementSchema } from '../collectors/statements/shown.ts';
import { PASS_DAYS } from '../store/past.ts';
import { PERIODS } from '../store/statement-periods.ts';
import { nextCursor, pageOf, pageQuery } from './paging.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { type Plan, planOf } from './statement-parts.ts';
import { type WorkPiece, workBetween } from './statement-work.ts';
import { momentOf, timeQuery, windowOf } from './time.ts';

const WINDOWS = { '5m': 300, '15m': 900, '1h': 3_600, '6h': 21_600, '1d': 86_400 } as const;
const BY = { time: 'exec_seconds', calls: 'calls', io: 'blocks_read', temp: 'temp_blocks', wal: 'wal_bytes' } as const;

/** Most points of a sparkline. */
const SPARKS = 48;

/** Windows are compared where the one before was measured in at least this share of the passes of the current one. */
const ALIKE = 0.9;

const DAY_MS = 86_400_000;

/** Up to so long, with as long before it, every pass is read; then what they are summed up to in five minutes, and in hours. */
const PASSES_UP_TO_MS = 20 * 60_000;
const MINUTES_UP_TO_MS = 3 * 3_600_000;

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
  spark: z.array(z.number().nullable()).openapi({
    description:
      'The sort column over the window: pass by pass up to 20 minutes, by five minutes up to 3 hours, else by hours or days. Null for missing ones.',
  }),
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
    const [start, end] = [plan.from.getTime(), plan.to.getTime()];
    const column = BY[by as keyof typeof BY];
    const latest = await snapshotAt(reading, cluster, 'workload', momentOf({ at, from, to }, now()));
    const [earliest, length] = [kept(plan, now()), end - start];
    const [pieces, piecesBefore] = await Promise.all([
      workBetween(reading, cluster, plan.resolution, Math.max(start, earliest), end),
      workBetween(reading, cluster, plan.resolution, Math.max(start - length, earliest), start),
    ]);
    const [current, before] = [summed(pieces, db), summed(piecesBefore, db)];
    const total = [...current.values()].reduce((sum, { statement }) => sum + statement[column], 0);
    const sorted = [...current.entries()].sort(([, a], [, b]) => b.statement[column] - a.statement[column]);
    const comparable = measured(piecesBefore) >= ALIKE * measured(pieces);
    const slots = plan.resolution === 'passes' ? passSlots(pieces, plan.stepMs) : timeSlots(pieces, plan);
    const { items, next_cursor } = pageOf(
      sorted.map(([key, { statement, seen }]) => {
        const earlier = comparable ? before.get(key)?.statement : undefined;
        return {
          ...statement,
          share: total > 0 ? statement[column] / total : 0,
          change_ratio: changeOf(statement[column], earlier?.[column]),
          calls_change_ratio: changeOf(statement.calls, earlier?.calls),
          mean_change_ratio: changeOf(statement.mean_seconds, earlier?.mean_seconds),
          spark: sparkOf(seen, column, slots, plan.stepMs),
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
        ...metaOf(cluster, 'workload', latest, ['statements', 'statements_info'], reading, context.get('role')),
        collector: 'statements',
        window_seconds: length / 1_000,
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
    const first = new Date(Math.max(from.getTime(), now().getTime() - PASS_DAYS * DAY_MS));
    const tops = await stores.top.between(cluster, 'statements', first, to);
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

type ListPlan = Omit<Plan, 'resolution'> & { readonly resolution: Plan['resolution'] | 'minutes' };

/** Up to a day, a range is exactly that; a longer one, and one of which no passes are kept, is of whole hours or days. */
function planOfList({ from, to }: { readonly from: Date; readonly to: Date }, now: Date, passMs: number): ListPlan {
  const length = to.getTime() - from.getTime();
  if (length > DAY_MS || from.getTime() < now.getTime() - PASS_DAYS * DAY_MS) return planOf(from, to, now, passMs);
  if (length <= PASSES_UP_TO_MS) return { resolution: 'passes', stepMs: passMs, from, to };
  const resolution = length <= MINUTES_UP_TO_MS ? 'minutes' : 'hours';
  return { resolution, stepMs: PERIODS[resolution].ms, from, to };
}

/** Of before this there is nothing as fine as a plan wants. */
function kept({ resolution }: ListPlan, now: Date): number {
  return resolution === 'days' || resolution === 'hours' ? 0 : now.getTime() - PASS_DAYS * DAY_MS;
}

function measured(pieces: readonly WorkPiece[]): number {
  return pieces.reduce((sum, { seconds }) => sum + seconds, 0);
}

/** A statement in one piece. */
interface Seen {
  readonly piece: WorkPiece;
  readonly row: ShownStatement;
}

/** What each statement did in all of some pieces, and in each. */
function summed(pieces: readonly WorkPiece[], db: string | undefined) {
  const groups = new Map<string, Seen[]>();
  for (const piece of pieces)
    for (const row of piece.rows) {
      if (db && row.db !== db) continue;
      const key = `${row.queryid} ${row.db}`;
      const known = groups.get(key);
      if (known) known.push({ piece, row });
      else groups.set(key, [{ piece, row }]);
    }
  return new Map([...groups].map(([key, seen]) => [key, { statement: sumOf(seen.map(({ row }) => row)), seen }]));
}

function sumOf(rows: readonly ShownStatement[]) {
  const sum = (column: keyof ShownStatement) => rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
  const [calls, exec_seconds] = [sum('calls'), sum('exec_seconds')];
  return {
    db: rows[0]?.db ?? '',
    queryid: rows[0]?.queryid ?? '',
    calls,
    exec_seconds,
    mean_seconds: calls > 0 ? exec_seconds / calls : null,
    result_rows: sum('result_rows'),
    blocks_hit: sum('blocks_hit'),
    blocks_read: sum('blocks_read'),
    temp_blocks: sum('temp_blocks'),
    wal_bytes: sum('wal_bytes'),
  };
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

function passSlots(passes: readonly WorkPiece[], intervalMs: number): WorkPiece[][] {
  const byTime = new Map(passes.map((piece) => [piece.at, piece]));
  const slots = slotsOf([...byTime.keys()], intervalMs);
  return slots.map((slot) => slot.flatMap((at) => byTime.get(at) ?? []));
}

/** Slots of equal time: what is summed up ends where it should. */
function timeSlots(pieces: readonly WorkPiece[], { from, to, stepMs }: ListPlan): WorkPiece[][] {
  const length = to.getTime() - from.getTime();
  const slotMs = Math.max(stepMs, length / SPARKS);
  const slots: WorkPiece[][] = Array.from({ length: Math.ceil(length / slotMs) }, () => []);
  for (const piece of pieces) slots[Math.floor((piece.at - 1 - from.getTime()) / slotMs)]?.push(piece);
  return slots;
}

/** What a statement took in each slot, on average of so much time; none in a pass that was made is 0, no pass is null. */
function sparkOf(
  seen: readonly Seen[],
  column: keyof ShownStatement,
  slots: readonly (readonly WorkPiece[])[],
  stepMs: number,
): (number | null)[] {
  const amounts = new Map<WorkPiece, number>();
  for (const { piece, row } of seen) amounts.set(piece, (amounts.get(piece) ?? 0) + Number(row[column] ?? 0));
  return slots.map((slot) => {
    if (slot.length === 0) return null;
    const amount = slot.reduce((sum, piece) => sum + (amounts.get(piece) ?? 0), 0);
    return (amount / slot.reduce((sum, { ms }) => sum + ms, 0)) * stepMs;
  });
}
