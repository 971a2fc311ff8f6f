import { z } from '@hono/zod-openapi';
import { activity } from '../collectors/activity/activity.ts';
import { type LockNode, lockTree } from '../collectors/activity/locks.ts';
import type { ReaderRole } from '../config/http.ts';
import { clusterOf, clusterQuery, metaOf, metaSchema, type Reading } from './reading.ts';
import { type Api, getRoute } from './routes.ts';

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
  lock_relation: z.string().nullable(),
  blocked_total: z.number().int().openapi({ description: 'Sessions that wait for it, directly or through others.' }),
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
  blocked_total: z.number().int(),
  trees: z.array(nodeSchema),
});

/** Who blocks whom. */
export function addLockRoutes(app: Api, reading: Reading): void {
  const route = getRoute({
    path: '/locks',
    summary: 'Trees of who blocks whom, the largest first: a root waits for nobody.',
    query: z.object({ cluster: clusterQuery }),
    answer: locksAnswer,
  });
  app.openapi(route, async (context) => {
    const cluster = clusterOf(context.req.valid('query').cluster, reading);
    const snapshot = await reading.stores.snapshots.get(cluster, 'hot');
    const trees = lockTree(activity.rowsOf(snapshot?.rows['activity']));
    return context.json(
      {
        ...metaOf(cluster, 'hot', snapshot, ['activity'], reading),
        collector: 'activity',
        blocked_total: trees.reduce((sum, tree) => sum + tree.blockedTotal, 0),
        trees: trees.map((tree) => nodeOf(tree, context.get('role'))),
      },
      200,
    );
  });
}

function nodeOf({ pid, session: row, blocks, blockedTotal }: LockNode, role: ReaderRole | undefined): TreeNode {
  const hide = role === 'viewer';
  return {
    pid,
    db: row?.db ?? null,
    application: row?.application ?? null,
    user_name: hide ? null : (row?.user_name ?? null),
    state: row?.state ?? null,
    query: hide ? null : (row?.query ?? null),
    xact_age_seconds: row?.xact_age_seconds ?? null,
    wait_seconds: row?.wait_seconds ?? null,
    lock_mode: row?.lock_mode ?? null,
    lock_type: row?.lock_type ?? null,
    lock_relation: row?.lock_relation ?? null,
    blocked_total: blockedTotal,
    blocks: blocks.map((node) => nodeOf(node, role)),
  };
}
