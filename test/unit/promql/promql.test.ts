import { describe, expect, test } from 'vitest';
import type { Labels } from '../../../src/metrics/sample.ts';
import { type Data, evaluate, resultOf } from '../../../src/promql/evaluate.ts';
import { ExpressionError, parseExpression } from '../../../src/promql/parse.ts';
import { EvaluationError, type Series, type Vector } from '../../../src/promql/value.ts';

const at = (labels: Labels, value: number) => ({ labels, value });
const instants: Readonly<Record<string, ReturnType<typeof at>[]>> = {
  used: [at({ db: 'a' }, 8), at({ db: 'b' }, 2)],
  size: [at({ db: 'a' }, 10), at({ db: 'b' }, 10), at({ db: 'c' }, 10)],
  zero: [at({ db: 'a' }, 0), at({ db: 'b' }, 4)],
  sessions: [at({ db: 'a', state: 'idle' }, 3), at({ db: 'a', state: 'active' }, 4), at({ db: 'b', state: 'idle' }, 5)],
  one: [at({}, 7)],
  odd: [at({ relation: 'a\nb' }, 1), at({ relation: 'a b' }, 2), at({ relation: 'a"\\' }, 3)],
};
const NOW = 600;
/** Points 60 s apart, the last one now. */
const series = (values: number[], labels: Labels = { db: 'a' }): Series => ({
  labels,
  points: values.map((value, i) => [NOW - (values.length - 1 - i) * 60, value] as const),
});
const ranges: Readonly<Record<string, Series[]>> = {
  counter: [series([1_000, 1_060, 1_120, 1_300])],
  restarted: [series([1_000, 1_060, 10, 40])],
  young: [series([1, 11, 21])],
  line: [series([0, 10, 20, 30, 40, 50])],
  flat: [series([5, 5, 5])],
  single: [series([5])],
};
const data: Data = {
  at: NOW,
  instant: (metric) => instants[metric] ?? [],
  range: (metric) => ranges[metric] ?? [],
};

