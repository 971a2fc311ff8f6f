/** Labels that a series must have, or must not. */
export interface Matcher {
  readonly label: string;
  readonly matches: (value: string) => boolean;
}

export interface Selector {
  readonly kind: 'selector';
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** Seconds of a range selector; undefined for the value now. */
  readonly range: number | undefined;
}

export const AGGREGATIONS = ['sum', 'min', 'max', 'avg', 'count'] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** Functions of a range of points, and what each gives for one series. */
export const RANGE_FUNCTIONS = [
  'rate',
  'increase',
  'delta',
  'avg_over_time',
  'max_over_time',
  'min_over_time',
  'predict_linear',
] as const;
export type RangeFunction = (typeof RANGE_FUNCTIONS)[number];

export const OPERATORS = ['+', '-', '*', '/', '>', '<', '>=', '<=', '==', '!=', 'and', 'or', 'unless'] as const;
export type Operator = (typeof OPERATORS)[number];

/** The part of PromQL that rules are written in. */
export type Expression =
  | Selector
  | { readonly kind: 'number'; readonly value: number }
  | {
      readonly kind: 'range';
      readonly name: RangeFunction;
      readonly over: Selector;
      /** The second argument of predict_linear, in seconds. */
      readonly ahead: number;
    }
  | { readonly kind: 'abs'; readonly of: Expression }
  | { readonly kind: 'clamp_min'; readonly of: Expression; readonly least: number }
  | {
      readonly kind: 'aggregate';
      readonly name: Aggregation;
      readonly by: readonly string[];
      readonly of: Expression;
    }
  | {
      readonly kind: 'binary';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
      /** Labels that must be equal; undefined for all of them. */
      readonly on: readonly string[] | undefined;
    };

/** All selectors of an expression. */
export function selectorsOf(expression: Expression): Selector[] {
  switch (expression.kind) {
    case 'selector':
      return [expression];
    case 'number':
      return [];
    case 'range':
      return [expression.over];
    case 'binary':
      return [...selectorsOf(expression.left), ...selectorsOf(expression.right)];
    default:
      return selectorsOf(expression.of);
  }
}
