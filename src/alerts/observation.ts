import type { VectorSample } from '../promql/value.ts';
import { emptyBaseline, learned, type Usual, usual } from './baseline.ts';
import type { PreparedRule } from './prepare.ts';
import { SEVERITIES, type Severity } from './rule.ts';
import { holds } from './severities.ts';
import type { RuleHistory } from './state.ts';

/** What a rule found for one set of labels in one pass. */
export interface Observation {
  readonly value: number;
  /** The thresholds that hold for this series now. */
  readonly thresholds: Readonly<Partial<Record<Severity, number>>>;
  /** The severities whose condition holds. */
  readonly held: ReadonlySet<Severity>;
  readonly usual?: number;
  readonly comparedWith?: string;
}

/** One sample of a rule's expression, compared with the rule's thresholds or with what is usual for the series. */
export function observed(rule: PreparedRule, { value }: VectorSample, expected: Usual | undefined): Observation {
  const { baseline } = rule;
  if (!baseline) return { value, thresholds: rule.thresholds, held: heldBy(rule, value, rule.thresholds) };
  if (!expected) return { value, thresholds: {}, held: new Set() };
  const threshold = Math.max(expected.center + baseline.sigmas * expected.spread, baseline.atLeast);
  const thresholds = { [baseline.severity]: threshold };
  return {
    value,
    thresholds,
    held: heldBy(rule, value, thresholds),
    usual: expected.center,
    comparedWith: expected.comparedWith,
  };
}

/** What is usual for a series, and its baseline with one more value. */
export function againstBaseline(
  { baseline }: PreparedRule,
  known: RuleHistory['baselines'][string] | undefined,
  value: number,
  at: number,
): { readonly expected: Usual | undefined; readonly next: RuleHistory['baselines'][string] } | undefined {
  if (!baseline) return undefined;
  const before = known ?? emptyBaseline;
  const expected = usual(before, at);
  return { expected, next: learned(before, value, baseline.sigmas, at, expected) };
}

function heldBy(
  { comparison }: PreparedRule,
  value: number,
  thresholds: Observation['thresholds'],
): ReadonlySet<Severity> {
  return new Set(
    SEVERITIES.filter((severity) => {
      const threshold = thresholds[severity];
      return threshold !== undefined && holds(comparison, value, threshold);
    }),
  );
}
