import { expect, test } from 'vitest';
import { bandsOf, loadSlots, statementLoads } from '../../../src/api/load-answer.ts';
import type { Load, LoadGroup } from '../../../src/collectors/activity/load.ts';

const START = Date.parse('2026-11-21T03:00:00Z');
const PASS = 15_000;
const lock = (n: number, queryid: string | null = '7'): LoadGroup => [
  n,
  'shop',
  'Lock',
  'tuple',
  queryid === null ? null : 'ann',
  queryid === null ? null : 'web',
  queryid,
  null,
];
const cpu = (n: number, queryid = '8'): LoadGroup => [n, 'shop', 'CPU', 'CPU', 'bob', 'job', queryid, null];
const loadAt = (pass: number, ...groups: LoadGroup[]): Load => ({
  at: new Date(START + pass * PASS).toISOString(),
  passes: 1,
  blocked: 0,
  groups,
});

test('a quiet pass is 0, a missing one a gap, also where passes come a little early or late', () => {
  const late = { ...loadAt(1), at: new Date(START + PASS + 4_000).toISOString() };
  const slots = loadSlots([loadAt(0, lock(2)), late, loadAt(2, lock(1)), loadAt(6, cpu(4))], PASS);
  expect(slots.map(({ at }) => (at - START) / PASS)).toEqual([0, 1 + 4 / 15, 2, 3, 6]);
  const bands = bandsOf(slots, 'wait');
  expect(bands.map(({ name, values }) => [name, values])).toEqual([
    ['CPU', [0, 0, 0, null, 4]],
    ['Lock: tuple', [2, 0, 1, null, 0]],
  ]);
});

test('several passes in one slot are their mean, weighed by what they are themselves a mean of', () => {
  const loads = Array.from({ length: 480 }, (_, i) => loadAt(i, ...(i % 2 === 0 ? [lock(4)] : [])));
  const slots = loadSlots(loads, PASS);
  expect(slots.length).toBe(240);
  expect(new Set(bandsOf(slots, 'wait')[0]?.values)).toEqual(new Set([2]));
  const hours = [{ ...loadAt(0, lock(3)), passes: 3 }, loadAt(1)];
  expect(bandsOf([{ at: START, loads: hours }], 'wait')[0]?.values).toEqual([2.25]);
});

test('sessions that were only counted have a band of their own, and the smallest of many are one', () => {
  const many = Array.from({ length: 30 }, (_, i) => cpu(30 - i, String(100 + i)));
  const bands = bandsOf(loadSlots([loadAt(0, ...many, lock(5, null))], PASS), 'statement');
  expect(bands.map(({ key, name }) => [key, name])).toEqual([
    ...Array.from({ length: 7 }, (_, i) => [String(100 + i), String(100 + i)]),
    [null, '23 others'],
    [null, 'not read by name'],
  ]);
  const total = bands.reduce((sum, { values }) => sum + (values[0] ?? 0), 0);
  expect(total).toBe((30 * 31) / 2 + 5);
});

test('load by statement: on average of all passes, with its share and its waits', () => {
  const loads = [loadAt(0, lock(3), cpu(1, '7'), lock(2, null)), loadAt(1, cpu(2)), loadAt(2), loadAt(3)];
  expect(statementLoads(loads)).toEqual([
    {
      queryid: '7',
      text: null,
      db: 'shop',
      active_sessions: 1,
      share: 0.5,
      waits: [
        { wait: 'Lock: tuple', active_sessions: 0.75 },
        { wait: 'CPU', active_sessions: 0.25 },
      ],
    },
    {
      queryid: '8',
      text: null,
      db: 'shop',
      active_sessions: 0.5,
      share: 0.25,
      waits: [{ wait: 'CPU', active_sessions: 0.5 }],
    },
  ]);
});
