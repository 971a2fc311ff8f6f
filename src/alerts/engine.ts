import type { Labels, Sample } from '../metrics/sample.ts';
import type { Data } from '../promql/evaluate.ts';
import type { Vector } from '../promql/value.ts';
import { advance, type Moment, onNoData, retired } from './alert.ts';
import { cutFaults, evaluated, figuresOf, ruleData } from './data.ts';
import { fingerprintOf } from './fingerprint.ts';
import { againstBaseline, type Observation, observed } from './observation.ts';
import { isFault, type PreparedRule, type RuleFault } from './prepare.ts';
import type { Alert, Alerts, RuleHistory } from './state.ts';
import type { FoundOffender, Transition } from './transition.ts';
import { extended, rangesOf } from './window.ts';

export interface EngineInput {
  readonly cluster: string;
  readonly rules: readonly PreparedRule[];
  /** Samples of this pass; those that are not finite are no sample. */
  readonly samples: readonly Sample[];
  /** False while the target does not answer: then only rules about the target as a whole are evaluated. */
  readonly up: boolean;
  /** Why the target does not answer. */
  readonly problem?: string | undefined;
  /**
   * Whether the metric could be read in this pass, of these labels' database where they name one; where it could not,
   * there is no data, which is no good news.
   */
  readonly hasData: (metric: string, labels: Labels) => boolean;
  readonly alerts: Alerts;
  readonly history: RuleHistory;
  /** Epoch seconds. */
  readonly at: number;
  readonly intervalSeconds: number;
  /** Seconds after which receivers are notified again of a critical alert that still fires. */
  readonly repeatSeconds: number;
  /** Why nobody is to be notified of this alert now. */
  readonly suppressedBy: (rule: PreparedRule, labels: Labels) => string | undefined;
  /** Somebody has acknowledged the alert: it is not repeated while it lasts. */
  readonly acknowledged: (fingerprint: string) => boolean;
  readonly offenderOf: (rule: PreparedRule, labels: Labels) => FoundOffender | undefined;
}

export interface EngineOutput {
  readonly alerts: Alerts;
  readonly history: RuleHistory;
  readonly transitions: readonly Transition[];
  /** Rules that had no result for the series of this pass, and why: of them nothing is known. */
  readonly faults: readonly RuleFault[];
}

/**
 * Evaluates the rules over one pass: rules, samples, what was known before and the time give the new alerts and what
 * changed. Pure: the same input gives the same output, so `for` and everything else survive a restart with the state.
 */
export function evaluateRules(input: EngineInput): EngineOutput {
  const { rules, at, up, history } = input;
  const samples = input.samples.filter(({ value }) => Number.isFinite(value));
  const ranges = rangesOf(rules.flatMap(({ lookbacks }) => lookbacks));
  const window = up ? extended(history.window, samples, ranges, at) : history.window;
  const data = ruleData(input.cluster, samples, window, at, input.intervalSeconds);
  const faults: RuleFault[] = cutFaults(rules, samples);
  const known = Map.groupBy(Object.entries(input.alerts), ([, { rule }]) => rule);
  const baselines: Record<string, RuleHistory['baselines'][string]> = { ...history.baselines };
  const alerts: Record<string, Alert> = {};
  const transitions: Transition[] = [];
  for (const rule of rules) {
    const before = known.get(rule.id) ?? [];
    try {
      const outcome = evaluateRule(rule, { input, samples, data, before: new Map(before), baselines });
      Object.assign(alerts, outcome.alerts);
      Object.assign(baselines, outcome.baselines);
      transitions.push(...outcome.transitions);
      if (outcome.fault) faults.push(outcome.fault);
    } catch (error) {
      // A rule that fails to evaluate keeps its state and stops no other rule.
      Object.assign(alerts, Object.fromEntries(before));
      faults.push({ rule: rule.id, reason: `failed to evaluate: ${error}` });
    }
  }
  return { alerts, history: { window, baselines }, transitions: [...transitions, ...withoutRule(input)], faults };
}

/** What one rule is evaluated over. */
interface RuleInput {
  readonly input: EngineInput;
  /** Those that are finite. */
  readonly samples: readonly Sample[];
  readonly data: Data;
  readonly before: ReadonlyMap<string, Alert>;
  readonly baselines: RuleHistory['baselines'];
}

