import { z } from '@hono/zod-openapi';
import type { ReaderRole } from '../config/http.ts';
import { type List, type ListEndpoint, listEndpoints } from './lists.ts';
import { nextCursor, pageOf, pageQuery } from './paging.ts';
import { clusterOf, clusterQuery, dataOf, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery } from './time.ts';

/** The endpoints that list what collectors read. */
export function addListRoutes(app: Api, reading: Reading): void {
  for (const [path, endpoint] of Object.entries(listEndpoints)) addListRoute(app, reading, path, endpoint);
}

function addListRoute(app: Api, reading: Reading, path: string, { summary, lists }: ListEndpoint): void {
  const kinds = Object.keys(lists);
  const [first = ''] = kinds;
  const items = Object.values(lists).map(({ item }) => item);
  const route = getRoute({
    path,
    summary,
    query: z.object({
      cluster: clusterQuery,
      db: z.string().min(1).optional(),
      kind: z.enum(kinds).default(first),
      ...timeQuery,
      ...pageQuery,
    }),
    answer: metaSchema.extend({
      kind: z.enum(kinds),
      collector: z.string(),
      items: z.array(items.length === 1 ? (items[0] ?? z.never()) : z.union(items)),
      next_cursor: nextCursor,
    }),
  });
  app.openapi(route, async (context) => {
    const { cluster: asked, db, kind, at, from, to, ...page } = context.req.valid('query');
    const cluster = clusterOf(asked, reading);
    const list = lists[kind] ?? lists[first];
    if (!list) throw new Error(`${path} has no list`);
    const seen = await snapshotAt(reading, cluster, list.collector.loop, momentOf({ at, from, to }, reading.now()));
    const rows = (dataOf(seen)?.rows[list.collector.name] ?? []).filter(
      (row) => (!list.choose || list.choose(row)) && (!db || row['db'] === undefined || row['db'] === db),
    );
    const shown = rows.map((row) => forReader(row, list, context.get('role')));
    return context.json(
      {
        ...metaOf(cluster, list.collector.loop, seen, [list.collector.name], reading, context.get('role')),
        kind,
        collector: list.collector.name,
        ...pageOf(shown, page, columnsOf(list)),
      },
      200,
    );
  });
}

function columnsOf({ item }: List): string[] {
  return item instanceof z.ZodObject ? Object.keys(item.shape) : [];
}

/** A viewer reads neither statements nor the names and addresses of users: what may hold data is for those who work with it. */
function forReader(
  row: Readonly<Record<string, unknown>>,
  { collector }: List,
  role: ReaderRole | undefined,
): Readonly<Record<string, unknown>> {
  if (role !== 'viewer') return row;
  const hidden = Object.entries(collector.columns).flatMap(([name, column]) =>
    column.kind === 'state' && (column.isSql || column.isPersonal) ? [[name, null] as const] : [],
  );
  return hidden.length === 0 ? row : { ...row, ...Object.fromEntries(hidden) };
}
