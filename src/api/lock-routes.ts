import { z } from '@hono/zod-openapi';
import { endingsOf, type Fate, fateOf } from '../collectors/activity/ending.ts';
import { freedBy } from '../collectors/activity/freed.ts';
import { type LockNode, lockTree, sessionsBelow } from '../collectors/activity/lock-tree.ts';
import { lockedRelation, type RelationNames, relationNames } from '../collectors/activity/relation-names.ts';
import { type StoredSession, storedSessions } from '../collectors/activity/stored.ts';
import type { ReaderRole } from '../config/http.ts';
import { CatalogNames } from './catalog-names.ts';
import { lockRun, runsOf } from './lock-runs.ts';
import {
  beginsAfter,
  clusterOf,
  clusterQuery,
  dataOf,
  metaOf,
  metaSchema,
  type Reading,
  sinceSchema,
  snapshotAt,
} from './reading.ts';
import { type Api, getRoute } from './routes.ts';
import { momentOf, timeQuery, windowOf } from './time.ts';

const time = z.string().nullable();

const session = z.object({
  pid: z.number().int().openapi({ description: '0 for a prepared transaction, which has no session.' }),
  db: z.string().nullable(),
  backend_type: z.string().nullable(),
  application: z.string().nullable(),
  user_name: z.string().nullable().openapi({ description: 'Null for viewers.' }),
  client_addr: z.string().nullable().openapi({ description: 'Null over a local socket, and for viewers.' }),
  state: z.string().nullable(),
  query: z.string().nullable(),
  query_is_last: z
    .boolean()
    .openapi({ description: 'The statement is over: it is the last one that the session ran.' }),
  xact_start: time.openapi({ description: 'When its transaction began, RFC 3339.' }),
  xact_age_seconds: z.number().nullable(),
  state_since: time.openapi({ description: 'When it entered its state, RFC 3339.' }),
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
  ending: z
    .object({
      statements: z
        .array(
          z.object({
            sql: z.string(),
            what: z.enum(['cancel', 'terminate', 'rollback']),
            db: z.string().nullable().openapi({ description: 'Where it has to be run; null: in any database.' }),
          }),
        )
        .openapi({ description: 'The gentlest first.' }),
      frees: z.number().int().openapi({ description: 'Sessions that wait for it alone, directly or through others.' }),
      now: z.enum(['same transaction', 'transaction over', 'unknown']).nullable().openapi({
        description: 'Of a past moment: what has become of the transaction since; null for now.',
      }),
    })
    .nullable()
    .openapi({ description: 'Of a root: what ends it.' }),
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

const DAY_MS = 86_400_000;

export const locksRoute = getRoute({
  path: '/locks',
  summary:
    'Lock trees, now or at a moment, largest first, each session once; a root waits for nobody. At most 200 sessions, those that block most; the others are counted.',
  query: z.object({
    cluster: clusterQuery,
    db: z.string().min(1).optional().openapi({
      description:
        'Only trees with a session in this database, each whole: a lock on what databases share has waiters in several.',
    }),
    ...timeQuery,
  }),
  answer: locksAnswer,
});

export const lockMomentsRoute = getRoute({
  path: '/locks/moments',
  summary: 'Passes in which sessions waited for locks, of the last day of the range.',
  query: z.object({ cluster: clusterQuery, ...timeQuery }),
  answer: z.object({
    cluster: z.string(),
    from: z.string(),
    to: z.string(),
    since: sinceSchema,
    moments: z.array(z.object({ at: z.string(), blocked: z.number().int() })),
    runs: z.array(lockRun).openapi({ description: 'Times during which somebody waited in every pass.' }),
  }),
});

/** Who blocks whom. */
export function addLockRoutes(app: Api, reading: Reading): void {
  const catalog = new CatalogNames(reading);
  app.openapi(locksRoute, async (context) => {
    const { cluster: asked, db, ...time } = context.req.valid('query');
    const cluster = clusterOf(asked, reading);
    const moment = momentOf(time, reading.now());
    const [seen, storage, latest] = await Promise.all([
      snapshotAt(reading, cluster, 'hot', moment),
      snapshotAt(reading, cluster, 'storage', moment),
      moment && reading.stores.snapshots.get(cluster, 'hot'),
    ]);
    const data = dataOf(seen);
    const takenAt = data?.takenAt ?? '';
    const largest = relationNames(dataOf(storage)?.rows['table_sizes'] ?? []);
    const sessions = storedSessions(data?.rows['activity']);
    const isUnnamed = ({ db, lock_oid }: StoredSession) => lock_oid !== null && db && !largest.has(`${db} ${lock_oid}`);
    const names = sessions.some(isUnnamed) ? new Map([...(await catalog.of(cluster)), ...largest]) : largest;
    const everywhere = lockTree(sessions);
    const trees = everywhere.filter((tree) => db === undefined || isIn(db, tree));
    const all = sessionsBelow({ blocks: trees });
    const known = dataOf({ snapshot: latest });
    const later = known && known.takenAt > takenAt ? known : undefined;
    const rows = storedSessions(later?.rows['activity']);
    const shown: Shown = {
      listed: new Set(all.slice(0, LISTED)),
      names,
      role: context.get('role'),
      takenAt,
      frees: freedBy(everywhere),
      fate: (row) => {
        if (moment === undefined) return null;
        const fate = later && row ? fateOf(row, takenAt, { ...later, rows }) : 'unknown';
        // Of a server that does not answer, what was open may have ended with it.
        return fate === 'same transaction' && !latest?.up ? 'unknown' : fate;
      },
    };
    return context.json(
      {
        ...metaOf(cluster, 'hot', seen, ['activity'], reading, context.get('role')),
        collector: 'activity',
        blocked_total: all.length - trees.filter(({ alsoWaitsFor }) => alsoWaitsFor.length === 0).length,
        more: all.length - shown.listed.size,
        trees: trees.filter((tree) => shown.listed.has(tree)).map((tree) => nodeOf(tree, shown, true)),
      },
      200,
    );
  });

  app.openapi(lockMomentsRoute, async (context) => {
    const { cluster: asked, ...time } = context.req.valid('query');
    const cluster = clusterOf(asked, reading);
    const { from, to } = windowOf(time, reading.now(), 3_600);
    const first = new Date(Math.max(from.getTime(), to.getTime() - DAY_MS));
    const passes = await reading.stores.activity.passes(cluster, first, to);
    const moments = passes.flatMap(({ at, blocked }) => (blocked > 0 ? [{ at, blocked }] : []));
    const since = passes.length === 0 ? await beginsAfter(reading, [cluster], to) : undefined;
    const runs = runsOf(passes);
    return context.json({ cluster, from: first.toISOString(), to: to.toISOString(), since, moments, runs }, 200);
  });
}

/** Whether somebody of a tree is in a database. */
function isIn(db: string, tree: LockNode<StoredSession>): boolean {
  return [tree, ...sessionsBelow(tree)].some(
    ({ session: own, prepared }) => own?.db === db || prepared.some((one) => one.db === db),
  );
}

interface Shown {
  readonly listed: ReadonlySet<LockNode>;
  readonly names: RelationNames;
  readonly role: ReaderRole | undefined;
  /** When the pass was made: ages count from there. */
  readonly takenAt: string;
  readonly frees: ReadonlyMap<number, number>;
  readonly fate: (row: StoredSession | undefined) => Fate | null;
}

function nodeOf(node: LockNode<StoredSession>, shown: Shown, isRoot = false): TreeNode {
  const { listed, names, role, takenAt } = shown;
  const { pid, prepared, blockedTotal, alsoWaitsFor } = node;
  const row = node.session ?? prepared[0];
  const hide = role === 'viewer';
  const blocks = node.blocks.filter((one) => listed.has(one)).map((one) => nodeOf(one, shown));
  return {
    pid,
    db: row?.db ?? null,
    backend_type: row?.backend_type || null,
    application: row?.application || null,
    user_name: hide ? null : (row?.user_name ?? null),
    client_addr: hide ? null : (row?.client_addr ?? null),
    state: row?.state || null,
    query: hide ? null : row?.query?.slice(0, TEXT_LENGTH) || null,
    query_is_last: row !== undefined && row.state !== 'active',
    xact_start: before(takenAt, row?.xact_age_seconds),
    xact_age_seconds: row?.xact_age_seconds ?? null,
    state_since: before(takenAt, row?.state_age_seconds),
    wait_seconds: row?.wait_seconds ?? null,
    lock_mode: row?.lock_mode ?? null,
    lock_type: row?.lock_type ?? null,
    lock_relation: row ? lockedRelation(row, names) : null,
    blocked_total: blockedTotal,
    also_waits_for: [...alsoWaitsFor],
    prepared: prepared.map(({ gid, db }) => ({ gid: gid ?? '', db })),
    ending: isRoot
      ? {
          statements: endingsOf(pid, node.session, prepared),
          frees: shown.frees.get(pid) ?? 0,
          now: shown.fate(row),
        }
      : null,
    more: sessionsBelow(node).filter((one) => !listed.has(one)).length,
    blocks,
  };
}

function before(takenAt: string, seconds: number | null | undefined): string | null {
  return seconds === null || seconds === undefined
    ? null
    : new Date(Date.parse(takenAt) - seconds * 1_000).toISOString();
}
