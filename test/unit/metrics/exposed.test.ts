import { expect, test } from 'vitest';
import type { Loop } from '../../../src/config/loop.ts';
import { exposed, staleAfterMs } from '../../../src/metrics/exposed.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const snapshot = (loop: Loop, ageSeconds: number): Snapshot => ({
  cluster: 'main',
  loop,
  takenAt: new Date(NOW - ageSeconds * 1_000).toISOString(),
  up: true,
  durationMs: 1,
  outcomes: [],
  findings: [],
  samples: [
    { metric: 'pg_up', labels: {}, value: 1 },
    { metric: 'pgmon_last_pass_timestamp_seconds', labels: { loop }, value: 1 },
  ],
  rates: [],
  noRates: {},
  rows: {},
});
const intervals = new Map<Loop, number>([
  ['hot', 15_000],
  ['storage', 600_000],
]);
const shown = (loop: Loop, age: number) =>
  exposed([snapshot(loop, age)], intervals, new Date(NOW)).flatMap(({ cluster, samples }) => {
    expect(cluster).toBe('main');
    return samples.map(({ metric, value }) => `${metric} ${value}`);
  });
const at = (age: number) => `pgmon_last_pass_timestamp_seconds ${NOW / 1_000 - age}`;

test('[A13] each loop says when it last ran', () => {
  expect(shown('hot', 7.5)).toEqual([at(7.5), 'pg_up 1']);
});

test.each<[Loop, number]>([
  ['hot', 300],
  ['storage', 3_000],
  ['hourly', 300],
])('[A13] the series of the %s loop end %i s after its last pass, and its time stays', (loop, limit) => {
  expect(shown(loop, limit)).toEqual([at(limit), 'pg_up 1']);
  expect(shown(loop, limit + 0.001)).toEqual([at(limit + 0.001)]);
  expect(shown(loop, 7 * 3_600)).toEqual([at(7 * 3_600)]);
});

test('five passes, and at least five minutes', () => {
  expect([15_000, 60_000, 600_000, 3_600_000].map(staleAfterMs)).toEqual([300_000, 300_000, 3_000_000, 18_000_000]);
});
