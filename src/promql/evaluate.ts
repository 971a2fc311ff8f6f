import { aggregated } from './aggregate.ts';
import { combined } from './binary.ts';
import type { Call, Expression, Selector } from './expression.ts';
import { VALUE_FUNCTIONS } from './functions.ts';
import { relabeled } from './label-replace.ts';
import { RANGE_FUNCTIONS } from './range-functions.ts';
import type { Series, Value, Vector } from './value.ts';

/** What an expression reads. */
export interface Data {
  /** Epoch seconds at which it is evaluated. */
  readonly at: number;
  readonly instant: (metric: string) => Vector;
  /** Points of (at - seconds, at]: as in Prometheus since 3.0, one exactly at the beginning is not of the range. */
  readonly range: (metric: string, seconds: number) => readonly Series[];
}

/**
 * What a rule finds: the samples of its expression's result, a scalar as one without labels. A value that is not finite
 * (a division by zero) is no sample.
 *
 * @throws EvaluationError where the expression has no result for these series
 */
export function resultOf(expression: Expression, data: Data): Vector {
  const value = evaluate(expression, data);
  const samples = typeof value === 'number' ? [{ labels: {}, value }] : value;
  return samples.filter((sample) => Number.isFinite(sample.value));
}

/**
 * Evaluates an expression with Prometheus' meaning of each of its parts, infinite values and NaN included.
 *
 * @throws EvaluationError where Prometheus fails, too
 */
export function evaluate(expression: Expression, data: Data): Value {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'string':
      return Number.NaN;
    case 'selector':
      return data.instant(expression.metric).filter(({ labels }) => selected(expression, labels));
    case 'negate':
      return mapped(evaluate(expression.of, data), (value) => -value);
    case 'call':
      return called(expression, data);
    case 'aggregate': {
      const parameter = expression.parameter ? scalar(expression.parameter, data) : Number.NaN;
      return aggregated(expression.name, expression.grouping, vector(expression.of, data), parameter);
    }
    case 'binary':
      return combined(expression, evaluate(expression.left, data), evaluate(expression.right, data));
  }
}

/** An argument that the parser has found to be a vector. */
function vector(expression: Expression | undefined, data: Data): Vector {
  const value = expression ? evaluate(expression, data) : [];
  return typeof value === 'number' ? [] : value;
}

function scalar(expression: Expression | undefined, data: Data): number {
  const value = expression ? evaluate(expression, data) : Number.NaN;
  return typeof value === 'number' ? value : Number.NaN;
}

function selected({ matchers }: Selector, labels: Series['labels']): boolean {
  return matchers.every(({ label, matches }) => matches(labels[label] ?? ''));
}

function mapped(value: Value, change: (value: number) => number): Value {
  if (typeof value === 'number') return change(value);
  return value.map((sample) => ({ labels: sample.labels, value: change(sample.value) }));
}

function called(call: Call, data: Data): Value {
  const { name, args } = call;
  const overValues = VALUE_FUNCTIONS[name];
  if (overValues) {
    const scalars = args.slice(1).map((arg) => scalar(arg, data));
    // As Prometheus: no value lies between a least that is over the most.
    if (name === 'clamp' && (scalars[0] ?? 0) > (scalars[1] ?? 0)) return [];
    return mapped(vector(args[0], data), (value) => overValues(value, ...scalars));
  }
  switch (name) {
    case 'time':
      return data.at;
    case 'vector':
      return [{ labels: {}, value: scalar(args[0], data) }];
    case 'scalar': {
      const [only, ...others] = vector(args[0], data);
      return only && others.length === 0 ? only.value : Number.NaN;
    }
    case 'absent':
      return vector(args[0], data).length > 0 ? [] : [{ labels: absentLabels(args[0]), value: 1 }];
    case 'label_replace':
      return relabeled(
        vector(args[0], data),
        args.slice(1).map((arg) => (arg.kind === 'string' ? arg.value : '')),
      );
    default:
      return ranged(call, data);
  }
}

function ranged({ name, args }: Call, data: Data): Vector {
  const over = args.find((arg) => arg.kind === 'selector');
  const apply = RANGE_FUNCTIONS[name];
  if (!over || !apply) return [];
  const seconds = over.range ?? 0;
  const parameter = scalar(
    args.find((arg) => arg !== over),
    data,
  );
  const series = data.range(over.metric, seconds).filter(({ labels }) => selected(over, labels));
  return series.flatMap(({ labels, points }) => {
    const value = points.length === 0 ? undefined : apply({ points, seconds, at: data.at, parameter });
    return value === undefined ? [] : [{ labels, value }];
  });
}

/** absent() has the labels that its selector names once, with `=`. */
function absentLabels(expression: Expression | undefined): Series['labels'] {
  if (expression?.kind !== 'selector') return {};
  const named = Map.groupBy(expression.matchers, ({ label }) => label);
  return Object.fromEntries(
    [...named].flatMap(([label, [one, ...others]]) =>
      one?.equals !== undefined && one.equals !== '' && others.length === 0 ? [[label, one.equals]] : [],
    ),
  );
}
