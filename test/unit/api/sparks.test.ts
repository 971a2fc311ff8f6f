import { expect, test } from 'vitest';
import { slotsOf } from '../../../src/api/query-routes.ts';

const MINUTE = 60_000;
/** Passes that come up to 3 s early or late, as real ones do. */
const passes = (count: number) =>
  Array.from({ length: count }, (_, i) => i * MINUTE + (i % 3 === 0 ? 3_000 : i % 3 === 1 ? -3_000 : 0));

test('[D4] each pass is a point: none is empty, none has two, whatever the jitter', () => {
  expect(slotsOf(passes(15), MINUTE).map((slot) => slot.length)).toEqual(Array(15).fill(1));
});

test('[D4] a pass that is missing is a gap, in its place', () => {
  const some = passes(10).filter((_, i) => i !== 4);
  expect(slotsOf(some, MINUTE).map((slot) => slot.length)).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1, 1]);
});

test('[D4] a day has no more points than a sparkline shows', () => {
  const slots = slotsOf(passes(1_440), MINUTE);
  expect(slots.length).toBeLessThanOrEqual(48);
  expect(slots.flat()).toHaveLength(1_440);
});

test('[D4] nothing measured is no point', () => {
  expect(slotsOf([], MINUTE)).toEqual([]);
});
