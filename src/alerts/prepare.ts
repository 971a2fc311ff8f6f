import { LOOPS, type Loop } from '../config/loop.ts';
import type { Metric } from '../metrics/metric.ts';
import { type Expression, selectorsOf } from '../promql/expression.ts';
import { type Lookback, lookbacksOf } from '../promql/lookback.ts';
import { ExpressionError, parseExpression } from '../promql/parse.ts';
import type { ReadyRule, Rule } from './rule.ts';

/** A rule whose expression is parsed and whose loop is known. */
export interface PreparedRule extends ReadyRule {
  readonly parsed: Expression;
  /** The ranges that it looks back at. */
  readonly lookbacks: readonly Lookback[];
  readonly metrics: readonly string[];
  /** Parsed expressions of the figures in its message, by name. */
  readonly parsedFigures: ReadonlyMap<string, Expression>;
}

/** Something wrong with a rule: which one, and why. */
export interface RuleFault {
  readonly rule: string;
  readonly reason: string;
}

/**
 * The longest range in seconds of which a loop's rules keep every pass, for functions that need it: at the usual paces
 * 240 to 340 points a series.
 */
const LONGEST_WHOLE_RANGE: Readonly<Record<Loop, number>> = {
  hot: 3_600,
  workload: 4 * 3_600,
  storage: 2 * 86_400,
  hourly: 14 * 86_400,
};

/**
 * Makes a rule ready, or says why it cannot run: an expression that does not parse, a metric that nobody collects,
 * metrics of several loops, which are never there at the same time, a range that is not kept whole, or a rule without a
 * threshold.
 */
export function prepareRule(
  rule: Rule,
  origin: ReadyRule['origin'],
  catalog: ReadonlyMap<string, Metric>,
): PreparedRule | RuleFault {
  const fault = (reason: string): RuleFault => ({ rule: rule.id, reason });
  try {
    const parsed = parseExpression(rule.expression);
    const selectors = selectorsOf(parsed);
    const metrics = [...new Set(selectors.map(({ metric }) => metric))];
    const parsedFigures = new Map(
      Object.entries(rule.figures ?? {}).map(([name, { expression }]) => [name, parseExpression(expression)]),
    );
    const ofFigures = [...parsedFigures.values()].flatMap(selectorsOf).map(({ metric }) => metric);
    const named = [...new Set([...metrics, ...ofFigures])];
    const unknown = named.filter((metric) => !catalog.has(metric));
    if (unknown.length > 0) return fault(`unknown metric ${unknown.join(', ')}; docs/metrics.md lists all`);
    if (metrics.length === 0) return fault('its expression names no metric');
    const loops = LOOPS.filter((one) => named.some((metric) => catalog.get(metric)?.loop === one));
    if (loops.length > 1) return fault(`its metrics are of several loops (${loops.join(', ')}): use those of one`);
    if (Object.keys(rule.thresholds).length === 0 && !rule.baseline) return fault('it has no threshold');
    const lookbacks = lookbacksOf(parsed);
    const longest = LONGEST_WHOLE_RANGE[loops[0] ?? 'hot'];
    const long = lookbacks.find(({ everyPoint, seconds }) => everyPoint && seconds > longest);
    if (long) {
      const most = longest % 86_400 === 0 ? `${longest / 86_400}d` : `${longest / 3_600}h`;
      return fault(
        `${long.metric} is stored pass by pass for ${most}: use a range of at most ${most}, or rate, increase or delta`,
      );
    }
    return { ...rule, origin, loop: loops[0] ?? 'every', parsed, parsedFigures, lookbacks, metrics };
  } catch (error) {
    if (error instanceof ExpressionError) return fault(error.message);
    throw error;
  }
}

export function isFault(rule: object): rule is RuleFault {
  return 'reason' in rule;
}
