import type { Expression } from './expression.ts';
import { NEEDS_EVERY_POINT } from './range-functions.ts';

/** How far an expression looks back at a metric. */
export interface Lookback {
  readonly metric: string;
  readonly seconds: number;
  /** Whether its function tells something else of a range with points left out: an average, a count, a greatest value. */
  readonly everyPoint: boolean;
}

/** All ranges of an expression. */
export function lookbacksOf(expression: Expression): Lookback[] {
  switch (expression.kind) {
    case 'call':
      return expression.args.flatMap((arg) =>
        arg.kind === 'selector' && arg.range !== undefined
          ? [{ metric: arg.metric, seconds: arg.range, everyPoint: NEEDS_EVERY_POINT.has(expression.name) }]
          : lookbacksOf(arg),
      );
    case 'negate':
      return lookbacksOf(expression.of);
    case 'aggregate':
      return [...(expression.parameter ? lookbacksOf(expression.parameter) : []), ...lookbacksOf(expression.of)];
    case 'binary':
      return [...lookbacksOf(expression.left), ...lookbacksOf(expression.right)];
    default:
      return [];
  }
}
