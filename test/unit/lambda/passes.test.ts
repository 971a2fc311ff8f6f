import { expect, test } from 'vitest';
import { runPasses } from '../../../src/lambda/passes.ts';

/** A clock that only passes and sleeps move on. */
function minute(passMs: number, intervalMs: number, timeoutMs: number) {
  let time = 0;
  const at: number[] = [];
  const run = runPasses({
    pass: async () => {
      at.push(time);
      time += passMs;
    },
    intervalMs,
    passMs: 4_000,
    remainingMs: () => timeoutMs - time,
    clock: {
      now: () => new Date(time),
      sleep: async (ms) => {
        time += ms;
      },
    },
  });
  return run.then(() => at);
}

test.each([
  ['four passes a minute', 50, 15_000, 52_000, [0, 15_000, 30_000, 45_000]],
  ['one where the interval is a minute or more', 50, 60_000, 52_000, [0]],
  [
    'twelve at five seconds, but none that could not end',
    50,
    5_000,
    52_000,
    [0, 5_000, 10_000, 15_000, 20_000, 25_000, 30_000, 35_000, 40_000, 45_000],
  ],
  ['a late pass is followed at once by the next, in step again after it', 20_000, 15_000, 52_000, [0, 20_000, 40_000]],
  ['none but the first where there is no time', 50, 15_000, 3_000, [0]],
])('%s', async (_, passMs, intervalMs, timeoutMs, want) => {
  expect(await minute(passMs, intervalMs, timeoutMs)).toEqual(want);
});
