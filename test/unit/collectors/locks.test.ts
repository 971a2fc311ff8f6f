import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutOf } from '../../../src/collectors/activity/cut.ts';
import { blockersFromQueues, withLocks } from '../../../src/collectors/activity/lock-queues.ts';
import { type LockNode, lockTree, sessionsBelow } from '../../../src/collectors/activity/lock-tree.ts';
import { blockedSamples } from '../../../src/collectors/activity/locks.ts';
import type { SessionRow } from '../../../src/collectors/activity/session-row.ts';

function session(pid: number, blockedBy: readonly number[] = [], wait = 1): SessionRow {
  const blocked = blockedBy.length > 0;
  return {
    kind: 'session',
    db: 'd',
    backend_type: 'client backend',
    state: 'active',
    wait_event_type: blocked ? 'Lock' : '',
    wait_event: '',
    sessions: null,
    pid,
    user_name: null,
    application: null,
    query: null,
    xact_age_seconds: null,
    query_age_seconds: null,
    state_age_seconds: null,
    wait_seconds: blocked ? wait : null,
    lock_mode: null,
    lock_type: null,
    lock_relation: null,
    lock_oid: null,
    blocked_by: blocked ? blockedBy : null,
    waiting: null,
    waits: null,
    wait_for: null,
    holders: null,
  };
}

/** All that wait, in one row for each that they wait for. */
const queues = (edges: readonly (readonly [pid: number, by: number])[]): SessionRow[] =>
  [...Map.groupBy(edges, ([, by]) => by)].map(([by, waiting]) => ({
    ...session(0),
    kind: 'queue',
    pid: null,
    blocked_by: [by],
    waiting: waiting.map(([pid]) => pid),
    waits: waiting.map(() => 1),
  }));

type Shape = [pid: number, total: number, below: Shape[]];
const shape = (node: LockNode): Shape => [node.pid, node.blockedTotal, node.blocks.map(shape)];

test.each<[string, SessionRow[], Shape[]]>([
  ['nobody waits', [session(1)], []],
  ['a chain', [session(1), session(2, [1]), session(3, [2])], [[1, 2, [[2, 1, [[3, 0, []]]]]]]],
  [
    'two below one, the longer wait first',
    [session(1), session(2, [1], 1), session(3, [1], 9)],
    [
      [
        1,
        2,
        [
          [3, 0, []],
          [2, 0, []],
        ],
      ],
    ],
  ],
  ['one blocker named several times', [session(1), session(2, [1, 1, 1])], [[1, 1, [[2, 0, []]]]]],
  ['a prepared transaction', [session(2, [0])], [[0, 1, [[2, 0, []]]]]],
  [
    'two roots, the worse first',
    [session(1), session(2, [1]), session(5), session(6, [5]), session(7, [5])],
    [
      [
        5,
        2,
        [
          [6, 0, []],
          [7, 0, []],
        ],
      ],
      [1, 1, [[2, 0, []]]],
    ],
  ],
  ['a blocker that is gone from the list', [session(2, [99])], [[99, 1, [[2, 0, []]]]]],
  ['a deadlock: the longest wait stands as the root', [session(1, [2], 5), session(2, [1], 3)], [[1, 1, [[2, 1, []]]]]],
])('%s', (_name, rows, trees) => {
  expect(lockTree(rows).map(shape)).toEqual(trees);
});

test('[C1] who waits for two stands once, below the first, and says whom else it waits for', () => {
  const roots = lockTree([session(1), session(2), session(3, [1, 2])]);
  expect(roots.map(shape)).toEqual([
    [1, 1, [[3, 0, []]]],
    [2, 1, []],
  ]);
  expect(roots[0]?.blocks[0]?.alsoWaitsFor).toEqual([2]);
});

test('[C1] sessions that were not read by name stand in the tree all the same, and are counted', () => {
  const [root] = lockTree([
    session(1),
    session(2, [1], 9),
    ...queues([
      [2, 1],
      [3, 1],
      [4, 3],
    ]),
  ]);
  expect(root && shape(root)).toEqual([
    1,
    3,
    [
      [3, 1, [[4, 0, []]]],
      [2, 0, []],
    ],
  ]);
  expect(root?.blocks.map(({ session: row }) => row?.pid)).toEqual([undefined, 2]);
});

/** The obvious way: who can be reached from whom, by trying every session between every two. */
function naive(blockers: ReadonlyMap<number, readonly number[]>) {
  const all = [...new Set([...blockers.keys(), ...[...blockers.values()].flat()])];
  const reaches = new Set([...blockers].flatMap(([pid, by]) => by.map((blocker) => `${blocker}>${pid}`)));
  for (const middle of all) {
    for (const from of all) {
      if (!reaches.has(`${from}>${middle}`)) continue;
      for (const to of all) if (reaches.has(`${middle}>${to}`)) reaches.add(`${from}>${to}`);
    }
  }
  const below = (pid: number) => all.filter((other) => other !== pid && reaches.has(`${pid}>${other}`)).length;
  return { all, below };
}

