import { expect, test } from 'vitest';
import { runsOf } from '../../../src/api/lock-runs.ts';

const passes = (...blocked: readonly number[]) => blocked.map((n, i) => ({ at: `03:12:0${i}`, blocked: n }));
const run = (from: number, to: number, most: number, over: number | null) => ({
  from: `03:12:0${from}`,
  to: `03:12:0${to}`,
  passes: to - from + 1,
  most,
  over_at: over === null ? null : `03:12:0${over}`,
});

test.each([
  ['nobody waited', passes(0, 0), []],
  ['nothing was measured', [], []],
  ['one that began and ended', passes(0, 3, 12, 1, 0, 0), [run(1, 3, 12, 4)]],
  ['two with a pass between', passes(1, 0, 2), [run(0, 0, 1, 1), run(2, 2, 2, null)]],
  ['one that is not over when the range ends', passes(0, 2, 2), [run(1, 2, 2, null)]],
])('%s', (_, seen, expected) => {
  expect(runsOf(seen)).toEqual(expected);
});