/** What came of one rule; the baselines are those of its own series. */
interface RuleOutput extends Pick<EngineOutput, 'alerts' | 'transitions'> {
  readonly baselines: RuleHistory['baselines'];
  readonly fault: RuleFault | undefined;
}

function evaluateRule(rule: PreparedRule, ruleInput: RuleInput): RuleOutput {
  const { input, samples, data, before, baselines } = ruleInput;
  const { up } = input;
  const alerts: Record<string, Alert> = {};
  const transitions: Transition[] = [];
  const answered = (labels: Labels) =>
    rule.aboutTarget ||
    isRefused(rule, samples) ||
    (up && rule.metrics.every((metric) => input.hasData(metric, labels)));
  const result = answered({}) ? evaluated(rule, data) : [];
  const fault = isFault(result) ? result : undefined;
  const readable = (labels: Labels) => !fault && answered(labels);
  const learned: Record<string, RuleHistory['baselines'][string]> = {};
  const seen = observations(rule, isFault(result) ? [] : result, input, before, baselines, learned);
  for (const fingerprint of new Set([...seen.keys(), ...before.keys()])) {
    const [found, alert] = [seen.get(fingerprint), before.get(fingerprint)];
    const labels = found?.labels ?? alert?.labels ?? {};
    const moment = momentOf(rule, ruleInput, fingerprint, labels);
    const unseen = !found && alert && !readable(labels);
    const step = unseen ? onNoData(alert, moment) : advance(alert, found, labels, moment);
    if (step.alert) alerts[fingerprint] = step.alert;
    if (step.transition) transitions.push(step.transition);
  }
  return { alerts, transitions, baselines: learned, fault };
}

interface Seen extends Observation {
  readonly labels: Labels;
}

/** What a rule found, by fingerprint. What neither breaches nor is known is left out: thousands of series are well. */
function observations(
  rule: PreparedRule,
  result: Vector,
  { cluster, at }: EngineInput,
  known: ReadonlyMap<string, Alert>,
  baselines: RuleHistory['baselines'],
  learned: Record<string, RuleHistory['baselines'][string]>,
): Map<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const sample of result) {
    if (!rule.baseline) {
      const observation = observed(rule, sample, undefined);
      if (observation.held.size === 0 && known.size === 0) continue;
      seen.set(fingerprintOf(cluster, rule.id, sample.labels), { ...observation, labels: sample.labels });
      continue;
    }
    const fingerprint = fingerprintOf(cluster, rule.id, sample.labels);
    const compared = againstBaseline(rule, baselines[fingerprint], sample.value, at);
    if (compared) learned[fingerprint] = compared.next;
    seen.set(fingerprint, { ...observed(rule, sample, compared?.expected), labels: sample.labels });
  }
  return seen;
}

function momentOf(rule: PreparedRule, { input, data }: RuleInput, fingerprint: string, labels: Labels): Moment {
  const { cluster, at, intervalSeconds, repeatSeconds, up, problem } = input;
  return {
    cluster,
    rule,
    fingerprint,
    at,
    intervalSeconds,
    repeatSeconds,
    up,
    problem,
    suppressedBy: () => input.suppressedBy(rule, labels),
    acknowledged: () => input.acknowledged(fingerprint),
    offender: () => input.offenderOf(rule, labels),
    figures: () => figuresOf(rule, data, labels),
  };
}

/** The target refuses pgmon for the very reason that the rule is about. */
function isRefused({ whileRefusedAs }: PreparedRule, samples: readonly Sample[]): boolean {
  return (
    whileRefusedAs !== undefined &&
    samples.some(
      ({ metric, labels, value }) => metric === 'pgmon_target_down' && labels['kind'] === whileRefusedAs && value === 1,
    )
  );
}

/** Alerts whose rule was turned off or removed. */
function withoutRule({ rules, alerts, cluster, at }: EngineInput): Transition[] {
  const ids = new Set(rules.map(({ id }) => id));
  return Object.entries(alerts).flatMap(([fingerprint, alert]) => {
    if (ids.has(alert.rule)) return [];
    return retired(alert, { id: alert.rule }, 'The rule was disabled or removed', { cluster, fingerprint, at }) ?? [];
  });
}
