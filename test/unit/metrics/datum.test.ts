import { expect, test } from 'vitest';
import { datums } from '../../../src/metrics/datum.ts';
import type { Metric } from '../../../src/metrics/metric.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';

const base = { help: 'h', labels: ['db'], loop: 'hot', collector: 'x' } as const;
const catalog = new Map<string, Metric>([
  [
    'sum',
    { ...base, name: 'sum', type: 'gauge', unit: 'Count', cloudwatch: { by: 'cluster', fold: 'sum', essential: true } },
  ],
  ['max', { ...base, name: 'max', type: 'gauge', unit: 'Seconds', cloudwatch: { by: 'cluster', fold: 'max' } }],
  ['min', { ...base, name: 'min', type: 'gauge', unit: 'None', cloudwatch: { by: 'cluster', fold: 'min' } }],
  ['per_db', { ...base, name: 'per_db', type: 'gauge', unit: 'Bytes', cloudwatch: { by: 'db', fold: 'sum' } }],
  ['c_total', { ...base, name: 'c_total', type: 'counter', unit: 'Bytes', cloudwatch: { by: 'cluster', fold: 'sum' } }],
  ['silent', { ...base, name: 'silent', type: 'gauge', unit: 'Count' }],
]);

const two = (metric: string, a: number, b: number) => [
  { metric, labels: { db: 'a' }, value: a },
  { metric, labels: { db: 'b' }, value: b },
];

function snapshot(loop: Snapshot['loop'] = 'hot'): Snapshot {
  return {
    cluster: 'main',
    loop,
    takenAt: '2026-01-01T00:00:00.000Z',
    up: true,
    durationMs: 1,
    outcomes: [],
    findings: [],
    samples: [
      ...two('sum', 1, 2),
      ...two('max', 1, 2),
      ...two('min', 1, 2),
      ...two('per_db', 1, 2),
      ...two('c_total', 100, 200),
      ...two('silent', 1, 2),
    ],
    rates: two('c_total', 3, 4),
    noRates: {},
    rows: {},
  };
}

const flat = (data: ReturnType<typeof datums>) =>
  data.map(({ name, dimensions, value, unit }) => [name, dimensions['db'], value, unit]);

test("labels are folded by each metric's rule, counters are rates", () => {
  expect(flat(datums(catalog, snapshot(), 'default'))).toEqual([
    ['sum', undefined, 3, 'Count'],
    ['max', undefined, 2, 'Seconds'],
    ['min', undefined, 1, 'None'],
    ['per_db', 'a', 1, 'Bytes'],
    ['per_db', 'b', 2, 'Bytes'],
    ['c_total', undefined, 7, 'Bytes/Second'],
  ]);
});

test('essential publishes what says most and nothing else', () => {
  expect(flat(datums(catalog, snapshot(), 'essential'))).toEqual([['sum', undefined, 3, 'Count']]);
});

test('what CloudWatch would refuse is left out, and nothing else', () => {
  const bad = {
    ...snapshot(),
    samples: [...two('sum', Number.NaN, 1), ...two('max', 1, Number.POSITIVE_INFINITY), ...two('min', 1, 2)],
    rates: [],
  };
  expect(flat(datums(catalog, bad, 'default'))).toEqual([['min', undefined, 1, 'None']]);
});

test('the hot loop is kept by the second, the others by the minute', () => {
  expect(new Set(datums(catalog, snapshot('hot'), 'default').map(({ resolution }) => resolution))).toEqual(
    new Set([1]),
  );
  expect(new Set(datums(catalog, snapshot('workload'), 'default').map(({ resolution }) => resolution))).toEqual(
    new Set([60]),
  );
});

test.each([
  ['Bytes', 'Bytes/Second'],
  ['Count', 'Count/Second'],
  ['Seconds', 'None'],
  ['None', 'None'],
] as const)('the rate of a counter of %s is in %s', (unit, ofRate) => {
  const cloudwatch = { by: 'cluster', fold: 'sum' } as const;
  const one = new Map<string, Metric>([['c_total', { ...base, name: 'c_total', type: 'counter', unit, cloudwatch }]]);
  expect(flat(datums(one, snapshot(), 'default'))).toEqual([['c_total', undefined, 7, ofRate]]);
});

test('a sample without a database has the cluster as its only dimension, and one that no catalog knows is left out', () => {
  const odd = {
    ...snapshot(),
    samples: [
      { metric: 'per_db', labels: {}, value: 5 },
      { metric: 'unknown', labels: {}, value: 1 },
    ],
    rates: [],
  };
  expect(datums(catalog, odd, 'default').map(({ name, dimensions }) => [name, dimensions])).toEqual([
    ['per_db', { cluster: 'main' }],
  ]);
});
