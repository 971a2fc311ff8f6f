import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import {
  AGGREGATIONS,
  type Aggregate,
  ARITHMETIC_OPERATORS,
  type Binary,
  COMPARISON_OPERATORS,
  type Expression,
  type Labeling,
  type Matcher,
  SET_OPERATORS,
  type Selector,
} from './expression.ts';
import { instead, SIGNATURES } from './functions.ts';
import { numberOf, seconds, unquoted } from './literals.ts';
import { anchored } from './regex.ts';
import { aggregateFault, binaryFault, callFault, typeOf } from './types.ts';

/** An expression that is no PromQL, or uses more of it than rules may; says what and where, and what to write instead. */
export class ExpressionError extends Error {
  constructor(text: string, at: number, reason: string) {
    super(`${reason} at "${text.slice(at, at + 20) || 'its end'}", character ${at + 1} of ${text}`);
    this.name = 'ExpressionError';
  }
}

/**
 * Parses an expression of PromQL by the grammar that Prometheus itself publishes, and checks what its own parser checks.
 * What is accepted means what it means there; what rules do not support is refused by name.
 *
 * @throws ExpressionError
 */
export function parseExpression(text: string): Expression {
  const known = parsed.get(text);
  if (known) return known;
  const expression = readExpression(text);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(text, expression);
  return expression;
}

/** Each loop, the delivery and the API make the same 100 rules: parsed once, a start takes less time and memory. */
const parsed = new Map<string, Expression>();
const MOST_PARSED = 1_000;

function readExpression(text: string): Expression {
  if (text.trim() === '') throw new ExpressionError(text, 0, 'is empty');
  const { topNode } = parser.parse(text);
  const cursor = topNode.cursor();
  do {
    if (cursor.type.isError) throw new ExpressionError(text, cursor.from, 'is not PromQL');
  } while (cursor.next());
  const top = children(topNode)[0];
  if (!top) throw new ExpressionError(text, 0, 'is empty');
  const reader = new Reader(text);
  const expression = reader.expression(top);
  const type = typeOf(expression);
  if (type === 'matrix') reader.refuse(top, 'a range needs a function, such as rate(…) or avg_over_time(…)');
  if (type === 'string') reader.refuse(top, 'a string is not a value of a rule');
  return expression;
}

