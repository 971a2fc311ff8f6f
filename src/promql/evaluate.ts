import { type Labels, seriesKey } from '../metrics/sample.ts';
import type { Expression, Operator, RangeFunction, Selector } from './expression.ts';

/** One value of a vector; metric names are dropped, as in PromQL. */
export interface VectorSample {
  readonly labels: Labels;
  readonly value: number;
}

/** A series over time, oldest first, times in epoch seconds. */
export interface Series {
  readonly labels: Labels;
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** What an expression reads. */
export interface Data {
  readonly instant: (metric: string) => readonly VectorSample[];
  readonly range: (metric: string, seconds: number) => readonly Series[];
}

export type Value = number | readonly VectorSample[];

/** Evaluates an expression with PromQL's meaning of each of its parts. */
export function evaluate(expression: Expression, data: Data): Value {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'selector':
      return data.instant(expression.metric).filter(({ labels }) => selected(expression, labels));
    case 'range':
      return data
        .range(expression.over.metric, expression.over.range ?? 0)
        .filter(({ labels }) => selected(expression.over, labels))
        .flatMap(({ labels, points }) => {
          const value = overTime(expression.name, points, expression.ahead);
          return value === undefined ? [] : [{ labels, value }];
        });
    case 'abs':
      return mapped(evaluate(expression.of, data), Math.abs);
    case 'clamp_min':
      return mapped(evaluate(expression.of, data), (value) => Math.max(value, expression.least));
    case 'aggregate':
      return aggregated(expression.name, expression.by, evaluate(expression.of, data));
    case 'binary': {
      const [left, right] = [evaluate(expression.left, data), evaluate(expression.right, data)];
      return combined(expression.operator, left, right, expression.on);
    }
  }
}

function selected({ matchers }: Selector, labels: Labels): boolean {
  return matchers.every(({ label, matches }) => matches(labels[label] ?? ''));
}

function mapped(value: Value, change: (value: number) => number): Value {
  if (typeof value === 'number') return change(value);
  return value.map((element) => ({ ...element, value: change(element.value) }));
}

function aggregated(name: string, by: readonly string[], value: Value): Value {
  if (typeof value === 'number') return value;
  const groups = Map.groupBy(value, ({ labels }) => seriesKey('', picked(labels, by)));
  return [...groups.values()].map((group) => {
    const values = group.map((element) => element.value);
    const sum = values.reduce((a, b) => a + b, 0);
    const results: Readonly<Record<string, number>> = {
      sum,
      avg: sum / values.length,
      count: values.length,
      min: Math.min(...values),
      max: Math.max(...values),
    };
    return { labels: picked(group[0]?.labels ?? {}, by), value: results[name] ?? Number.NaN };
  });
}

function picked(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(names.flatMap((name) => (labels[name] === undefined ? [] : [[name, labels[name]]])));
}

const ARITHMETIC: Readonly<Partial<Record<Operator, (a: number, b: number) => number>>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};
const COMPARISON: Readonly<Partial<Record<Operator, (a: number, b: number) => boolean>>> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

function combined(operator: Operator, left: Value, right: Value, on: readonly string[] | undefined): Value {
  const matched = (labels: Labels) => seriesKey('', on ? picked(labels, on) : labels);
  if (operator === 'and' || operator === 'unless' || operator === 'or') {
    const [a, b] = [vector(left), vector(right)];
    const there = new Set(b.map(({ labels }) => matched(labels)));
    if (operator === 'and') return a.filter(({ labels }) => there.has(matched(labels)));
    if (operator === 'unless') return a.filter(({ labels }) => !there.has(matched(labels)));
    const have = new Set(a.map(({ labels }) => matched(labels)));
    return [...a, ...b.filter(({ labels }) => !have.has(matched(labels)))];
  }
  const [arithmetic, comparison] = [ARITHMETIC[operator], COMPARISON[operator]];
  const apply = (a: number, b: number): number | undefined => {
    // 0/0 says nothing: the element is left out where PromQL would carry a NaN that compares with nothing.
    const result = arithmetic ? arithmetic(a, b) : comparison?.(a, b) ? a : undefined;
    return result === undefined || Number.isNaN(result) ? undefined : result;
  };
  if (typeof left === 'number' && typeof right === 'number') return apply(left, right) ?? [];
  if (typeof right === 'number') return kept(vector(left), ({ value }) => apply(value, right));
  if (typeof left === 'number') {
    // A comparison keeps the vector's own value, on whichever side it stands.
    return kept(right, ({ value }) => {
      if (!comparison) return apply(left, value);
      return comparison(left, value) ? value : undefined;
    });
  }
  const others = new Map(right.map((element) => [matched(element.labels), element.value]));
  return kept(left, ({ labels, value }) => {
    const other = others.get(matched(labels));
    return other === undefined ? undefined : apply(value, other);
  });
}

function vector(value: Value): readonly VectorSample[] {
  return typeof value === 'number' ? [{ labels: {}, value }] : value;
}

function kept(
  elements: readonly VectorSample[],
  change: (element: VectorSample) => number | undefined,
): VectorSample[] {
  return elements.flatMap((element) => {
    const value = change(element);
    return value === undefined ? [] : [{ labels: element.labels, value }];
  });
}

/** What a range function gives for one series; nothing from fewer than two points, where it takes two. */
function overTime(name: RangeFunction, points: Series['points'], ahead: number): number | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return undefined;
  const values = points.map(([, value]) => value);
  switch (name) {
    case 'avg_over_time':
      return values.reduce((a, b) => a + b, 0) / values.length;
    case 'max_over_time':
      return Math.max(...values);
    case 'min_over_time':
      return Math.min(...values);
    default:
  }
  const seconds = last[0] - first[0];
  if (seconds <= 0) return undefined;
  if (name === 'delta') return last[1] - first[1];
  if (name === 'predict_linear') return predicted(points, last[0] + ahead);
  const increase = grown(values);
  return name === 'increase' ? increase : increase / seconds;
}

/** Growth of a counter; where it went back it began anew from 0. */
function grown(values: readonly number[]): number {
  let sum = 0;
  values.forEach((value, i) => {
    const before = values[i - 1];
    if (before !== undefined) sum += value >= before ? value - before : value;
  });
  return sum;
}

/** Where the straight line through the points (least squares) is at a time. */
function predicted(points: Series['points'], at: number): number {
  const count = points.length;
  const origin = points[0]?.[0] ?? 0;
  const meanTime = points.reduce((sum, [time]) => sum + (time - origin), 0) / count;
  const meanValue = points.reduce((sum, [, value]) => sum + value, 0) / count;
  let [covariance, variance] = [0, 0];
  for (const [time, value] of points) {
    covariance += (time - origin - meanTime) * (value - meanValue);
    variance += (time - origin - meanTime) ** 2;
  }
  return meanValue + (covariance / variance) * (at - origin - meanTime);
}
