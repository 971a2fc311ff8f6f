import { expect, test } from 'vitest';
import { afterRest, afterTry, healthy } from '../../../src/loops/health.ts';

test('one failure is nothing, the second begins a rest that doubles up to 40 passes, good ends all', () => {
  let health = afterTry(healthy, false);
  expect(health).toEqual({ failures: 1, resting: 0 });
  const rests: number[] = [];
  for (let i = 0; i < 8; i++) {
    health = afterTry(health, false);
    rests.push(health.resting);
    while (health.resting > 0) health = afterRest(health);
  }
  expect(rests).toEqual([1, 2, 4, 8, 16, 32, 40, 40]);
  expect(afterTry(health, true)).toEqual(healthy);
});
