import { describe, expect, test } from 'vitest';
import type { Labels } from '../../../src/metrics/sample.ts';
import { type Data, evaluate, type Series } from '../../../src/promql/evaluate.ts';
import { ExpressionError, parseExpression } from '../../../src/promql/parse.ts';

const at = (labels: Labels, value: number) => ({ labels, value });
const instants: Readonly<Record<string, ReturnType<typeof at>[]>> = {
  used: [at({ db: 'a' }, 8), at({ db: 'b' }, 2)],
  size: [at({ db: 'a' }, 10), at({ db: 'b' }, 10), at({ db: 'c' }, 10)],
  zero: [at({ db: 'a' }, 0), at({ db: 'b' }, 4)],
  sessions: [at({ db: 'a', state: 'idle' }, 3), at({ db: 'a', state: 'active' }, 4), at({ db: 'b', state: 'idle' }, 5)],
  one: [at({}, 7)],
};
const series = (values: number[], labels: Labels = { db: 'a' }): Series => ({
  labels,
  points: values.map((value, i) => [i * 60, value] as const),
});
const ranges: Readonly<Record<string, Series[]>> = {
  counter: [series([0, 60, 120, 300])],
  restarted: [series([100, 160, 10, 40])],
  line: [series([0, 10, 20, 30, 40, 50])],
  single: [series([5])],
};
const data: Data = { instant: (metric) => instants[metric] ?? [], range: (metric) => ranges[metric] ?? [] };

describe('values', () => {
  test.each<[string, unknown]>([
    ['1', 1],
    ['used', [at({ db: 'a' }, 8), at({ db: 'b' }, 2)]],
    ['used{db="a"}', [at({ db: 'a' }, 8)]],
    ['used{db!="a"}', [at({ db: 'b' }, 2)]],
    ['sessions{state=~"idle|none"}', [at({ db: 'a', state: 'idle' }, 3), at({ db: 'b', state: 'idle' }, 5)]],
    ['sessions{state!~"i.*"}', [at({ db: 'a', state: 'active' }, 4)]],
    ['sum(sessions)', [at({}, 12)]],
    ['max by (db) (sessions)', [at({ db: 'a' }, 4), at({ db: 'b' }, 5)]],
    ['sum(sessions) by (db)', [at({ db: 'a' }, 7), at({ db: 'b' }, 5)]],
    ['avg(sessions)', [at({}, 4)]],
    ['count(sessions)', [at({}, 3)]],
    ['used / size', [at({ db: 'a' }, 0.8), at({ db: 'b' }, 0.2)]],
    ['zero / zero', [at({ db: 'b' }, 1)]],
    ['used > 5', [at({ db: 'a' }, 8)]],
    ['5 < used', [at({ db: 'a' }, 8)]],
    ['used / 2 + 1', [at({ db: 'a' }, 5), at({ db: 'b' }, 2)]],
    ['(used + 2) * 10 == 100', [at({ db: 'a' }, 100)]],
    ['used and size > 5', [at({ db: 'a' }, 8), at({ db: 'b' }, 2)]],
    ['size unless used', [at({ db: 'c' }, 10)]],
    ['used or size', [at({ db: 'a' }, 8), at({ db: 'b' }, 2), at({ db: 'c' }, 10)]],
    ['sessions and on (db) used > 5', [at({ db: 'a', state: 'idle' }, 3), at({ db: 'a', state: 'active' }, 4)]],
    ['one / 0', [at({}, Number.POSITIVE_INFINITY)]],
    ['abs(used - 5)', [at({ db: 'a' }, 3), at({ db: 'b' }, 3)]],
    ['clamp_min(used, 4)', [at({ db: 'a' }, 8), at({ db: 'b' }, 4)]],
    ['increase(counter[5m])', [at({ db: 'a' }, 300)]],
    ['rate(counter[5m])', [at({ db: 'a' }, 300 / 180)]],
    ['increase(restarted[5m])', [at({ db: 'a' }, 60 + 10 + 30)]],
    ['delta(line[5m])', [at({ db: 'a' }, 50)]],
    ['avg_over_time(line[5m])', [at({ db: 'a' }, 25)]],
    ['max_over_time(line[5m])', [at({ db: 'a' }, 50)]],
    ['min_over_time(single[5m])', [at({ db: 'a' }, 5)]],
    ['predict_linear(line[5m], 600)', [at({ db: 'a' }, 150)]],
    ['rate(single[5m])', []],
    ['nothing', []],
  ])('%s', (text, expected) => {
    expect(evaluate(parseExpression(text), data)).toEqual(expected);
  });
});

describe('what is refused', () => {
  test.each([
    ['', 'is empty'],
    ['used >', 'is not PromQL'],
    ['used[5m]', 'MatrixSelector has no place in a rule'],
    ['rate(used)', 'rate wants a range such as [5m]'],
    ['stddev(used)', 'only sum, min, max, avg, count aggregate'],
    ['sum without (db) (used)', 'only by (…) groups'],
    ['histogram_quantile(0.9, used)', 'histogram_quantile is not known'],
    ['used offset 1h', 'OffsetExpr has no place in a rule'],
    ['used > bool 1', 'bool has no place in a rule'],
    ['used % 2', '% is no operator of rules'],
    ['used{db=~"("}', 'is no regular expression'],
    ['predict_linear(used[5m])', 'predict_linear wants seconds to look ahead'],
    ['{db="a"}', 'a metric has to be named'],
  ])('%s', (text, reason) => {
    expect(() => parseExpression(text)).toThrow(ExpressionError);
    expect(() => parseExpression(text)).toThrow(reason);
  });
});