describe('values', () => {
  test.each<[string, unknown]>([
    ['1', 1],
    ['-2 ^ 2', -4],
    ['2 * -3 ^ 2', -18],
    ['2 ^ 3 ^ 2', 512],
    ['7 % 4 + 0x10', 19],
    ['1h30m + 1_000', 6_400],
    ['1 > bool 2', 0],
    ['time()', NOW],
    ['used', [at({ db: 'a' }, 8), at({ db: 'b' }, 2)]],
    ['-used', [at({ db: 'a' }, -8), at({ db: 'b' }, -2)]],
    ['used{db="a"}', [at({ db: 'a' }, 8)]],
    ["used{db!='a'}", [at({ db: 'b' }, 2)]],
    ['sessions{state=~"idle|none"}', [at({ db: 'a', state: 'idle' }, 3), at({ db: 'b', state: 'idle' }, 5)]],
    ['sessions{state=~"dl"}', []],
    ['sessions{state!~"i.*"}', [at({ db: 'a', state: 'active' }, 4)]],
    ['one{db=""}', [at({}, 7)]],
    ['odd{relation="a\\nb"}', [at({ relation: 'a\nb' }, 1)]],
    ['odd{relation="a\\"\\\\"}', [at({ relation: 'a"\\' }, 3)]],
    ['odd{relation=`a"\\`}', [at({ relation: 'a"\\' }, 3)]],
    ['odd{relation=~"a.b"}', [at({ relation: 'a\nb' }, 1), at({ relation: 'a b' }, 2)]],
    ['sum(sessions)', [at({}, 12)]],
    ['max by (db) (sessions)', [at({ db: 'a' }, 4), at({ db: 'b' }, 5)]],
    ['sum(sessions) without (state)', [at({ db: 'a' }, 7), at({ db: 'b' }, 5)]],
    ['avg(sessions)', [at({}, 4)]],
    ['count(sessions)', [at({}, 3)]],
    ['group(sessions)', [at({}, 1)]],
    ['stdvar(sessions)', [at({}, 2 / 3)]],
    ['quantile(0.5, sessions)', [at({}, 4)]],
    ['quantile(-1, sessions)', [at({}, Number.NEGATIVE_INFINITY)]],
    ['sessions{db="b"} * on (db) group_left (state) used', [at({ db: 'b' }, 10)]],
    ['quantile(0.25, sessions)', [at({}, 3.5)]],
    ['topk(1, sessions)', [at({ db: 'b', state: 'idle' }, 5)]],
    ['bottomk by (db) (1, sessions)', [at({ db: 'a', state: 'idle' }, 3), at({ db: 'b', state: 'idle' }, 5)]],
    ['topk(0, sessions)', []],
    ['used / size', [at({ db: 'a' }, 0.8), at({ db: 'b' }, 0.2)]],
    ['used > 5', [at({ db: 'a' }, 8)]],
    ['used > bool 5', [at({ db: 'a' }, 1), at({ db: 'b' }, 0)]],
    ['5 < used', [at({ db: 'a' }, 8)]],
    ['5 < bool used', [at({ db: 'a' }, 1), at({ db: 'b' }, 0)]],
    ['used / 2 + 1', [at({ db: 'a' }, 5), at({ db: 'b' }, 2)]],
    ['(used + 2) * 10 == 100', [at({ db: 'a' }, 100)]],
    ['used and size > 5', [at({ db: 'a' }, 8), at({ db: 'b' }, 2)]],
    ['size unless used', [at({ db: 'c' }, 10)]],
    ['used or size', [at({ db: 'a' }, 8), at({ db: 'b' }, 2), at({ db: 'c' }, 10)]],
    ['sessions and on (db) used > 5', [at({ db: 'a', state: 'idle' }, 3), at({ db: 'a', state: 'active' }, 4)]],
    ['sum by (db) (sessions) - on (db) used', [at({ db: 'a' }, -1), at({ db: 'b' }, 3)]],
    ['sessions{state="idle"} * on (db) used', [at({ db: 'a' }, 24), at({ db: 'b' }, 10)]],
    ['one / 0', [at({}, Number.POSITIVE_INFINITY)]],
    ['abs(used - 5)', [at({ db: 'a' }, 3), at({ db: 'b' }, 3)]],
    ['clamp_min(used, 4)', [at({ db: 'a' }, 8), at({ db: 'b' }, 4)]],
    ['clamp(used, 3, 7)', [at({ db: 'a' }, 7), at({ db: 'b' }, 3)]],
    ['clamp(used, 7, 3)', []],
    ['round(used / 3)', [at({ db: 'a' }, 3), at({ db: 'b' }, 1)]],
    ['round(used, 5)', [at({ db: 'a' }, 10), at({ db: 'b' }, 0)]],
    ['scalar(one) + 1', 8],
    ['scalar(used)', Number.NaN],
    ['vector(3)', [at({}, 3)]],
    ['absent(used)', []],
    ['absent(nothing{db="a", state=~"x"})', [at({ db: 'a' }, 1)]],
    ['absent(nothing{db="a", db!="b"})', [at({}, 1)]],
    [
      `label_replace(sessions{db="b"}, "kind", "\${1}-$2", "state", "(i)(.*)")`,
      [at({ db: 'b', state: 'idle', kind: 'i-dle' }, 5)],
    ],
    ['label_replace(used{db="a"}, "db", "$nothing", "db", "a")', [at({}, 8)]],
    ['label_replace(used{db="a"}, "x", "y", "db", "b")', [at({ db: 'a' }, 8)]],
    ['nothing', []],
  ])('%s', (text, expected) => {
    expect(evaluate(parseExpression(text), data)).toEqual(expected);
  });
});