test('[C1] random graphs of waits: each session once, below its first blocker, with the totals of the obvious way', () => {
  const graph = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 14 }), fc.array(fc.integer({ min: 0, max: 14 }), { maxLength: 4 }), fc.nat(9)),
    { maxLength: 14 },
  );
  fc.assert(
    fc.property(graph, (edges) => {
      const waits = new Map(edges.map(([pid, , wait]) => [pid, wait]));
      const blockers = new Map(
        edges.map(([pid, by]) => [pid, [...new Set(by)].filter((blocker) => blocker !== pid)] as const),
      );
      const rows = [...blockers].map(([pid, by]) => session(pid, by, waits.get(pid)));
      for (const [pid, by] of blockers) if (by.length === 0) blockers.delete(pid);
      const trees = lockTree(rows);
      const { all, below } = naive(blockers);
      const placed = [...trees, ...trees.flatMap(sessionsBelow)];
      expect(placed.map(({ pid }) => pid).sort()).toEqual(all.sort());
      for (const node of placed) {
        const { pid, blocks, blockedTotal, alsoWaitsFor } = node;
        expect([pid, blockedTotal]).toEqual([pid, below(pid)]);
        for (const child of blocks) expect(blockers.get(child.pid)?.[0]).toBe(pid);
        const by = blockers.get(pid) ?? [];
        expect(alsoWaitsFor).toEqual(trees.includes(node) ? by : by.slice(1));
      }
      for (const { pid } of trees) {
        if (!blockers.has(pid)) continue;
        // It waits and stands as a root: first blockers lead from it back to it, and nobody on the way waits longer.
        const circle = [pid];
        for (let next = blockers.get(pid)?.[0]; next !== pid; next = blockers.get(next ?? -1)?.[0]) {
          expect(circle.length).toBeLessThanOrEqual(all.length);
          circle.push(next ?? -1);
        }
        expect(waits.get(pid)).toBe(Math.max(...circle.map((one) => waits.get(one) ?? 0)));
      }
    }),
    { numRuns: 2_000 },
  );
}, 60_000);

describe('[C1] 1,000 sessions', () => {
  const pids = Array.from({ length: 1_000 }, (_, i) => i + 2);
  test.each<[string, SessionRow[]]>([
    ['in one queue', [session(1), ...queues(pids.map((pid) => [pid, 1]))]],
    ['in one chain', [session(1), ...queues(pids.map((pid) => [pid, pid - 1]))]],
    ['each behind everybody ahead of it', pids.map((pid) => session(pid, [...pids.slice(0, pid - 2), 1].slice(-10)))],
    ['in one circle', queues(pids.map((pid, i) => [pid, pids[(i + 1) % pids.length] ?? 0]))],
  ])(
    '%s: each once, and soon',
    (name, rows) => {
      lockTree(rows);
      const started = performance.now();
      const trees = lockTree(rows);
      const took = performance.now() - started;
      const placed = [...trees, ...trees.flatMap(sessionsBelow)];
      expect(new Set(placed.map(({ pid }) => pid)).size).toBe(placed.length);
      expect(trees).toHaveLength(1);
      expect(trees[0]?.blockedTotal).toBe(name.includes('circle') ? 999 : 1_000);
      // 2 to 20 ms on an idle machine, a second on one with ten times the work it can do; the way before took minutes.
      expect(took).toBeLessThan(20_000);
    },
    60_000,
  );
});

test('blocked sessions come from the groups, which are never cut off', () => {
  const group = { ...session(0), kind: 'group', pid: null, wait_event_type: 'Lock', sessions: 700 };
  // 4 waits itself, so that it is no root.
  const waits = [
    [2, 1],
    [3, 7],
    [4, 8],
    [5, 4],
  ] as const;
  const values = Object.fromEntries(
    blockedSamples([group, session(1), session(2, [1], 42), ...queues(waits)]).map(({ metric, value }) => [
      metric,
      value,
    ]),
  );
  expect(values).toEqual({
    pg_blocked_sessions_total: 700,
    pg_longest_blocked_seconds: 42,
    pg_blocking_root_sessions: 3,
  });
});

test('[C1] sessions of a queue wait for what the first of them waits for, not for each other', () => {
  const row = { ...session(0), kind: 'queue', pid: null, waiting: [5, 6, 7], waits: [9, 8, 7] };
  const of = (blocked_by: number[]) => [...blockersFromQueues([{ ...row, blocked_by }])];
  expect(of([2, 1, 1])).toEqual([5, 6, 7].map((pid) => [pid, [2, 1]]));
  // One that is ahead of it in the same queue is no reason where there is another.
  expect(of([6, 1])).toEqual([5, 6, 7].map((pid) => [pid, [1]]));
  // Two hold it and want more: each blocks the other.
  expect(of([6])).toEqual([
    [5, [6]],
    [6, [5]],
    [7, [6, 5]],
  ]);
  // The wait ended before it was asked.
  expect(of([])).toEqual([]);
});

test('[A1] [C1] sessions get lock, time and blockers of their queue; who is only counted is said', () => {
  const pids = Array.from({ length: 1_000 }, (_, i) => i + 2);
  const [queue] = queues(pids.map((pid) => [pid, 1]));
  if (!queue) throw new Error('no queue');
  const line = { ...queue, lock_mode: 'ShareLock', lock_relation: 'public.t', waits: pids.map((pid) => 2_000 - pid) };
  const rows = withLocks([session(1), ...pids.slice(0, 275).map((pid) => session(pid)), line]);
  expect(rows[1]).toMatchObject({ lock_mode: 'ShareLock', lock_relation: 'public.t', wait_seconds: 1_998 });
  expect(rows[1]?.blocked_by).toEqual([1]);
  expect(rows[0]?.wait_seconds).toBeNull();
  expect(cutOf(rows)?.reason).toContain('275 of 1000 blocked sessions have details');
  expect(cutOf([session(1), session(2), ...queues([[2, 1]])])).toBeUndefined();
});
