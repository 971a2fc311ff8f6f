import { expect, test } from 'vitest';
import { afterSkip, afterTry, healthy } from '../../../src/loops/health.ts';

test('one failure is nothing, the second skips a pass, each further one twice as many up to 40, success ends it', () => {
  let health = afterTry(healthy, false);
  expect(health).toEqual({ failures: 1, passesLeft: 0 });
  const skips: number[] = [];
  for (let i = 0; i < 8; i++) {
    health = afterTry(health, false);
    skips.push(health.passesLeft);
    while (health.passesLeft > 0) health = afterSkip(health);
  }
  expect(skips).toEqual([1, 2, 4, 8, 16, 32, 40, 40]);
  expect(afterTry(health, true)).toEqual(healthy);
});