/** By hand, from the description of `extrapolatedRate`: what was seen, times what the range is of that. */
describe('functions of a range', () => {
  test.each<[string, number]>([
    // 180 s seen of 300; 120 s before the first point are over 1.1 × 60 s, so half a distance is added.
    ['increase(counter[5m])', (300 * (180 + 30)) / 180],
    // The range begins 60 s before the first point: within 1.1 distances, so to its very beginning.
    ['increase(counter[4m])', (300 * 240) / 180],
    // 75 s before the first point are over 1.1 distances.
    ['increase(counter[4m15s])', (300 * (180 + 30)) / 180],
    ['rate(counter[4m])', (300 * 240) / 180 / 240],
    // Restarted from 0: 60 up to the fall, 10 after it, 30 more.
    ['increase(restarted[4m])', (100 * 240) / 180],
    // It was 0 six seconds before its first point, and no earlier.
    ['increase(young[5m])', (20 * (120 + 6)) / 120],
    ['delta(line[6m])', 60],
    ['irate(restarted[5m])', 0.5],
    ['idelta(restarted[5m])', 30],
    ['resets(restarted[5m])', 1],
    ['changes(flat[5m])', 0],
    ['changes(line[10m])', 5],
    ['avg_over_time(line[10m])', 25],
    ['max_over_time(line[10m])', 50],
    ['min_over_time(single[5m])', 5],
    ['sum_over_time(line[10m])', 150],
    ['count_over_time(line[10m])', 6],
    ['last_over_time(line[10m])', 50],
    ['quantile_over_time(0.5, line[10m])', 25],
    ['stddev_over_time(flat[10m])', 0],
    ['deriv(line[10m])', 1 / 6],
    ['deriv(flat[10m])', 0],
    ['predict_linear(line[10m], 10 * 60)', 150],
    ['predict_linear(flat[10m], 1h)', 5],
  ])('[B8] %s', (text, expected) => {
    const [result, ...others] = evaluate(parseExpression(text), data) as Vector;
    expect(others).toEqual([]);
    expect(result?.value).toBeCloseTo(expected, 9);
  });

  test.each(['rate(single[5m])', 'delta(single[5m])', 'irate(single[5m])', 'deriv(single[5m])'])(
    '%s has no value of one point',
    (text) => expect(evaluate(parseExpression(text), data)).toEqual([]),
  );
});

describe('what has no result', () => {
  test.each([
    ['used - on () size', 'many-to-many matching is not allowed'],
    ['sessions / on (db) used', 'write group_left'],
    ['used / on (db) sessions', 'several series on the right of / have the labels {db="a"}'],
    ['sessions - on (db) group_right () used', 'several series on the left of -'],
    ['label_replace(used, "db", "x", "db", ".*")', 'two series with the same labels'],
    ['label_replace(sessions, "state", "x", "state", ".*")', 'two series with the same labels'],
  ])('[B8] %s fails as in Prometheus', (text, reason) => {
    expect(() => evaluate(parseExpression(text), data)).toThrow(EvaluationError);
    expect(() => evaluate(parseExpression(text), data)).toThrow(reason);
  });

  test('[B8] group_left and group_right take the labels that they name from the other side', () => {
    expect(evaluate(parseExpression('sessions / on (db) group_left () used'), data)).toEqual([
      at({ db: 'a', state: 'idle' }, 3 / 8),
      at({ db: 'a', state: 'active' }, 0.5),
      at({ db: 'b', state: 'idle' }, 2.5),
    ]);
    const right = 'label_replace(used, "size", "big", "db", "a") - on (db) group_right (size) sessions';
    expect(evaluate(parseExpression(right), data)).toEqual([
      at({ db: 'a', state: 'idle', size: 'big' }, 5),
      at({ db: 'a', state: 'active', size: 'big' }, 4),
      at({ db: 'b', state: 'idle' }, -3),
    ]);
  });

  test('[B4] a value that is not finite is in an expression and in no result', () => {
    expect(evaluate(parseExpression('used / zero'), data)).toEqual([
      at({ db: 'a' }, Number.POSITIVE_INFINITY),
      at({ db: 'b' }, 0.5),
    ]);
    expect(resultOf(parseExpression('used / zero'), data)).toEqual([at({ db: 'b' }, 0.5)]);
    expect(resultOf(parseExpression('-used / zero > 0'), data)).toEqual([]);
    expect(resultOf(parseExpression('zero / zero'), data)).toEqual([at({ db: 'b' }, 1)]);
    expect(resultOf(parseExpression('scalar(used)'), data)).toEqual([]);
    expect(resultOf(parseExpression('1 / 0'), data)).toEqual([]);
    expect(resultOf(parseExpression('2'), data)).toEqual([at({}, 2)]);
  });
});

