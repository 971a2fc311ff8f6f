import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockedSamples, type LockNode, lockTree } from '../../../src/collectors/activity/locks.ts';
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
    blocked_by: blocked ? blockedBy : null,
  };
}

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
  ['a deadlock: the longest wait stands as the root', [session(1, [2], 5), session(2, [1], 3)], [[1, 1, [[2, 0, []]]]]],
])('%s', (_name, rows, trees) => {
  expect(lockTree(rows).map(shape)).toEqual(trees);
});

test('who waits for two stands below both', () => {
  const roots = lockTree([session(1), session(2), session(3, [1, 2])]);
  expect(roots.map(shape)).toEqual([
    [1, 1, [[3, 0, []]]],
    [2, 1, [[3, 0, []]]],
  ]);
});

test('any graph of waits ends in trees that hold every waiter', () => {
  const graph = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 12 }), fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 4 })),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(graph, (edges) => {
      const rows = [...new Map(edges)].map(([pid, blockers]) =>
        session(
          pid,
          blockers.filter((blocker) => blocker !== pid),
        ),
      );
      const inside = new Set<number>();
      const walk = (node: LockNode): void => {
        inside.add(node.pid);
        node.blocks.forEach(walk);
      };
      lockTree(rows).forEach(walk);
      for (const row of rows) if (row.blocked_by) expect(inside).toContain(row.pid);
    }),
    { numRuns: 10_000 },
  );
});

test('blocked sessions come from the groups, which are never cut off', () => {
  const group = { ...session(0), kind: 'group', pid: null, wait_event_type: 'Lock', sessions: 700 };
  const values = Object.fromEntries(
    blockedSamples([group, session(1), session(2, [1], 42)]).map(({ metric, value }) => [metric, value]),
  );
  expect(values).toEqual({
    pg_blocked_sessions_total: 700,
    pg_longest_blocked_seconds: 42,
    pg_blocking_root_sessions: 1,
  });
});
