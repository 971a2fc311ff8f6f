import { z } from '@hono/zod-openapi';
import { type ShownStatement, shownStatementSchema } from '../collectors/statements/shown.ts';
import { nextCursor, pageOf, pageQuery } from './paging.ts';
import { problem } from './problem.ts';
import { clusterOf, clusterQuery, metaOf, metaSchema, type Reading } from './reading.ts';
import { type Api, getRoute } from './routes.ts';

const WINDOWS = { '5m': 300, '15m': 900, '1h': 3_600, '6h': 21_600, '1d': 86_400 } as const;
const BY = { time: 'exec_seconds', calls: 'calls', io: 'blocks_read', temp: 'temp_blocks', wal: 'wal_bytes' } as const;

/** Points of a sparkline. */
const SPARKS = 24;

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
  text: z
    .string()
    .nullable()
    .openapi({ description: 'Null while it is not known, and for those who may not read it.' }),
  ...amounts,
  share: z.number().openapi({ description: 'Of all listed statements, by what the list is made by, 0 to 1.' }),
  change_ratio: z
    .number()
    .nullable()
    .openapi({ description: 'Against the window before: 0.5 is half as much again; null where it was not there.' }),
  spark: z.array(z.number()).openapi({ description: 'What the list is made by, over the window.' }),
});

const one = z.object({
  at: z.string(),
  interval_seconds: z.number().nullable(),
  calls: z.number().nullable(),
  exec_seconds: z.number().nullable(),
  mean_seconds: z.number().nullable(),
  blocks_read: z.number().nullable(),
});

/** Statements by what they cost. */
export function addQueryRoutes(app: Api, reading: Reading): void {
  const { stores, now } = reading;

  const list = getRoute({
    path: '/top-queries',
    summary: 'Statements by time, calls, blocks read, temp files or WAL, against the window before.',
    query: z.object({
      cluster: clusterQuery,
      db: z.string().min(1).optional(),
      by: z.enum(Object.keys(BY)).default('time'),
      window: z.enum(Object.keys(WINDOWS)).default('15m'),
      ...pageQuery,
    }),
    answer: metaSchema.extend({
      collector: z.string(),
      window_seconds: z.number(),
      items: z.array(item),
      next_cursor: nextCursor,
    }),
  });
  app.openapi(list, async (context) => {
    const { cluster: asked, db, by, window, ...page } = context.req.valid('query');
    const cluster = clusterOf(asked, reading);
    const seconds = WINDOWS[window as keyof typeof WINDOWS];
    const column = BY[by as keyof typeof BY];
    const snapshot = await stores.snapshots.get(cluster, 'workload');
    const end = now().getTime();
    const ago = (times: number) => new Date(end - times * seconds * 1_000);
    const tops = await stores.top.between(cluster, 'statements', ago(2), new Date(end));
    const rows = tops.flatMap(({ at, rows: all }) =>
      all.flatMap((row) => {
        const parsed = shownStatementSchema.safeParse(row);
        return parsed.success && (!db || parsed.data.db === db) ? [{ at: Date.parse(at), row: parsed.data }] : [];
      }),
    );
    const split = ago(1).getTime();
    const current = summed(rows.filter(({ at }) => at > split));
    const before = summed(rows.filter(({ at }) => at <= split));
    const total = [...current.values()].reduce((sum, statement) => sum + statement[column], 0);
    const sorted = [...current.entries()].sort(([, a], [, b]) => b[column] - a[column]);
    const hasBefore = before.size > 0;
    const { items, next_cursor } = pageOf(
      sorted.map(([key, statement]) => {
        const earlier = before.get(key)?.[column];
        return {
          ...statement,
          share: total > 0 ? statement[column] / total : 0,
          change_ratio: hasBefore && earlier ? statement[column] / earlier - 1 : null,
          spark: sparkOf(rows, key, column, split, end),
        };
      }),
      page,
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
        ...metaOf(cluster, 'workload', snapshot, ['statements', 'statements_info'], reading),
        collector: 'statements',
        window_seconds: seconds,
        items: items.map((entry) => ({ ...entry, text: texts.get(entry.queryid) ?? null })),
        ...(next_cursor ? { next_cursor } : {}),
      },
      200,
    );
  });

  const history = getRoute({
    path: '/query-history',
    summary: 'One statement over time, for as long as it was in the top list.',
    query: z.object({
      cluster: clusterQuery,
      queryid: z.string().regex(/^-?\d{1,20}$/, 'must be a queryid'),
      db: z.string().min(1).optional(),
      hours: z.coerce.number().int().min(1).max(168).default(6).openapi({ type: 'integer' }),
    }),
    answer: metaSchema.extend({ queryid: z.string(), text: z.string().nullable(), points: z.array(one) }),
  });
  app.openapi(history, async (context) => {
    const { cluster: asked, queryid, db, hours } = context.req.valid('query');
    const cluster = clusterOf(asked, reading);
    const snapshot = await stores.snapshots.get(cluster, 'workload');
    const end = now();
    const tops = await stores.top.between(cluster, 'statements', new Date(end.getTime() - hours * 3_600_000), end);
    const points = tops.flatMap(({ at, rows }) =>
      rows.flatMap((row) => {
        const parsed = shownStatementSchema.safeParse(row);
        if (!parsed.success || parsed.data.queryid !== queryid || (db && parsed.data.db !== db)) return [];
        const { interval_seconds, calls, exec_seconds, mean_seconds, blocks_read } = parsed.data;
        return [{ at, interval_seconds, calls, exec_seconds, mean_seconds, blocks_read }];
      }),
    );
    const text = (await stores.statements.get(cluster, [queryid])).get(queryid) ?? null;
    if (points.length === 0 && text === null) throw problem(404, `No statement ${queryid} was seen in ${hours} hours.`);
    return context.json(
      {
        ...metaOf(cluster, 'workload', snapshot, ['statements'], reading),
        queryid,
        text: context.get('role') === 'viewer' ? null : text,
        points,
      },
      200,
    );
  });
}

interface Seen {
  readonly at: number;
  readonly row: ShownStatement;
}

function summed(rows: readonly Seen[]) {
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

function sparkOf(rows: readonly Seen[], key: string, column: keyof ShownStatement, from: number, to: number): number[] {
  const spark = Array.from({ length: SPARKS }, () => 0);
  for (const { at, row } of rows) {
    if (at <= from || keyOf(row) !== key) continue;
    const i = Math.min(SPARKS - 1, Math.floor(((at - from) / (to - from)) * SPARKS));
    spark[i] = (spark[i] ?? 0) + Number(row[column] ?? 0);
  }
  return spark;
}

function keyOf({ db, queryid }: ShownStatement): string {
  return `${queryid} ${db}`;
}
