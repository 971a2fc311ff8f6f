import { describe, expect, test } from 'vitest';
import { dueDatabases, isNeglected, type ScannedDatabase } from '../../../src/loops/scan-due.ts';

const found = (rows: Readonly<Record<string, number>>) =>
  Object.entries(rows).map(([database, rows_written]) => ({ database, may_connect: true, rows_written }));
const scanned = (at: number, rowsWritten: number, status?: 'failed'): ScannedDatabase => ({
  at,
  takenAt: '',
  rowsWritten,
  findings: [],
  reads: status
    ? [{ collector: { name: 'x' } as never, database: 'd', ms: 0, outcome: { collector: 'x', status } }]
    : [],
});

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
    expect(dueDatabases(Object.keys(rows), found(rows), new Map(Object.entries(last)), 1_000)).toEqual(due);
  });

  test('[C3] where each pass has time for 5 of 50 that all move, none waits for over ten minutes', () => {
    const names = Array.from({ length: 50 }, (_, i) => `db${i}`);
    const last = new Map<string, ScannedDatabase>();
    let longest = 0;
    for (let pass = 0; pass < 60; pass++) {
      const now = 1_000 + pass * 60;
      const rows = Object.fromEntries(names.map((name) => [name, pass]));
      for (const name of dueDatabases(names, found(rows), last, now).slice(0, 5)) {
        const before = last.get(name);
        if (before) longest = Math.max(longest, now - before.at);
        last.set(name, scanned(now, pass));
      }
    }
    expect([last.size, longest]).toEqual([50, 600]);
  });

  test('only a long wait is worth a word', () => {
    expect([undefined, scanned(990, 0), scanned(400, 0)].map((one) => isNeglected(one, 1_000))).toEqual([
      true,
      false,
      true,
    ]);
  });
});
