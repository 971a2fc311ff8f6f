import { expect, test } from 'vitest';
import type { Point } from '../../../src/store/history.ts';
import { rollUp } from '../../../src/store/rollups.ts';

test('an hour is the least, the mean and the greatest of each series that it has', () => {
  const at = new Date('2026-03-01T10:00:00Z');
  const points: Point[] = [
    { at: '2026-03-01T10:00:00Z', values: { a: 1, b: 10 } },
    { at: '2026-03-01T10:00:15Z', values: { a: 5 } },
    { at: '2026-03-01T10:59:45Z', values: { a: 3 } },
  ];
  expect(rollUp(at, points)).toEqual({ at: '2026-03-01T10:00:00.000Z', values: { a: [1, 3, 5], b: [10, 10, 10] } });
  expect(rollUp(at, [])).toBeUndefined();
});
