import type { Labels, Sample } from '../metrics/sample.ts';
import { type Data, resultOf } from '../promql/evaluate.ts';
import { EvaluationError, type Vector, without } from '../promql/value.ts';
import type { PreparedRule, RuleFault } from './prepare.ts';
import { byMetricOf, rangeOf, WINDOW_SERIES, type Window } from './window.ts';

/** Share of a range that must have been seen before anything is said of it: 20 s are no hour. */
const SEEN = 0.5;

/**
 * What rules read in a pass: its samples and the recent past, with the label `cluster`, which an expression may use like
 * any other although pgmon keeps each target's samples without it.
 *
 * @param at epoch seconds
 * @param intervalSeconds between two passes: for so long a point stands
 */
export function ruleData(
  cluster: string,
  samples: readonly Sample[],
  window: Window,
  at: number,
  intervalSeconds: number,
): Data {
  const byMetric = Map.groupBy(samples, ({ metric }) => metric);
  const past = byMetricOf(window);
  const placed = (labels: Labels): Labels => ({ cluster, ...labels });
  return {
    at,
    instant: (metric) => (byMetric.get(metric) ?? []).map(({ labels, value }) => ({ labels: placed(labels), value })),
    range: (metric, seconds) =>
      rangeOf(past.get(metric) ?? [], seconds, at)
        .filter(({ points: [first] }) => first !== undefined && at - first[0] + intervalSeconds >= seconds * SEEN)
        .map(({ labels, points }) => ({ labels: placed(labels), points })),
  };
}

/**
 * What the rule finds, without the label `cluster`, which the alert has apart; a fault where its expression has no result
 * for these series.
 */
export function evaluated(rule: PreparedRule, data: Data): Vector | RuleFault {
  try {
    return resultOf(rule.parsed, data).map(({ labels, value }) => ({ labels: without(labels, ['cluster']), value }));
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { rule: rule.id, reason: error.message };
  }
}

/** What the figures of a rule's message are for an alert of these labels. */
export function figuresOf(rule: PreparedRule, data: Data, labels: Labels): ReadonlyMap<string, number> {
  return new Map(
    [...rule.parsedFigures].flatMap(([name, expression]): [string, number][] => {
      const found = resultOf(expression, data);
      const own = found.find((one) => Object.entries(labels).every(([label, value]) => one.labels[label] === value));
      const single = found.length === 1 && Object.keys(without(found[0]?.labels ?? {}, ['cluster'])).length === 0;
      const sample = own ?? (single ? found[0] : undefined);
      return sample ? [[name, sample.value]] : [];
    }),
  );
}

/** Rules that look back at a metric with more series than are kept, and see the largest ones alone. */
export function cutFaults(rules: readonly PreparedRule[], samples: readonly Sample[]): RuleFault[] {
  const counts = new Map<string, number>();
  for (const { metric } of samples) counts.set(metric, (counts.get(metric) ?? 0) + 1);
  return rules.flatMap(({ id, lookbacks }) =>
    [...new Set(lookbacks.map(({ metric }) => metric))].flatMap((metric) => {
      const count = counts.get(metric) ?? 0;
      const reason = `${metric} has ${count} series; over a range, only the ${WINDOW_SERIES} largest are evaluated`;
      return count > WINDOW_SERIES ? [{ rule: id, reason }] : [];
    }),
  );
}
