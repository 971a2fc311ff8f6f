import { type Comparison, SEVERITIES, type Severity } from './rule.ts';
import type { SeverityState } from './state.ts';

/** An alert is kept firing while its condition has not been clear for so long: at least, and at most, whatever its `for` is. */
const LEAST_KEEP_FIRING = 120;
const MOST_KEEP_FIRING = 900;

export function holds(comparison: Comparison, value: number, threshold: number): boolean {
  switch (comparison) {
    case '>':
      return value > threshold;
    case '<':
      return value < threshold;
    case '>=':
      return value >= threshold;
    case '<=':
      return value <= threshold;
    case '==':
      return value === threshold;
    case '!=':
      return value !== threshold;
  }
}

/**
 * Whether a length of time has passed, as far as passes can tell. They jitter: of three a minute apart two are 119.05 s
 * apart, and an exact comparison would wait for one more. Half an interval is tolerated, and half the time itself where
 * that is shorter.
 */
export function hasPassed(seconds: number, from: number, at: number, intervalSeconds: number): boolean {
  return at - from >= seconds - Math.min(seconds, intervalSeconds) / 2;
}

export interface SeverityStep {
  readonly forSeconds: number;
  /** Epoch seconds. */
  readonly at: number;
  readonly intervalSeconds: number;
  /** There was no pass for a while: what was pending starts over. */
  readonly gap: boolean;
}

/**
 * The severities of an alert after one more pass with data, each by itself:
 *
 * | before  | condition holds                       | condition does not hold                    |
 * | ------- | ------------------------------------- | ------------------------------------------ |
 * | none    | pending, firing where `for` is 0      | none                                       |
 * | pending | firing once it held for `for`         | none                                       |
 * | firing  | firing                                | firing until it was clear for long enough  |
 *
 * @param held the severities whose condition holds in this pass
 */
export function advanceSeverities(
  before: readonly SeverityState[],
  held: ReadonlySet<Severity>,
  { forSeconds, at, intervalSeconds, gap }: SeverityStep,
): SeverityState[] {
  const keepFiring = Math.min(MOST_KEEP_FIRING, Math.max(LEAST_KEEP_FIRING, forSeconds));
  return SEVERITIES.flatMap((severity): SeverityState[] => {
    const known = before.find((one) => one.severity === severity);
    if (held.has(severity)) {
      const since = known && (known.firing || !gap) ? known.since : at;
      const firing = known?.firing || hasPassed(forSeconds, since, at, intervalSeconds);
      return [{ severity, since, firing }];
    }
    if (!known?.firing) return [];
    const clearSince = known.clearSince ?? at;
    return hasPassed(keepFiring, clearSince, at, intervalSeconds) ? [] : [{ ...known, clearSince }];
  });
}

/** The most severe that fires. */
export function severityOf(severities: readonly SeverityState[]): Severity | undefined {
  return SEVERITIES.findLast((severity) => severities.some((one) => one.severity === severity && one.firing));
}