describe('what is refused', () => {
  test.each([
    ['', 'is empty'],
    ['# nothing', 'is not PromQL'],
    ['used >', 'is not PromQL'],
    ['used[5m]', 'a range needs a function'],
    ['"used"', 'a string is not a value of a rule'],
    ['rate(used)', 'rate wants a range such as [5m], not series'],
    ['abs(used[5m])', 'abs wants series, not a range'],
    ['rate(used[5m], 1)', 'rate wants 1 argument, not 2'],
    ['round(used, used)', 'round wants a number, not series'],
    ['sum(1)', 'sum wants series, not a number'],
    ['sum(used, used)', 'sum wants 1 argument, not 2'],
    ['topk(used, used)', 'topk wants a number first, not series'],
    ['topk(used)', 'topk wants 2 arguments, not 1'],
    ['count_values("x", used)', 'count_values is not supported: use count by (label)'],
    ['limitk(1, used)', 'limitk is not supported: use topk'],
    ['histogram_quantile(0.9, used)', 'histogram_quantile is not supported: pgmon has no histograms'],
    ['absent_over_time(used[5m])', 'absent_over_time is not supported: use absent(…)'],
    ['hour()', 'times of the day and week into alerts.maintenance'],
    ['sin(used)', 'sin is not supported: use one of'],
    ['used offset 1h', 'offset is not supported: compare with the past using delta'],
    ['rate(used[5m] offset 1h)', 'offset is not supported'],
    ['used @ 5', '@ is not supported'],
    ['max_over_time(used[1h:5m])', 'a subquery is not supported'],
    ['rate(sum(used)[5m])', 'a subquery is not supported'],
    ['rate(used[5m + 1m])', 'the range must be a duration'],
    ['rate(used[0s])', 'the range must be a duration'],
    ['used and 1', 'and wants series on both sides, not a number'],
    ['1 or used', 'or wants series on both sides'],
    ['used and on (db) group_left () size', 'group_left does not work with and'],
    ['used + on (db) 1', 'work only between series'],
    ['used + on (db) group_left (db) size', 'db is in on and in group_left'],
    ['used + bool size', 'bool works with comparisons, not with +'],
    ['1 > 2', '> between two numbers needs bool'],
    ['used </ 1', '</ is not supported between series'],
    ['used{db=~"("}', 'is not a valid RE2 regular expression'],
    ['used{db=~"(?=a)b"}', 'is not a valid RE2 regular expression'],
    ['used{db=~"(a)\\\\1"}', 'is not a valid RE2 regular expression'],
    ['used{db="\\q"}', 'is not a string'],
    ['label_replace(used, "a-b", "x", "db", ".*")', 'cannot set a label named "a-b"'],
    ['label_replace(used, "a", "x", "db", "(")', 'is not a valid RE2 regular expression'],
    ['predict_linear(used[5m])', 'predict_linear wants 2 arguments, not 1'],
    ['{db="a"}', 'must name its metric before the braces'],
    ['{"used", db="a"}', 'must name its metric before the braces'],
    ['used{__name__="x"}', '__name__ is not supported'],
    ['sum by (__name__) (used)', '__name__ is not supported'],
    ['used + 010', 'expected a number'],
  ])('[B8] %s', (text, reason) => {
    expect(() => parseExpression(text)).toThrow(ExpressionError);
    expect(() => parseExpression(text)).toThrow(reason);
  });

  test('[B8] a quoted label is a label: it matches what it names and nothing else', () => {
    expect(evaluate(parseExpression('used{"db"="a"}'), data)).toEqual([at({ db: 'a' }, 8)]);
    expect(evaluate(parseExpression('used{"db"="x"}'), data)).toEqual([]);
  });

  test('[B8] regular expressions are RE2: a class of it works, and a storm of backtracking ends at once', () => {
    expect(evaluate(parseExpression('used{db=~"\\\\pL"}'), data)).toHaveLength(2);
    const text = `${'a'.repeat(200)}!`;
    const slow: Data = { ...data, instant: () => [at({ db: text }, 1)] };
    expect(evaluate(parseExpression('used{db=~"(a|aa|a*)*"}'), slow)).toEqual([]);
  });
});
