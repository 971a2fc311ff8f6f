import type { ValueType } from './expression.ts';
import { RANGE_FUNCTIONS } from './range-functions.ts';

/** What a function takes and gives; arguments from `least` on may be left out. */
export interface Signature {
  readonly takes: readonly ValueType[];
  readonly least: number;
  readonly gives: 'scalar' | 'vector';
}

/** Functions of each value of a vector, with scalar arguments behind it. */
export const VALUE_FUNCTIONS: Readonly<Record<string, (value: number, ...scalars: readonly number[]) => number>> = {
  abs: Math.abs,
  ceil: Math.ceil,
  floor: Math.floor,
  exp: Math.exp,
  ln: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  sqrt: Math.sqrt,
  sgn: Math.sign,
  round: (value, nearest = 1) => Math.floor(value * (1 / nearest) + 0.5) / (1 / nearest),
  clamp_min: (value, low = 0) => Math.max(low, value),
  clamp_max: (value, high = 0) => Math.min(high, value),
  clamp: (value, low = 0, high = 0) => Math.max(low, Math.min(high, value)),
};

const SCALARS: Readonly<Record<string, { readonly count: number; readonly least: number }>> = {
  round: { count: 1, least: 0 },
  clamp_min: { count: 1, least: 1 },
  clamp_max: { count: 1, least: 1 },
  clamp: { count: 2, least: 2 },
};

function ofValues(name: string): Signature {
  const { count, least } = SCALARS[name] ?? { count: 0, least: 0 };
  return { takes: ['vector', ...scalars(count)], least: 1 + least, gives: 'vector' };
}

function ofRange(name: string): Signature {
  if (name === 'predict_linear') return { takes: ['matrix', 'scalar'], least: 2, gives: 'vector' };
  if (name === 'quantile_over_time') return { takes: ['scalar', 'matrix'], least: 2, gives: 'vector' };
  return { takes: ['matrix'], least: 1, gives: 'vector' };
}

function scalars(count: number): ValueType[] {
  return Array.from({ length: count }, () => 'scalar' as const);
}

/** All functions of rules. */
export const SIGNATURES: ReadonlyMap<string, Signature> = new Map<string, Signature>([
  ...Object.keys(VALUE_FUNCTIONS).map((name) => [name, ofValues(name)] as const),
  ...Object.keys(RANGE_FUNCTIONS).map((name) => [name, ofRange(name)] as const),
  ['absent', { takes: ['vector'], least: 1, gives: 'vector' }],
  ['scalar', { takes: ['vector'], least: 1, gives: 'scalar' }],
  ['vector', { takes: ['scalar'], least: 1, gives: 'vector' }],
  ['time', { takes: [], least: 0, gives: 'scalar' }],
  ['label_replace', { takes: ['vector', 'string', 'string', 'string', 'string'], least: 5, gives: 'vector' }],
]);

/** What to write in place of functions and aggregations that rules do not have. */
const INSTEAD: Readonly<Record<string, string>> = {
  count_values: 'use count by (label) (…)',
  limitk: 'use topk',
  limit_ratio: 'use topk',
  absent_over_time: 'use absent(…) and the rule\'s "for"',
  first_over_time: 'use min_over_time or max_over_time',
  mad_over_time: 'use stddev_over_time',
  timestamp: 'time() is the time of the pass, and of its samples',
  sort: 'a rule has no order; use topk to select',
  sort_desc: 'a rule has no order; use topk to select',
  label_join: 'take label_replace',
  holt_winters: 'take predict_linear',
  double_exponential_smoothing: 'take predict_linear',
  pi: 'write 3.141592653589793',
  ...Object.fromEntries(
    ['hour', 'minute', 'day_of_week', 'day_of_month', 'day_of_year', 'days_in_month', 'month', 'year'].map((name) => [
      name,
      'put times of the day and week into alerts.maintenance',
    ]),
  ),
};

export function instead(name: string): string {
  if (name.startsWith('histogram_')) return 'pgmon has no histograms; quantile(φ, …) is over series';
  return INSTEAD[name] ?? `use one of ${[...SIGNATURES.keys()].join(', ')}`;
}
