/** Neumaier's sum, as Prometheus adds: an error of rounding does not grow with the number of values. */
export function total(values: Iterable<number>): number {
  let [sum, lost] = [0, 0];
  for (const value of values) {
    const next = sum + value;
    // Infinite minus infinite would turn the sum into NaN.
    if (!Number.isFinite(next)) lost = 0;
    else if (Math.abs(sum) >= Math.abs(value)) lost += sum - next + value;
    else lost += value - next + sum;
    sum = next;
  }
  return sum + lost;
}

export function mean(values: readonly number[]): number {
  return total(values) / values.length;
}

/** Of the whole population, not of a sample of it. */
export function variance(values: readonly number[]): number {
  const center = mean(values);
  return total(values.map((value) => (value - center) ** 2)) / values.length;
}

/** Between the two nearest values, in proportion; ±Inf beyond 0 and 1, as in Prometheus. */
export function quantile(share: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(share)) return Number.NaN;
  if (share < 0) return Number.NEGATIVE_INFINITY;
  if (share > 1) return Number.POSITIVE_INFINITY;
  const sorted = values.toSorted(ascending);
  const rank = share * (sorted.length - 1);
  const lower = Math.floor(rank);
  const [low = Number.NaN, high = low] = [sorted[lower], sorted[lower + 1]];
  const weight = rank - lower;
  return weight === 0 ? low : low * (1 - weight) + high * weight;
}

/** NaN, which compares with nothing, is the least. */
export function ascending(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : -1;
  return Number.isNaN(b) ? 1 : a - b;
}

/** The least value that is a number; NaN where none is. */
export function least(values: readonly number[]): number {
  return values.reduce((a, b) => (b < a || Number.isNaN(a) ? b : a), Number.NaN);
}

/** The greatest value that is a number; NaN where none is. */
export function greatest(values: readonly number[]): number {
  return values.reduce((a, b) => (b > a || Number.isNaN(a) ? b : a), Number.NaN);
}
