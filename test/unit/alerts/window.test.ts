import { expect, test } from 'vitest';
import { ruleData } from '../../../src/alerts/data.ts';
import { byMetricOf, extended, type Ranges, rangeOf, type Window } from '../../../src/alerts/window.ts';
import { evaluate } from '../../../src/promql/evaluate.ts';
import { parseExpression } from '../../../src/promql/parse.ts';
import { Passes, ruleOf, said, sample } from './support.ts';

/** The window after passes a minute apart that saw these values, the first at 60. */
function after(values: readonly number[], ranges: Ranges): Window {
  let window: Window = {};
  values.forEach((value, i) => {
    window = extended(window, [sample('m', value)], ranges, (i + 1) * 60);
  });
  return window;
}
const points = (window: Window) => Object.values(window)[0]?.points ?? [];

test('[B8] a point exactly at the beginning of a range is not of it', () => {
  const window = after([1, 2, 3, 4], new Map([['m', { seconds: 3_600, everyPoint: true }]]));
  expect(rangeOf(byMetricOf(window).get('m') ?? [], 120, 240)).toEqual([
    {
      labels: {},
      points: [
        [180, 3],
        [240, 4],
      ],
    },
  ]);
});

test('[B8] a thinned range keeps the points at which a counter fell, a whole one keeps all', () => {
  const values = Array.from({ length: 600 }, (_, i) => (i < 301 ? 1_000 + i : i - 300));
  values[301] = 5_000;
  const thinned = points(after(values, new Map([['m', { seconds: 36_000, everyPoint: false }]])));
  expect(thinned.length).toBeLessThan(80);
  expect(thinned.map(([, value]) => value)).toEqual(expect.arrayContaining([5_000, 2]));
  expect(points(after(values, new Map([['m', { seconds: 36_000, everyPoint: true }]])))).toHaveLength(600);
});

test('[B8] cluster is a label of every sample and range, and no label of an alert', () => {
  const window = after([1], new Map([['m', { seconds: 600, everyPoint: true }]]));
  const data = ruleData('shop', [sample('m', 1, { db: 'a' })], window, 60, Number.POSITIVE_INFINITY);
  const found = (text: string) => evaluate(parseExpression(text), data);
  expect(found('m{cluster="shop"}')).toEqual([{ labels: { cluster: 'shop', db: 'a' }, value: 1 }]);
  expect(found('m{cluster!="shop"}')).toEqual([]);
  expect(found('count_over_time(m{cluster="shop"}[5m])')).toHaveLength(1);
  const custom = [{ name: 'mine', metric: 'pg_up{cluster="shop"}', threshold: 0, comparison: '>', for: '0s' }];
  const [fired] = new Passes([ruleOf('mine', { custom })]).pass([sample('pg_up', 1)]);
  expect(fired).toMatchObject({ kind: 'firing', labels: {} });
  expect(fired?.labels).not.toHaveProperty('cluster');
});

test('[B8] a range that is not kept whole is refused where its function needs every pass', () => {
  const own = (metric: string) => ({ custom: [{ name: 'mine', metric, threshold: 0, for: '0s' }] });
  expect(() => ruleOf('mine', own('avg_over_time(pg_up[2h])'))).toThrow('use a range of at most 1h');
  expect(ruleOf('mine', own('avg_over_time(pg_up[1h])')).lookbacks).toEqual([
    { metric: 'pg_up', seconds: 3_600, everyPoint: true },
  ]);
  expect(ruleOf('mine', own('deriv(pg_up[2h])')).lookbacks).toMatchObject([{ everyPoint: false }]);
});

test('[B8] a rule without a result says why, and its alerts wait', () => {
  const rule = ruleOf('mine', {
    custom: [{ name: 'mine', metric: 'pg_active_sessions / on (db) pg_active_sessions', threshold: 0, for: '0s' }],
  });
  expect(said(new Passes([rule]).pass([sample('pg_active_sessions', 1, { db: 'a' })]))).toHaveLength(1);
  const two = ['idle', 'active'].map((state) => sample('pg_active_sessions', 1, { db: 'a', state }));
  expect(said(new Passes([rule]).pass(two))).toEqual([]);
});

test('[B4] an own rule that divides by zero has no alert, and no value that JSON would lose', () => {
  const rule = ruleOf('mine', { custom: [{ name: 'mine', metric: 'pg_up / 0', threshold: 0, for: '0s' }] });
  expect(new Passes([rule]).passes(3, [sample('pg_up', 1)])).toEqual([]);
});
