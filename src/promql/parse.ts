import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { durationMs } from '../config/scalars.ts';
import {
  AGGREGATIONS,
  type Aggregation,
  type Expression,
  type Matcher,
  OPERATORS,
  type Operator,
  RANGE_FUNCTIONS,
  type RangeFunction,
  type Selector,
} from './expression.ts';

/** An expression that is no PromQL, or uses more of it than rules may; says what and where. */
export class ExpressionError extends Error {
  constructor(text: string, at: number, reason: string) {
    super(`${reason} at "${text.slice(at, at + 20) || 'its end'}", character ${at + 1} of ${text}`);
    this.name = 'ExpressionError';
  }
}

/**
 * Parses an expression of PromQL, by the grammar that Prometheus itself publishes.
 *
 * @throws ExpressionError
 */
export function parseExpression(text: string): Expression {
  if (text.trim() === '') throw new ExpressionError(text, 0, 'is empty');
  const { topNode } = parser.parse(text);
  const cursor = topNode.cursor();
  do {
    if (cursor.type.isError) throw new ExpressionError(text, cursor.from, 'is not PromQL');
  } while (cursor.next());
  return new Reader(text).expression(topNode.firstChild ?? topNode);
}

class Reader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  expression(node: SyntaxNode): Expression {
    switch (node.name) {
      case 'ParenExpr':
        return this.expression(this.#inner(node));
      case 'NumberDurationLiteral':
        return { kind: 'number', value: this.#number(node) };
      case 'UnaryExpr':
        return { kind: 'number', value: this.#number(node) };
      case 'VectorSelector':
        return this.#selector(node, undefined);
      case 'AggregateExpr':
        return this.#aggregate(node);
      case 'FunctionCall':
        return this.#call(node);
      case 'BinaryExpr':
        return this.#binary(node);
      default:
        return this.#refuse(node, `${node.name} has no place in a rule`);
    }
  }

  #selector(node: SyntaxNode, range: number | undefined): Selector {
    const name = node.getChild('Identifier') ?? this.#refuse(node, 'a metric has to be named');
    const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
    return { kind: 'selector', metric: this.#slice(name), matchers: matchers.map((one) => this.#matcher(one)), range };
  }

  #matcher(node: SyntaxNode): Matcher {
    const [label, operator, value] = [...children(node)].map((child) => this.#slice(child));
    const text = (value ?? '').slice(1, -1).replace(/\\(["'\\])/g, '$1');
    const pattern = operator?.includes('~') ? this.#pattern(node, text) : undefined;
    const equal = (given: string) => (pattern ? pattern.test(given) : given === text);
    return { label: label ?? '', matches: operator?.startsWith('!') ? (given) => !equal(given) : equal };
  }

  #pattern(node: SyntaxNode, text: string): RegExp {
    try {
      return new RegExp(`^(?:${text})$`);
    } catch {
      return this.#refuse(node, 'is no regular expression');
    }
  }

  #aggregate(node: SyntaxNode): Expression {
    const name = oneOf(AGGREGATIONS, this.#slice(node.getChild('AggregateOp') ?? node).toLowerCase());
    if (!name) return this.#refuse(node, `only ${AGGREGATIONS.join(', ')} aggregate`);
    const modifier = node.getChild('AggregateModifier');
    if (modifier && !modifier.getChild('By')) return this.#refuse(modifier, 'only by (…) groups');
    const of = this.expression(this.#arguments(node)[0] ?? this.#refuse(node, 'an argument is missing'));
    return { kind: 'aggregate', name: name satisfies Aggregation, by: this.#labels(modifier), of };
  }

  #call(node: SyntaxNode): Expression {
    const name = this.#slice(node.getChild('FunctionIdentifier') ?? node);
    const [first, second] = this.#arguments(node);
    if (!first) return this.#refuse(node, 'an argument is missing');
    if (name === 'abs') return { kind: 'abs', of: this.expression(first) };
    if (name === 'clamp_min') {
      if (!second) return this.#refuse(node, 'clamp_min wants a least value');
      return { kind: 'clamp_min', of: this.expression(first), least: this.#number(second) };
    }
    const known = oneOf(RANGE_FUNCTIONS, name);
    if (!known)
      return this.#refuse(node, `${name} is not known; ${[...RANGE_FUNCTIONS, 'abs', 'clamp_min'].join(', ')} are`);
    if (first.name !== 'MatrixSelector') return this.#refuse(first, `${name} wants a range such as [5m]`);
    if (known === 'predict_linear' && !second) return this.#refuse(node, 'predict_linear wants seconds to look ahead');
    return {
      kind: 'range',
      name: known satisfies RangeFunction,
      over: this.#matrix(first),
      ahead: second ? this.#number(second) : 0,
    };
  }

  #matrix(node: SyntaxNode): Selector {
    const inner = node.getChild('VectorSelector') ?? this.#refuse(node, 'a metric has to be named');
    const length = node.getChild('DurationExpr');
    const ms = length ? durationMs(this.#slice(length)) : undefined;
    if (!ms) return this.#refuse(node, 'the range must be a length of time such as 5m');
    return this.#selector(inner, ms / 1_000);
  }

  #binary(node: SyntaxNode): Expression {
    const parts = [...children(node)];
    const [left, right] = [parts[0], parts.at(-1)];
    const symbol = parts[1] ? this.#slice(parts[1]).toLowerCase() : '';
    const operator = oneOf(OPERATORS, symbol);
    if (!left || !right || !operator) return this.#refuse(node, `${symbol || 'this'} is no operator of rules`);
    const match = node.getChild('MatchingModifierClause');
    if (match && !match.getChild('On')) return this.#refuse(match, 'only on (…) matches');
    if (node.getChild('BoolModifier')) return this.#refuse(node, 'bool has no place in a rule');
    return {
      kind: 'binary',
      operator: operator satisfies Operator,
      left: this.expression(left),
      right: this.expression(right),
      on: match ? this.#labels(match) : undefined,
    };
  }

  #labels(node: SyntaxNode | null): string[] {
    const group = node?.getChild('GroupingLabels');
    return (group?.getChildren('LabelName') ?? []).map((label) => this.#slice(label));
  }

  #arguments(node: SyntaxNode): SyntaxNode[] {
    const body = node.getChild('FunctionCallBody');
    return body ? [...children(body)] : [];
  }

  #inner(node: SyntaxNode): SyntaxNode {
    return node.firstChild ?? this.#refuse(node, 'nothing is in the parentheses');
  }

  #number(node: SyntaxNode): number {
    const value = Number(this.#slice(node));
    return Number.isFinite(value) ? value : this.#refuse(node, 'a number is wanted');
  }

  #slice({ from, to }: SyntaxNode): string {
    return this.#text.slice(from, to);
  }

  #refuse(node: SyntaxNode, reason: string): never {
    throw new ExpressionError(this.#text, node.from, reason);
  }
}

function* children(node: SyntaxNode): Iterable<SyntaxNode> {
  for (let child = node.firstChild; child; child = child.nextSibling) yield child;
}

function oneOf<T extends string>(list: readonly T[], text: string): T | undefined {
  return list.find((entry) => entry === text);
}
