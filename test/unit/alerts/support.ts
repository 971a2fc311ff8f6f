import { effectiveRules } from '../../../src/alerts/effective.ts';
import { type EngineInput, judge } from '../../../src/alerts/engine.ts';
import type { PreparedRule } from '../../../src/alerts/prepare.ts';
import { emptyAlertMemory } from '../../../src/alerts/state.ts';
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
  #alerts: EngineInput['alerts'] = {};
  #memory = emptyAlertMemory;

  constructor(rules: readonly PreparedRule[], step = 15, at = Date.parse('2026-03-02T00:00:00Z') / 1_000) {
    this.rules = rules;
    this.step = step;
    this.at = at;
  }

  /** One pass with these samples; `undefined` means that the target does not answer. */
  pass(samples: readonly Sample[] | undefined, options: Partial<EngineInput> = {}): readonly Transition[] {
    const output = judge({
      cluster: 'shop',
      rules: this.rules,
      samples: samples ?? [sample('pgmon_target_down', 1, { kind: 'unreachable' })],
      up: samples !== undefined,
      hasData: () => true,
      alerts: this.#alerts,
      memory: this.#memory,
      at: this.at,
      intervalSeconds: this.step,
      repeatSeconds: 3_600,
      suppressedBy: () => undefined,
      acknowledged: () => false,
      culpritOf: () => undefined,
      ...options,
    });
    this.#alerts = JSON.parse(JSON.stringify(output.alerts));
    this.#memory = JSON.parse(JSON.stringify(output.memory));
    this.at += this.step;
    return output.transitions;
  }

  /** So many passes with the same samples. */
  passes(count: number, samples: readonly Sample[] | undefined, options: Partial<EngineInput> = {}): Transition[] {
    return Array.from({ length: count }, () => this.pass(samples, options)).flat();
  }
}

/** Kind and severity of each. */
export const told = (transitions: readonly Transition[]): string[] =>
  transitions.map(({ kind, severity, suppressed }) => `${kind} ${severity}${suppressed ? ' (suppressed)' : ''}`);
