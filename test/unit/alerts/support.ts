import { effectiveRules } from '../../../src/alerts/effective.ts';
import { type EngineInput, evaluateRules } from '../../../src/alerts/engine.ts';
import type { PreparedRule, RuleFault } from '../../../src/alerts/prepare.ts';
import { emptyRuleHistory } from '../../../src/alerts/state.ts';
import type { Transition } from '../../../src/alerts/transition.ts';
import { catalogOf } from '../../../src/collectors/catalog.ts';
import { collectors } from '../../../src/collectors/index.ts';
import { alertsSchema } from '../../../src/config/alerts.ts';
import type { Labels, Sample } from '../../../src/metrics/sample.ts';

export const catalog = catalogOf(collectors);

/** The effective rules of a piece of configuration; the faults are an error. */
export function rulesOf(config: object = {}): readonly PreparedRule[] {
  const { rules, faults } = effectiveRules(alertsSchema.parse(config), catalog);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  return rules;
}

export function ruleOf(id: string, config: object = {}): PreparedRule {
  const rule = rulesOf(config).find((one) => one.id === id);
  if (!rule) throw new Error(`no rule ${id}`);
  return rule;
}

export const sample = (metric: string, value: number, labels: Labels = {}): Sample => ({ metric, labels, value });

/** The engine, pass by pass; what it knows goes through JSON between two passes, as through the table. */
export class Passes {
  readonly rules: readonly PreparedRule[];
  readonly step: number;
  at: number;
  /** Everything that there was to say. */
  readonly transitions: Transition[] = [];
  /** Of the last pass. */
  faults: readonly RuleFault[] = [];
  #alerts: EngineInput['alerts'] = {};
  #history = emptyRuleHistory;

  constructor(rules: readonly PreparedRule[], step = 15, at = Date.parse('2026-03-02T00:00:00Z') / 1_000) {
    this.rules = rules;
    this.step = step;
    this.at = at;
  }

  /** One pass with these samples; `undefined` means that the target does not answer. */
  pass(samples: readonly Sample[] | undefined, options: Partial<EngineInput> = {}): readonly Transition[] {
    const output = evaluateRules({
      cluster: 'shop',
      rules: this.rules,
      samples: samples ?? [sample('pgmon_target_down', 1, { kind: 'unreachable' })],
      up: samples !== undefined,
      problem: 'db:5432/postgres: nothing listens there (ECONNREFUSED)',
      hasData: () => true,
      alerts: this.#alerts,
      history: this.#history,
      at: this.at,
      intervalSeconds: this.step,
      repeatSeconds: 3_600,
      suppressedBy: () => undefined,
      acknowledged: () => false,
      offenderOf: () => undefined,
      ...options,
    });
    this.faults = output.faults;
    this.#alerts = JSON.parse(JSON.stringify(output.alerts));
    this.#history = JSON.parse(JSON.stringify(output.history));
    this.at += this.step;
    this.transitions.push(...output.transitions);
    return output.transitions;
  }

  /** What is known of the alerts now. */
  state(): EngineInput['alerts'] {
    return this.#alerts;
  }

  /** So many passes with the same samples. */
  passes(count: number, samples: readonly Sample[] | undefined, options: Partial<EngineInput> = {}): Transition[] {
    return Array.from({ length: count }, () => this.pass(samples, options)).flat();
  }
}

/** Kind and severity of each. */
export const said = (transitions: readonly Transition[]): string[] =>
  transitions.map(({ kind, severity, suppressed }) => `${kind} ${severity}${suppressed ? ' (suppressed)' : ''}`);
