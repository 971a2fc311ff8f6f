import { type Comparison, SEVERITIES, type Severity } from './rule.ts';
import type { Level } from './state.ts';

export type Levels = Level[];

/** An alert ends when its condition has not held for so long: at least, and at most, whatever its `for` is. */
const LEAST_CALM = 120;
const MOST_CALM = 900;

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
 * The levels of an alert after one more pass. A level becomes active when its condition held for `forSeconds` without a
 * break, and ends when it did not hold for a while: a value that goes up and down rings once.
 *
 * @param held the severities whose condition holds in this pass
 * @param step.gap nobody looked for a while: what was pending begins anew
 */
export function keptLevels(
  before: readonly Level[],
  held: ReadonlySet<Severity>,
  step: { readonly forSeconds: number; readonly at: number; readonly gap: boolean },
): Levels {
  const calm = Math.min(MOST_CALM, Math.max(LEAST_CALM, step.forSeconds));
  return SEVERITIES.flatMap((severity): Level[] => {
    const known = before.find((level) => level.severity === severity);
    if (held.has(severity)) {
      const from = known && (known.active || !step.gap) ? known.from : step.at;
      const active = known?.active || step.at - from >= step.forSeconds;
      return [{ severity, from, active }];
    }
    if (!known?.active) return [];
    const gone = known.gone ?? step.at;
    return step.at - gone >= calm ? [] : [{ ...known, gone }];
  });
}

/** The most severe active level. */
export function severityOf(levels: readonly Level[]): Severity | undefined {
  return SEVERITIES.findLast((severity) => levels.some((level) => level.severity === severity && level.active));
}
