import type { Aggregation, Labeling } from './expression.ts';
import { ascending, greatest, least, mean, quantile, total, variance } from './math.ts';
import { labeled, labelsKey, type Vector, type VectorSample } from './value.ts';

const FOLDS: Readonly<
  Record<Exclude<Aggregation, 'topk' | 'bottomk'>, (values: readonly number[], parameter: number) => number>
> = {
  sum: total,
  avg: mean,
  count: (values) => values.length,
  group: () => 1,
  min: least,
  max: greatest,
  stdvar: variance,
  stddev: (values) => Math.sqrt(variance(values)),
  quantile: (values, share) => quantile(share, values),
};

/**
 * One sample for each group, or with topk and bottomk the first of each group, with all their labels.
 *
 * @param parameter k of topk and bottomk, φ of quantile
 */
export function aggregated(name: Aggregation, grouping: Labeling, vector: Vector, parameter: number): Vector {
  const groups = Map.groupBy(vector, ({ labels }) => labelsKey(labeled(labels, grouping)));
  return [...groups.values()].flatMap((group) => {
    if (name === 'topk' || name === 'bottomk') return first(name, group, parameter);
    const values = group.map(({ value }) => value);
    return [{ labels: labeled(group[0]?.labels ?? {}, grouping), value: FOLDS[name](values, parameter) }];
  });
}

/** NaN comes last in both; of equal values those that stood first. */
function first(name: 'topk' | 'bottomk', group: readonly VectorSample[], k: number): readonly VectorSample[] {
  if (!(k >= 1)) return [];
  const direction = name === 'topk' ? -1 : 1;
  const order = (a: number, b: number) => {
    if (Number.isNaN(a) || Number.isNaN(b)) return -ascending(a, b);
    return direction * ascending(a, b);
  };
  return group.toSorted((a, b) => order(a.value, b.value)).slice(0, Math.floor(k));
}
