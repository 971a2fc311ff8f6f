import type { Timing } from './deltas.ts';

/** Nothing is faster than a tenth of a nanosecond: below it numbers are noise, and their logarithms none. */
const SHORTEST = 1e-10;

/** Mean time of a call over all statements, in seconds; undefined where none was called. */
export function meanLatency(timings: readonly Timing[]): number | undefined {
  const calls = timings.reduce((sum, timing) => sum + timing.calls, 0);
  if (calls === 0) return undefined;
  return timings.reduce((sum, timing) => sum + timing.calls * timing.meanSeconds, 0) / calls;
}

/**
 * The time within which this share of the calls ended, in seconds. An estimate: the server keeps no distribution, so each
 * statement's calls are taken to be log-normal with its own mean and standard deviation, and the share is that of all
 * of them mixed. Undefined where nothing was called.
 */
export function latencyQuantile(timings: readonly Timing[], share: number): number | undefined {
  const parts = timings.filter(({ calls, meanSeconds }) => calls > 0 && meanSeconds > SHORTEST).map(logNormal);
  const calls = parts.reduce((sum, part) => sum + part.calls, 0);
  if (calls === 0) return undefined;
  const below = (log: number) => parts.reduce((sum, part) => sum + part.calls * part.below(log), 0) / calls;
  let low = Math.min(...parts.map(({ mu, sigma }) => mu - 6 * sigma));
  let high = Math.max(...parts.map(({ mu, sigma }) => mu + 6 * sigma));
  // 40 halvings of a range of some tens in the logarithm: exact to far below a nanosecond.
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (below(middle) < share) low = middle;
    else high = middle;
  }
  return Math.exp(high);
}

/** A log-normal distribution by its mean and standard deviation; without any, all calls took the mean. */
function logNormal({ calls, meanSeconds, stddevSeconds }: Timing) {
  const variance = Math.log(1 + (stddevSeconds / meanSeconds) ** 2);
  const [mu, sigma] = [Math.log(meanSeconds) - variance / 2, Math.sqrt(variance)];
  return {
    calls,
    mu,
    sigma,
    below: (log: number) => (sigma === 0 ? Number(log >= mu) : normalBelow((log - mu) / sigma)),
  };
}

/** The standard normal distribution, by the approximation 26.2.17 of Abramowitz and Stegun: exact to 7.5e-8. */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const coefficients = [1.330274429, -1.821255978, 1.781477937, -0.356563782, 0.31938153];
  const polynomial = coefficients.reduce((sum, coefficient) => (sum + coefficient) * t, 0);
  const tail = (polynomial * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
  return z > 0 ? 1 - tail : tail;
}
