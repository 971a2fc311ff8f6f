import { z } from '@hono/zod-openapi';
import { activity } from '../collectors/activity/activity.ts';
import { type LockNode, lockTree, sessionsBelow } from '../collectors/activity/lock-tree.ts';
import { lockedRelation, type RelationNames, relationNames } from '../collectors/activity/relation-names.ts';
import type { ReaderRole } from '../config/http.ts';
import { clusterOf, clusterQuery, dataOf, metaOf, metaSchema, type Reading, snapshotAt } from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery } from './time.ts';

const session = z.object({
  pid: z.number().int().openapi({ description: '0 for a prepared transaction, which has no session.' }),
  db: z.string().nullable(),
  application: z.string().nullable(),
  user_name: z.string().nullable(),
  state: z.string().nullable(),
  query: z.string().nullable(),
  xact_age_seconds: z.number().nullable(),
  wait_seconds: z.number().nullable(),
  lock_mode: z.string().nullable(),
  lock_type: z.string().nullable(),
  lock_relation: z.string().nullable().openapi({
    description: 'The relation that it waits for; in other databases, by its name at the last storage pass.',
  }),
  blocked_total: z.number().int().openapi({ description: 'Sessions that wait for it, directly or through others.' }),
  also_waits_for: z
    .array(z.number().int())
    .openapi({ description: 'Other sessions that it waits for, besides the one above it.' }),
  prepared: z.array(z.object({ gid: z.string(), db: z.string() })).openapi({
    description: 'Of pid 0: the prepared transactions, the oldest first; ROLLBACK PREPARED ends one, in its database.',
  }),
  more: z.number().int().openapi({ description: 'Sessions below it that are counted but not listed.' }),
});
type Session = z.output<typeof session>;
export interface TreeNode extends Session {
  readonly blocks: readonly TreeNode[];
}

// Named, since it is made of itself.
const nodeSchema: z.ZodType<TreeNode> = session
  .extend({
    blocks: z
      .lazy(() => z.array(nodeSchema))
      .openapi({ type: 'array', items: { $ref: '#/components/schemas/LockNode' } }),
  })
  .openapi('LockNode');

export const locksAnswer = metaSchema.extend({
  collector: z.string(),
  blocked_total: z.number().int().openapi({ description: 'Sessions waiting for a lock.' }),
  more: z.number().int().openapi({ description: 'Sessions that are counted but not listed.' }),
  trees: z.array(nodeSchema),
});

/** Most sessions in one answer, those that block most first: 1,000 in one queue would be a megabyte that nobody reads. */
const LISTED = 200;

/** Longest text of a statement: 200 of the whole 1,000 characters would be most of the answer. */
const TEXT_LENGTH = 400;

export const locksRoute = getRoute({
  path: '/locks',
  summary:
    'Lock trees, largest first, each session once; a root waits for nobody. At most 200 sessions, those that block most; the others are counted.',
  query: z.object({ cluster: clusterQuery, ...timeQuery }),
  answer: locksAnswer,
});

/** Who blocks whom. */
export function addLockRoutes(app: Api, reading: Reading): void {
  app.openapi(locksRoute, async (context) => {
    const asked = context.req.valid('query');
    const cluster = clusterOf(asked.cluster, reading);
    const moment = momentOf(asked, reading.now());
    const [seen, storage] = await Promise.all([
      snapshotAt(reading, cluster, 'hot', moment),
      snapshotAt(reading, cluster, 'storage', moment),
    ]);
    const names = relationNames(dataOf(storage)?.rows['table_sizes'] ?? []);
    const trees = lockTree(activity.rowsOf(dataOf(seen)?.rows['activity']));
    const all = sessionsBelow({ blocks: trees });
    const listed = new Set(all.slice(0, LISTED));
    const shown = { listed, names, role: context.get('role') };
    return context.json(
      {
        ...metaOf(cluster, 'hot', seen, ['activity'], reading),
        collector: 'activity',
        blocked_total: all.length - trees.filter(({ alsoWaitsFor }) => alsoWaitsFor.length === 0).length,
        more: all.length - listed.size,
        trees: trees.filter((tree) => listed.has(tree)).map((tree) => nodeOf(tree, shown)),
      },
      200,
    );
  });
}

interface Shown {
  readonly listed: ReadonlySet<LockNode>;
  readonly names: RelationNames;
  readonly role: ReaderRole | undefined;
}

function nodeOf(node: LockNode, shown: Shown): TreeNode {
  const { listed, names, role } = shown;
  const { pid, prepared, blockedTotal, alsoWaitsFor } = node;
  const row = node.session ?? prepared[0];
  const hide = role === 'viewer';
  const blocks = node.blocks.filter((one) => listed.has(one)).map((one) => nodeOf(one, shown));
  return {
    pid,
    db: row?.db ?? null,
    application: row?.application ?? null,
    user_name: hide ? null : (row?.user_name ?? null),
    state: row?.state || null,
    query: hide ? null : (row?.query?.slice(0, TEXT_LENGTH) ?? null),
    xact_age_seconds: row?.xact_age_seconds ?? null,
    wait_seconds: row?.wait_seconds ?? null,
    lock_mode: row?.lock_mode ?? null,
    lock_type: row?.lock_type ?? null,
    lock_relation: row ? lockedRelation(row, names) : null,
    blocked_total: blockedTotal,
    also_waits_for: [...alsoWaitsFor],
    prepared: prepared.map(({ gid, db }) => ({ gid: gid ?? '', db })),
    more: sessionsBelow(node).filter((one) => !listed.has(one)).length,
    blocks,
  };
}