/** Constructs of PromQL that a rule of pgmon does not have, and what to write instead. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  OffsetExpr: 'offset is not supported: compare with the past using delta(metric[1h]) or increase(metric[1h])',
  SubqueryExpr: 'a subquery is not supported: use a range of a metric, such as max_over_time(metric[1h])',
  StepInvariantExpr: '@ is not supported: a rule is evaluated at the time of its pass',
  AnchoredExpr: 'anchored is not supported: leave it out, or count from min_over_time(metric[1h])',
  SmoothedExpr: 'smoothed is not supported: leave it out',
};

class Reader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  expression(node: SyntaxNode): Expression {
    switch (node.name) {
      case 'ParenExpr':
        return this.expression(children(node)[0] ?? this.refuse(node, 'the parentheses are empty'));
      case 'NumberDurationLiteral':
        return { kind: 'number', value: this.#number(node) };
      case 'StringLiteral':
        return { kind: 'string', value: this.#string(node) };
      case 'UnaryExpr':
        return this.#unary(node);
      case 'VectorSelector':
        return this.#selector(node, undefined);
      case 'MatrixSelector':
        return this.#matrix(node);
      case 'AggregateExpr':
        return this.#aggregate(node);
      case 'FunctionCall':
        return this.#call(node);
      case 'BinaryExpr':
        return this.#binary(node);
      default:
        return this.refuse(node, UNSUPPORTED[node.name] ?? `${node.name} is not supported`);
    }
  }

  #unary(node: SyntaxNode): Expression {
    const [operator, operand] = children(node);
    const of = this.expression(operand ?? this.refuse(node, 'an operand is missing'));
    if (typeOf(of) !== 'vector' && typeOf(of) !== 'scalar') return this.refuse(node, 'a sign needs series or a number');
    return operator && this.#slice(operator) === '-' ? { kind: 'negate', of } : of;
  }

  #selector(node: SyntaxNode, range: number | undefined): Selector {
    const name = node.getChild('Identifier');
    const matchers = children(node.getChild('LabelMatchers'));
    if (!name || matchers.some(({ name }) => name === 'QuotedLabelName'))
      return this.refuse(node, 'a selector must name its metric before the braces, as in pg_up{…}');
    return { kind: 'selector', metric: this.#slice(name), matchers: matchers.map((one) => this.#matcher(one)), range };
  }

  #matcher(node: SyntaxNode): Matcher {
    const [name, operator, literal] = children(node);
    if (!name || !operator || !literal) return this.refuse(node, 'is no matcher');
    const label = this.#label(name);
    const text = this.#string(literal);
    switch (this.#slice(operator)) {
      case '=':
        return { label, matches: (value) => value === text, equals: text };
      case '!=':
        return { label, matches: (value) => value !== text };
      case '=~':
        return { label, matches: this.#pattern(literal, text) };
      case '!~': {
        const matches = this.#pattern(literal, text);
        return { label, matches: (value) => !matches(value) };
      }
      default:
        return this.refuse(operator, 'is not a matcher operator: use =, !=, =~ or !~');
    }
  }

  #pattern(node: SyntaxNode, text: string): (value: string) => boolean {
    try {
      const pattern = anchored(text);
      return (value) => pattern.testExact(value);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return this.refuse(node, `is not a valid RE2 regular expression (${why})`);
    }
  }

  #aggregate(node: SyntaxNode): Expression {
    const word = this.#slice(node.getChild('AggregateOp') ?? node).toLowerCase();
    const name = AGGREGATIONS.find((one) => one === word);
    if (!name) return this.refuse(node, `${word} is not supported: ${instead(word)}`);
    const args = this.#arguments(node);
    const takesParameter = name === 'topk' || name === 'bottomk' || name === 'quantile';
    const wanted = takesParameter ? 2 : 1;
    const of = args.at(-1);
    if (args.length !== wanted || !of) {
      return this.refuse(
        node,
        `${name} wants ${wanted} ${wanted === 1 ? 'argument' : 'arguments'}, not ${args.length}`,
      );
    }
    const modifier = node.getChild('AggregateModifier');
    const grouping = { only: !modifier?.getChild('Without'), labels: this.#labels(modifier) };
    const result: Aggregate = {
      kind: 'aggregate',
      name,
      parameter: takesParameter ? args[0] : undefined,
      grouping,
      of,
    };
    const fault = aggregateFault(result);
    return fault ? this.refuse(node, fault) : result;
  }

  #call(node: SyntaxNode): Expression {
    const name = this.#slice(node.getChild('FunctionIdentifier') ?? node);
    if (!SIGNATURES.has(name)) return this.refuse(node, `${name} is not supported: ${instead(name)}`);
    const call = { kind: 'call', name, args: this.#arguments(node) } as const;
    const fault = callFault(call);
    if (fault) return this.refuse(node, fault);
    if (name === 'label_replace') this.#checkReplace(node, call.args);
    return call;
  }

  #checkReplace(node: SyntaxNode, args: readonly Expression[]): void {
    const [destination = '', , , regex = ''] = args.slice(1).map((arg) => (arg.kind === 'string' ? arg.value : ''));
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(destination) || destination === '__name__')
      this.refuse(node, `label_replace cannot set a label named ${JSON.stringify(destination)}`);
    this.#pattern(node, regex);
  }

  #matrix(node: SyntaxNode): Selector {
    const [inner, length] = children(node);
    if (inner?.name !== 'VectorSelector') return this.refuse(node, UNSUPPORTED['SubqueryExpr'] ?? '');
    const range = length ? seconds(this.#slice(length)) : undefined;
    if (!range) return this.refuse(length ?? node, 'the range must be a duration such as 5m or 1h30m');
    return this.#selector(inner, range);
  }

  #binary(node: SyntaxNode): Expression {
    const parts = children(node);
    const [first, sign, last] = [parts[0], parts[1], parts.at(-1)];
    const symbol = sign ? this.#slice(sign).toLowerCase() : '';
    const operator = [...ARITHMETIC_OPERATORS, ...COMPARISON_OPERATORS, ...SET_OPERATORS].find((one) => one === symbol);
    if (!first || !last || !operator) return this.refuse(sign ?? node, `${symbol} is not supported between series`);
    const fill = node.getChild('FillModifier');
    if (fill) return this.refuse(fill, 'fill is not supported: write … or on (…) …');
    const match = node.getChild('MatchingModifierClause');
    // The grammar takes the sign of -2 ^ 2 with the 2; Prometheus, as mathematics does, with the power.
    const text = this.#slice(first);
    const signed = operator === '^' && first.name === 'NumberDurationLiteral' && /^[+-]/.test(text);
    const left: Expression = signed ? { kind: 'number', value: this.#number(first, 1) } : this.expression(first);
    const binary: Binary = {
      kind: 'binary',
      operator,
      left,
      right: this.expression(last),
      bool: node.getChild('BoolModifier') !== null,
      matching: this.#matching(match),
      many: this.#many(match),
    };
    const fault = binaryFault(binary, match !== null);
    if (fault) return this.refuse(node, fault);
    return signed && text.startsWith('-') ? { kind: 'negate', of: binary } : binary;
  }

  #matching(match: SyntaxNode | null): Labeling {
    return { only: match?.getChild('On') != null, labels: this.#labels(match) };
  }

  #many(match: SyntaxNode | null): Binary['many'] {
    const side = match?.getChild('GroupLeft') ? 'left' : match?.getChild('GroupRight') ? 'right' : undefined;
    if (!match || !side) return undefined;
    return { side, include: this.#labelsIn(match.getChildren('GroupingLabels')[1]) };
  }

  /** The labels of by, without, on or ignoring: those that stand first. */
  #labels(node: SyntaxNode | null): string[] {
    return this.#labelsIn(node?.getChild('GroupingLabels'));
  }

  #labelsIn(group: SyntaxNode | null | undefined): string[] {
    return children(group).map((label) => this.#label(label));
  }

  #label(node: SyntaxNode): string {
    const name = node.name === 'QuotedLabelName' ? this.#string(node) : this.#slice(node);
    if (name === '__name__') return this.refuse(node, '__name__ is not supported: name the metric, as in pg_up');
    return name;
  }

  #arguments(node: SyntaxNode): Expression[] {
    return children(node.getChild('FunctionCallBody')).map((arg) => this.expression(arg));
  }

  /** @param from characters to leave out ahead of it */
  #number(node: SyntaxNode, from = 0): number {
    const text = this.#slice(node).slice(from).replace(/\s/g, '');
    const value = numberOf(text.replace(/^[+-]/, '')) ?? this.refuse(node, 'expected a number');
    return text.startsWith('-') ? -value : value;
  }

  #string(node: SyntaxNode): string {
    return unquoted(this.#slice(node)) ?? this.refuse(node, 'is not a string: it has an unknown escape or no end');
  }

  #slice({ from, to }: SyntaxNode): string {
    return this.#text.slice(from, to);
  }

  refuse(node: SyntaxNode, reason: string): never {
    throw new ExpressionError(this.#text, node.from, reason);
  }
}

function children(node: SyntaxNode | null | undefined): SyntaxNode[] {
  const result: SyntaxNode[] = [];
  for (let child = node?.firstChild; child; child = child.nextSibling)
    if (child.name !== 'LineComment') result.push(child);
  return result;
}
