import { describe, expect, test } from 'vitest';
import { colorTokens } from '../../../ui/src/parts/chart/band-colors.ts';
import { held, linesOf, lonely, stackOf } from '../../../ui/src/parts/chart/series.ts';
import { TIME_STEPS, valueRange, valueSteps } from '../../../ui/src/parts/chart/steps.ts';

const series = (name: string, avg: (number | null)[], max = avg) => ({ labels: { name }, avg, max });

describe('lines', () => {
  test('series of one name are added; where one of them was measured, the others are none', () => {
    const found = [series('a', [1, null, null]), series('a', [2, 3, null])];
    expect(linesOf(found, 'all', 'name')).toEqual([{ name: 'a', values: [3, 3, null] }]);
  });

  test('of a step the average, or the largest value', () => {
    const found = [series('a', [6, 0], [12, 0])];
    expect(linesOf(found, 'all', undefined)).toEqual([{ name: 'all', values: [6, 0] }]);
    expect(linesOf(found, 'all', undefined, 'max')).toEqual([{ name: 'all', values: [12, 0] }]);
  });

  test('the largest first, and those beyond ten are one together', () => {
    const lines = linesOf(
      Array.from({ length: 14 }, (_, i) => series(`db${i}`, [i])),
      'all',
      'name',
    );
    expect(lines.map(({ name }) => name).slice(0, 2)).toEqual(['db13', 'db12']);
    expect(lines.at(-1)).toEqual({ name: '5 others', values: [0 + 1 + 2 + 3 + 4] });
  });

  test('a late pass leaves no gap of two steps, a longer silence does', () => {
    expect(held([1, null, 2])).toEqual([1, 1, 2]);
    expect(held([1, null, null, 2])).toEqual([1, 1, 1, 2]);
    expect(held([1, null, null, null, 2])).toEqual([1, null, null, null, 2]);
    expect(held([1, null])).toEqual([1, null]);
  });

  test('[D4] a point between two gaps stands alone; in a stack only with a height', () => {
    expect(lonely([null, 1, null, 2, 3], undefined)).toEqual([1]);
    expect(lonely([null, 1, null], [null, 1, null])).toEqual([]);
    expect(lonely([null, 2, null], [null, 1, null])).toEqual([1]);
  });
});

test('bands stand on those below; nobody measured is a gap, not zero', () => {
  const lines = [
    { name: 'a', values: [1, 1, null, 4, null, null, null] },
    { name: 'b', values: [2, null, null, 1, null, null, null] },
  ];
  expect(stackOf(lines)).toEqual([
    [1, 1, 1, 4, null, null, null],
    [3, 1, 1, 5, null, null, null],
  ]);
});

describe('axes', () => {
  test('steps of time are those that people use', () => {
    expect(TIME_STEPS.slice(0, 9)).toEqual([1, 5, 15, 30, 60, 300, 900, 1_800, 3_600]);
    expect(valueSteps('Seconds')).toContain(15);
    expect(valueSteps('Seconds')).not.toContain(100);
    expect(valueSteps('Bytes')).toContain(1_024 ** 2);
    expect(Math.min(...valueSteps('Count'))).toBe(1);
  });

  test('a threshold that values come near is in sight, one far above is not', () => {
    expect(valueRange(0, 20, 'Seconds', [30, 1_000])[1]).toBeCloseTo(32.4);
    expect(valueRange(0, 10, 'Seconds', [30])[1]).toBeCloseTo(10.8);
    expect(valueRange(null, null, 'Count', [])).toEqual([0, 1]);
  });
});

describe('colors', () => {
  test('a name has its color whatever stands beside it, and no two share one', () => {
    const alone = colorTokens(['Lock']).get('Lock');
    const waits = ['CPU', 'IO', 'Lock', 'LWLock', 'BufferPin', 'Client', 'IPC', 'Timeout', 'Extension', 'Activity'];
    const all = colorTokens(waits);
    expect(all.get('Lock')).toBe(alone);
    expect(new Set(all.values()).size).toBe(waits.length);
    const states = colorTokens(['background process', 'idle', 'active', 'starting', 'idle in transaction']);
    expect(new Set(states.values()).size).toBe(5);
    expect([...states.values()]).not.toContain('--series-4');
    expect(colorTokens(['shop']).get('shop')).toBe(colorTokens(['shop', 'toString']).get('shop'));
    expect(colorTokens(['7 others']).get('7 others')).toBe('--series-rest');
  });
});
