import { describe, expect, test, vi } from 'vitest';
import { offsetOf, schedule, untilNext } from '../../../src/local/schedule.ts';

describe('[C7] passes are spread within their interval', () => {
  test.each([
    [0, 15_000, 0, 15_000],
    [1, 15_000, 0, 14_999],
    [14_999, 15_000, 0, 1],
    [0, 15_000, 4_000, 4_000],
    [4_000, 15_000, 4_000, 15_000],
    [60_000, 15_000, 14_000, 14_000],
    [3_000, 60_000, 59_000, 56_000],
  ])('at %i, every %i with offset %i: in %i ms', (now, intervalMs, offsetMs, wait) => {
    expect(untilNext(now, intervalMs, offsetMs)).toBe(wait);
  });

  test('a hundred targets are due in each tenth of the interval, and always at the same time', () => {
    const offsets = Array.from({ length: 100 }, (_, i) => offsetOf(`cluster-${i} hot`, 15_000));
    expect(offsets).toEqual(Array.from({ length: 100 }, (_, i) => offsetOf(`cluster-${i} hot`, 15_000)));
    expect(new Set(offsets.map((offset) => Math.floor(offset / 1_500))).size).toBe(10);
    expect(offsets.every((offset) => offset >= 0 && offset < 15_000)).toBe(true);
  });
});

test('the first pass is at once, or after its share of the start; one that is stopped before never comes', async () => {
  vi.useFakeTimers();
  try {
    const passes: string[] = [];
    const start = (name: string, firstMs: number) =>
      schedule(
        60_000,
        async () => void passes.push(name),
        (error) => expect.fail(String(error)),
        30_000,
        firstMs,
      );
    const [first, second, third] = [start('first', 0), start('second', 100), start('third', 200)];
    expect(passes).toEqual(['first']);
    await vi.advanceTimersByTimeAsync(150);
    expect(passes).toEqual(['first', 'second']);
    await third.stop();
    await vi.advanceTimersByTimeAsync(200);
    expect(passes).toEqual(['first', 'second']);
    await Promise.all([first.stop(), second.stop()]);
  } finally {
    vi.useRealTimers();
  }
});
