import { expect, test } from 'vitest';
import type { Load } from '../../../src/collectors/activity/load.ts';
import {
  connectionMoves,
  eventsOfWindow,
  foremost,
  ranked,
  statementMoves,
  summedWithin,
  tableMoves,
  waitMoves,
} from '../../../src/events/changed.ts';
import { eventAt } from './support.ts';

const statement = (queryid: string, calls: number, exec_seconds: number) => ({
  db: 'app',
  queryid,
  calls,
  exec_seconds,
});

test('statements by change of load, with calls and time per call kept apart', () => {
  const before = { seconds: 900, items: [statement('1', 9_000, 9), statement('2', 900, 90), statement('4', 900, 45)] };
  const after = {
    seconds: 900,
    items: [statement('1', 90_000, 90), statement('2', 900, 900), statement('3', 9, 450), statement('4', 901, 45)],
  };
  const moves = ranked(statementMoves(before, after), 10);
  expect(moves.map(({ name, cause, before: was, after: is }) => [name, cause, was, is])).toEqual([
    ['2', 'time per call', 100, 1_000],
    ['3', undefined, null, 500],
    ['1', 'calls', 10, 100],
  ]);
  expect(moves[0]).toMatchObject({
    unit: 'ms/s',
    change: 900,
    mean: { before: 0.1, after: 1 },
    calls: { before: 1, after: 1 },
  });
});

test('waits on average of the passes, however many each window has', () => {
  const load = (groups: readonly [number, string, string][]): Load => ({
    at: '2026-03-01T00:00:00.000Z',
    passes: 1,
    blocked: 0,
    groups: groups.map(([n, type, event]) => [n, 'app', type, event, null, null, null, null]),
  });
  const before = [load([[1, 'CPU', 'CPU']]), load([])];
  const after = [
    load([
      [12, 'Lock', 'tuple'],
      [1, 'CPU', 'CPU'],
    ]),
  ];
  expect(ranked(waitMoves(before, after), 10).map(({ name, change }) => [name, change])).toEqual([
    ['Lock: tuple', 12],
    ['CPU', 0.5],
  ]);
});

test('connections by application; one more or less is no change', () => {
  const moves = connectionMoves(
    new Map([
      ['web', 40],
      ['batch', 8],
    ]),
    new Map([
      ['web', 41],
      ['cart', 10],
    ]),
  );
  expect(ranked(moves, 10).map(({ name, before, after }) => [name, before, after])).toEqual([
    ['cart', 0, 10],
    ['batch', 8, 0],
  ]);
});

test('tables by rows written a second; counters that were reset, or a table that was not listed, have no rate', () => {
  const of = (at: number, written: Record<string, number>) => ({
    at,
    tables: Object.entries(written).map(([relation, count]) => ({ db: 'app', relation, written: count })),
  });
  const moves = tableMoves([
    of(0, { a: 0, b: 1_000_000, c: 0 }),
    of(600, { a: 600, b: 1_000_000, c: 6_000_000 }),
    of(1_200, { a: 60_600, b: 0, c: 6_000_600, d: 5 }),
  ]);
  expect(ranked(moves, 10).map(({ name, before, after }) => [name, before, after])).toEqual([
    ['c', 10_000, 1],
    ['a', 1, 100],
  ]);
});

test('no kind crowds the others out', () => {
  const apps = new Map(Array.from({ length: 100 }, (_, i): [string, number] => [`app${i}`, 500 - i]));
  const moves = [
    ...connectionMoves(new Map(), apps),
    ...tableMoves([
      { at: 0, tables: [] },
      { at: 1, tables: [] },
      { at: 2, tables: [] },
    ]),
  ];
  expect(ranked(moves, 15)).toHaveLength(15);
});

test('an event that was found after the window may have happened in it; alerts, which are effects, come last', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 0, minute)).toISOString();
  const events = [
    eventAt(at(50), { id: 'setting', since: at(5) }),
    eventAt(at(50), { id: 'later', since: at(40) }),
    eventAt(at(50), { id: 'posted later', source: 'posted' }),
    eventAt(at(29), { id: 'alert', source: 'alert' }),
    eventAt(at(20), { id: 'deploy', source: 'posted' }),
    eventAt(at(10), { id: 'earlier', since: at(9) }),
  ];
  const found = eventsOfWindow(events, new Date(at(15)), new Date(at(30)));
  expect(found.map(({ id }) => id)).toEqual(['setting', 'deploy', 'alert']);
});

test('a promotion among a thousand deployments is there, and so is each other kind', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 0, 0, second)).toISOString();
  const deploys = Array.from({ length: 1_601 }, (_, i) => eventAt(at(3_000 - i), { kind: 'deploy', source: 'posted' }));
  const rare = [
    eventAt(at(2), { kind: 'promoted', severity: 'warning' }),
    eventAt(at(1), { kind: 'setting_changed' }),
    eventAt(at(0), { kind: 'alert_began', source: 'alert' }),
  ];
  const shown = foremost([...deploys, ...rare], 100);
  expect(shown).toHaveLength(100);
  expect(shown.slice(-3)).toEqual(rare);
  expect(shown[0]).toBe(deploys[0]);
  // A thousand warnings leave places, too.
  const warnings = deploys.map((one) => ({ ...one, kind: 'index_dropped', severity: 'warning' as const }));
  expect(foremost([...warnings, ...deploys, ...rare], 100)).toEqual(expect.arrayContaining(rare));
  expect(foremost(rare, 100)).toEqual(rare);
});

test('rates are those of the time that was covered: an interval that reaches far back counts for no window', () => {
  const [from, to] = [new Date(1_000_000), new Date(1_300_000)];
  const interval = (end: number, seconds: number, perSecond: number) => ({
    end,
    seconds,
    items: [statement('1', perSecond * seconds, perSecond * seconds)],
  });
  const rate = (intervals: readonly ReturnType<typeof interval>[]) => {
    const sum = summedWithin(intervals, from, to);
    return sum && [sum.seconds, Math.round((sum.items[0]?.calls ?? 0) / sum.seconds)];
  };
  // The last pass before a restart, the first after it with 15 quieter minutes, and those that follow.
  expect(
    rate([interval(1_030, 60, 10), interval(1_120, 900, 2), interval(1_180, 60, 10), interval(1_240, 60, 10)]),
  ).toEqual([150, 10]);
  // The state of before the restart is older than the last pass: the same time is counted once.
  expect(rate([interval(1_060, 60, 10), interval(1_120, 60, 10), interval(1_180, 120, 40)])).toEqual([180, 20]);
  expect(rate([interval(1_100, 900, 2)])).toBeUndefined();
  expect(rate([])).toBeUndefined();
});
