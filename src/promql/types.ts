import { isComparison, isSetOperator } from './binary.ts';
import type { Aggregate, Binary, Call, Expression, ValueType } from './expression.ts';
import { SIGNATURES } from './functions.ts';

/** What an expression gives. */
export function typeOf(expression: Expression): ValueType {
  switch (expression.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
      return expression.range === undefined ? 'vector' : 'matrix';
    case 'negate':
      return typeOf(expression.of);
    case 'call':
      return SIGNATURES.get(expression.name)?.gives ?? 'vector';
    case 'aggregate':
      return 'vector';
    case 'binary':
      return typeOf(expression.left) === 'scalar' && typeOf(expression.right) === 'scalar' ? 'scalar' : 'vector';
  }
}

const NAMES: Readonly<Record<ValueType, string>> = {
  scalar: 'a number',
  vector: 'series',
  matrix: 'a range such as [5m]',
  string: 'a text',
};

/** Why a call does not fit its function, as Prometheus refuses it; undefined where it does. */
export function callFault({ name, args }: Call): string | undefined {
  const signature = SIGNATURES.get(name);
  if (!signature) return undefined;
  const { takes, least } = signature;
  if (args.length < least || args.length > takes.length) {
    const most = takes.length === least ? '' : ` to ${takes.length}`;
    return `${name} wants ${least}${most} ${takes.length === 1 ? 'argument' : 'arguments'}, not ${args.length}`;
  }
  for (const [i, arg] of args.entries()) {
    const wanted = takes[i];
    if (wanted && typeOf(arg) !== wanted) return `${name} wants ${NAMES[wanted]}, not ${NAMES[typeOf(arg)]}`;
  }
  return undefined;
}

export function aggregateFault({ name, parameter, of }: Aggregate): string | undefined {
  if (typeOf(of) !== 'vector') return `${name} wants series, not ${NAMES[typeOf(of)]}`;
  if (parameter && typeOf(parameter) !== 'scalar')
    return `${name} wants a number first, not ${NAMES[typeOf(parameter)]}`;
  return undefined;
}

/** @param matched whether on, ignoring or a group modifier stands there */
export function binaryFault(
  { operator, left, right, bool, matching, many }: Binary,
  matched: boolean,
): string | undefined {
  const sides = [typeOf(left), typeOf(right)];
  const other = sides.find((type) => type !== 'scalar' && type !== 'vector');
  if (other) return `${operator} wants series or numbers, not ${NAMES[other]}`;
  const scalars = sides.filter((type) => type === 'scalar').length;
  if (isSetOperator(operator)) {
    if (scalars > 0)
      return `${operator} wants series on both sides, not a number: compare with > or <, or write vector(…)`;
    if (many) return `group_${many.side} does not work with ${operator}, which takes no values from its other side`;
  }
  if (bool && !isComparison(operator)) return `bool works with comparisons, not with ${operator}`;
  if (isComparison(operator) && scalars === 2 && !bool) return `${operator} between two numbers needs bool`;
  if (matched && scalars > 0) return 'on, ignoring and group modifiers work only between series';
  const both = many?.include.find((label) => matching.only && matching.labels.includes(label));
  if (both !== undefined) return `${both} is in on and in group_${many?.side}: name it once`;
  return undefined;
}
