import { describe, expect, test } from 'vitest';
import {
  type DatabaseUse,
  dueDatabases,
  isNeglected,
  isUnused,
  type ScannedDatabase,
  useOf,
} from '../../../src/loops/scan-due.ts';

const use = (rowsWritten: number): DatabaseUse => ({ rowsWritten, sessions: 3, inUse: false });
const uses = (rows: Readonly<Record<string, number>>) =>
  new Map(Object.entries(rows).map(([database, rowsWritten]) => [database, use(rowsWritten)]));
const scanned = (at: number, rowsWritten: number, status?: 'failed', wasUnused = false): ScannedDatabase => ({
  at,
  takenAt: '',
  seen: use(rowsWritten),
  seenAt: at,
  wasUnused,
  findings: [],
  reads: status
    ? [{ collector: { name: 'x' } as never, database: 'd', ms: 0, outcome: { collector: 'x', status } }]
    : [],
});
const state = (
  rows: Readonly<Record<string, number>>,
  last: ReadonlyMap<string, ScannedDatabase>,
  now: number,
  restsWhileUnused = false,
) => ({ uses: uses(rows), scanned: last, now, restsWhileUnused, keptSeconds: 6_000 });

describe('databases that a pass scans', () => {
  test.each<[string, Record<string, number>, Record<string, ScannedDatabase>, string[]]>([
    ['all that were never scanned', { a: 0, b: 0 }, {}, ['a', 'b']],
    ['[C2] none in which nothing was written', { a: 5, b: 7 }, { a: scanned(990, 5), b: scanned(990, 7) }, []],
    ['[C2] one in which something was written', { a: 5, b: 8 }, { a: scanned(990, 5), b: scanned(990, 7) }, ['b']],
    ['[C2] one whose statistics were reset', { a: 0 }, { a: scanned(990, 5) }, ['a']],
    ['[C2] one left alone for ten minutes', { a: 5 }, { a: scanned(400, 5) }, ['a']],
    ['one that failed', { a: 5 }, { a: scanned(990, 5, 'failed') }, ['a']],
    ['one of before the clock was set back', { a: 5 }, { a: scanned(1_500, 5) }, ['a']],
    [
      '[C3] never scanned first, then longest ago',
      { a: 1, b: 1, c: 1, d: 1 },
      { a: scanned(990, 0), b: scanned(930, 0), d: scanned(960, 0) },
      ['c', 'b', 'd', 'a'],
    ],
  ])('%s', (_, rows, last, due) => {
    expect(dueDatabases(Object.keys(rows), state(rows, new Map(Object.entries(last)), 1_000))).toEqual(due);
  });

  test('[C3] where each pass has time for 5 of 50 that all move, none waits for over ten minutes', () => {
    const names = Array.from({ length: 50 }, (_, i) => `db${i}`);
    const last = new Map<string, ScannedDatabase>();
    let longest = 0;
    for (let pass = 0; pass < 60; pass++) {
      const now = 1_000 + pass * 60;
      const rows = Object.fromEntries(names.map((name) => [name, pass]));
      for (const name of dueDatabases(names, state(rows, last, now)).slice(0, 5)) {
        const before = last.get(name);
        if (before) longest = Math.max(longest, now - before.at);
        last.set(name, scanned(now, pass));
      }
    }
    expect([last.size, longest]).toEqual([50, 600]);
  });

  test('only a long wait is worth a word', () => {
    const last = new Map([
      ['b', scanned(990, 0)],
      ['c', scanned(400, 0)],
    ]);
    const all = state({ a: 0, b: 0, c: 0 }, last, 1_000);
    expect(['a', 'b', 'c'].map((database) => isNeglected(database, all))).toEqual([true, false, true]);
  });

  test.each<[string, number, boolean, boolean, boolean]>([
    ['[C2] nobody there two times in a row: not as long as its values are kept', 5_099, true, true, false],
    ['[C2] nobody there two times in a row, before they end', 5_100, true, true, true],
    ['[C2] somebody there before the last scan, so that its rates are of work', 600, false, true, true],
    ['[C2] a loop whose values change with time', 600, true, false, true],
  ])('%s', (_, age, wasUnused, rests, isDue) => {
    const last = new Map([['a', scanned(1_000, 5, undefined, wasUnused)]]);
    expect(dueDatabases(['a'], state({ a: 5 }, last, 1_000 + age, rests))).toEqual(isDue ? ['a'] : []);
  });
});

describe('whether somebody was in a database', () => {
  const found = { database: 'a', may_connect: true, rows_written: 5, sessions: 10, in_use: false };
  const before = useOf(found, 4, true);
  test.each<[string, Partial<typeof found>, number | undefined, boolean]>([
    ['nothing moved', {}, 4, true],
    ['we were there two times', { sessions: 12 }, 6, true],
    ['a client was there, and left', { sessions: 11 }, 4, false],
    ['a client was there, and so were we', { sessions: 13 }, 6, false],
    ['somebody is connected', { in_use: true }, 4, false],
    ['something was written', { rows_written: 6 }, 4, false],
    ['statistics were reset', { sessions: 0 }, 4, false],
    ['we are just connecting', {}, undefined, false],
  ])('[C2] %s', (_, changed, opened, unused) => {
    expect(isUnused(before, useOf({ ...found, ...changed }, opened, true))).toBe(unused);
  });

  test('[C2] where sessions are not counted, and on a standby, somebody may always have been there', () => {
    const old = { ...found, sessions: null };
    expect(isUnused(useOf(old, 4, true), useOf(old, 4, true))).toBe(false);
    expect(isUnused(useOf(found, 4, false), useOf(found, 4, false))).toBe(false);
    expect(isUnused(useOf({ ...found, in_use: true }, 4, true), before)).toBe(false);
  });
});
