/** A label that a series must have, or must not; a label that it lacks is the empty text, as in Prometheus. */
export interface Matcher {
  readonly label: string;
  readonly matches: (value: string) => boolean;
  /** The one value that an `=` wants. */
  readonly equals?: string;
}

export interface Selector {
  readonly kind: 'selector';
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** Seconds of a range selector; undefined for the value now. */
  readonly range: number | undefined;
}

/** Which labels group an aggregation, or tell which series of two sides belong together. */
export interface Labeling {
  /** True: these labels alone (`by`, `on`). False: all but these (`without`, `ignoring`). */
  readonly only: boolean;
  readonly labels: readonly string[];
}

export const ARITHMETIC_OPERATORS = ['+', '-', '*', '/', '%', '^', 'atan2'] as const;
export const COMPARISON_OPERATORS = ['==', '!=', '>', '<', '>=', '<='] as const;
export const SET_OPERATORS = ['and', 'or', 'unless'] as const;
export type ArithmeticOperator = (typeof ARITHMETIC_OPERATORS)[number];
export type ComparisonOperator = (typeof COMPARISON_OPERATORS)[number];
export type SetOperator = (typeof SET_OPERATORS)[number];
export type Operator = ArithmeticOperator | ComparisonOperator | SetOperator;

export const AGGREGATIONS = [
  'sum',
  'min',
  'max',
  'avg',
  'count',
  'group',
  'stddev',
  'stdvar',
  'topk',
  'bottomk',
  'quantile',
] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

export interface Call {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
}

export interface Aggregate {
  readonly kind: 'aggregate';
  readonly name: Aggregation;
  /** `k` of topk and bottomk, φ of quantile. */
  readonly parameter: Expression | undefined;
  readonly grouping: Labeling;
  readonly of: Expression;
}

export interface Binary {
  readonly kind: 'binary';
  readonly operator: Operator;
  readonly left: Expression;
  readonly right: Expression;
  /** A comparison that gives 0 or 1 in place of leaving series out. */
  readonly bool: boolean;
  readonly matching: Labeling;
  /** The side with several series for one of the other, and the labels that it takes from there. */
  readonly many: { readonly side: 'left' | 'right'; readonly include: readonly string[] } | undefined;
}

/** The part of PromQL that rules are written in. */
export type Expression =
  | Selector
  | Call
  | Aggregate
  | Binary
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'negate'; readonly of: Expression };

/** What an expression gives. A matrix and a string are only arguments of functions. */
export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string';

/** All selectors of an expression. */
export function selectorsOf(expression: Expression): Selector[] {
  switch (expression.kind) {
    case 'selector':
      return [expression];
    case 'number':
    case 'string':
      return [];
    case 'negate':
      return selectorsOf(expression.of);
    case 'call':
      return expression.args.flatMap(selectorsOf);
    case 'aggregate':
      return [...(expression.parameter ? selectorsOf(expression.parameter) : []), ...selectorsOf(expression.of)];
    case 'binary':
      return [...selectorsOf(expression.left), ...selectorsOf(expression.right)];
  }
}
