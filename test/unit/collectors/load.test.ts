import { expect, test } from 'vitest';
import { type Load, loadOf, meanLoad } from '../../../src/collectors/activity/load.ts';
import type { SessionRow } from '../../../src/collectors/activity/session-row.ts';
import { storedSessions } from '../../../src/collectors/activity/stored.ts';

const AT = '2026-11-21T03:12:00.000Z';
const client = { backend_type: 'client backend', state: 'active', db: 'shop' };
const rowsOf = (...rows: object[]): SessionRow[] => storedSessions(rows.map((row) => ({ ...client, ...row })));

test('all active clients are counted; those that were not read by name have neither user nor statement', () => {
  const lock = { wait_event_type: 'Lock', wait_event: 'tuple' };
  const named = { kind: 'session', user_name: 'ann', application: 'web', query_id: '7', ...lock };
  const rows = rowsOf(
    { kind: 'group', sessions: 5, ...lock },
    { kind: 'group', sessions: 2 },
    { kind: 'group', sessions: 9, state: 'idle' },
    { kind: 'group', sessions: 4, backend_type: 'walsender' },
    { ...named, pid: 1 },
    { ...named, pid: 2 },
    { ...named, pid: 3, query_id: null, query: 'SELECT ?' },
    { kind: 'session', pid: 4, state: 'idle in transaction', user_name: 'eve' },
    { kind: 'queue', waiting: [1, 2, 3], blocked_by: [4] },
  );
  const load = loadOf(AT, rows);
  expect(load?.blocked).toBe(3);
  expect(new Set(load?.groups)).toEqual(
    new Set([
      [2, 'shop', 'Lock', 'tuple', 'ann', 'web', '7', null],
      [1, 'shop', 'Lock', 'tuple', 'ann', 'web', null, 'SELECT ?'],
      [2, 'shop', 'Lock', 'tuple', null, null, null, null],
      [2, 'shop', 'CPU', 'CPU', null, null, null, null],
    ]),
  );
});

test('a quiet pass is zero; one in which the role sees nobody is none', () => {
  expect(loadOf(AT, [])).toEqual({ at: AT, passes: 1, blocked: 0, groups: [] });
  expect(loadOf(AT, rowsOf({ kind: 'group', backend_type: 'unknown', sessions: 1 }))).toBeUndefined();
});

test('a mean counts quiet passes, and means of means weigh by their passes', () => {
  const load = (n: number): Load => ({
    at: AT,
    passes: 1,
    blocked: n,
    groups: n > 0 ? [[n, 'shop', 'CPU', 'CPU', 'ann', 'web', '7', null]] : [],
  });
  const hour = meanLoad(AT, [load(4), load(0), load(0), load(0)]);
  expect(hour).toEqual({ ...load(1), passes: 4, blocked: 4 });
  expect(meanLoad(AT, [hour ?? load(0), load(6)])).toEqual({ ...load(2), passes: 5, blocked: 6 });
  expect(meanLoad(AT, [])).toBeUndefined();
});

test('an hour of a thousand different statements keeps all of its load', () => {
  const groups = Array.from({ length: 1_000 }, (_, i): Load['groups'][number] => [
    i + 1,
    'shop',
    'CPU',
    'CPU',
    'ann',
    'web',
    String(i),
    null,
  ]);
  const hour = meanLoad(AT, [{ at: AT, passes: 1, blocked: 0, groups }]);
  expect(hour?.groups.length).toBe(151);
  expect(hour?.groups.reduce((sum, [n]) => sum + n, 0)).toBeCloseTo((1_000 * 1_001) / 2, -3);
});
