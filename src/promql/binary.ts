import type { Labels } from '../metrics/sample.ts';
import type { ArithmeticOperator, Binary, ComparisonOperator, SetOperator } from './expression.ts';
import { EvaluationError, labeled, labelsKey, type Value, type Vector, type VectorSample } from './value.ts';

const ARITHMETIC: Readonly<Record<ArithmeticOperator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  // JavaScript makes NaN of 1 ^ NaN and of 1 ^ Inf; Go, and so Prometheus, 1.
  '^': (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b),
  atan2: Math.atan2,
};
const COMPARISON: Readonly<Record<ComparisonOperator, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b,
  '<': (a, b) => a < b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};

export function isComparison(operator: string): operator is ComparisonOperator {
  return Object.hasOwn(COMPARISON, operator);
}

export function isSetOperator(operator: string): operator is SetOperator {
  return operator === 'and' || operator === 'or' || operator === 'unless';
}

/**
 * Two sides of an operator, as Prometheus combines them.
 *
 * @throws EvaluationError where series of both sides do not belong together one to one, or as group_left and
 *   group_right say
 */
export function combined(binary: Binary, left: Value, right: Value): Value {
  const { operator } = binary;
  if (typeof left === 'number' && typeof right === 'number') return calculated(binary, left, right) ?? Number.NaN;
  if (typeof right === 'number') return kept(left as Vector, ({ value }) => calculated(binary, value, right));
  if (typeof left === 'number') {
    return kept(right, ({ value }) => {
      const result = calculated(binary, left, value);
      // A comparison keeps the vector's own value, on whichever side it stands.
      return result !== undefined && isComparison(operator) && !binary.bool ? value : result;
    });
  }
  return isSetOperator(operator) ? set(operator, binary, left, right) : matched(binary, left, right);
}

/** Undefined where a comparison leaves the sample out. */
function calculated({ operator, bool }: Binary, a: number, b: number): number | undefined {
  if (!isComparison(operator)) return ARITHMETIC[operator as ArithmeticOperator](a, b);
  const holds = COMPARISON[operator](a, b);
  if (bool) return holds ? 1 : 0;
  return holds ? a : undefined;
}

function kept(vector: Vector, change: (sample: VectorSample) => number | undefined): Vector {
  return vector.flatMap((sample) => {
    const value = change(sample);
    return value === undefined ? [] : [{ labels: sample.labels, value }];
  });
}

function set(operator: SetOperator, { matching }: Binary, left: Vector, right: Vector): Vector {
  const key = ({ labels }: VectorSample) => labelsKey(labeled(labels, matching));
  const there = new Set((operator === 'or' ? left : right).map(key));
  if (operator === 'or') return [...left, ...right.filter((sample) => !there.has(key(sample)))];
  return left.filter((sample) => there.has(key(sample)) === (operator === 'and'));
}

function matched(binary: Binary, left: Vector, right: Vector): Vector {
  if (left.length === 0 || right.length === 0) return [];
  const { matching, many } = binary;
  const swap = many?.side === 'right';
  const [manySide, oneSide] = swap ? [right, left] : [left, right];
  const key = ({ labels }: VectorSample) => labelsKey(labeled(labels, matching));
  const ones = new Map<string, VectorSample>();
  for (const sample of oneSide) {
    if (ones.has(key(sample))) throw notUnique(binary, swap ? 'left' : 'right', sample.labels);
    ones.set(key(sample), sample);
  }
  const results = new Map<string, VectorSample>();
  for (const sample of manySide) {
    const one = ones.get(key(sample));
    if (!one) continue;
    const value = swap ? calculated(binary, one.value, sample.value) : calculated(binary, sample.value, one.value);
    if (value === undefined) continue;
    const labels = many ? taken(sample.labels, one.labels, many.include) : labeled(sample.labels, matching);
    const id = many ? labelsKey(labels) : key(sample);
    if (results.has(id)) {
      throw new EvaluationError(
        many
          ? `several results have the labels ${text(labels)}: distinguish them with group_${many.side}`
          : `several series on the left match one on the right, ${text(labels)}: write group_left, or sum them first`,
      );
    }
    results.set(id, { labels, value });
  }
  return [...results.values()];
}

/** The labels of the side with many, with those that are taken from the other: what it lacks is taken away. */
function taken(labels: Labels, one: Labels, include: readonly string[]): Labels {
  const result: Record<string, string> = { ...labels };
  for (const name of include) {
    if (one[name]) result[name] = one[name];
    else delete result[name];
  }
  return result;
}

function notUnique({ matching, operator }: Binary, side: string, labels: Labels): EvaluationError {
  const group = text(labeled(labels, matching));
  return new EvaluationError(
    `several series on the ${side} of ${operator} have the labels ${group}: many-to-many matching is not allowed; sum them first`,
  );
}

function text(labels: Labels): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(', ')}}`;
}
