import type { AlertsConfig } from '../config/alerts.ts';
import type { Metric } from '../metrics/metric.ts';
import { isFault, type PreparedRule, prepareRule, type RuleFault } from './prepare.ts';
import type { ReadyRule, Rule, Severity } from './rule.ts';
import { catalogRules } from './rules/index.ts';

export interface EffectiveRules {
  readonly rules: readonly PreparedRule[];
  /** What is wrong with the configuration's rules; nothing may run while there is anything. */
  readonly faults: readonly RuleFault[];
}

/** The rules of a configuration: the catalog with its overrides, and its own. */
export function effectiveRules(alerts: AlertsConfig, catalog: ReadonlyMap<string, Metric>): EffectiveRules {
  const known = new Set(catalogRules.map(({ id }) => id));
  const faults: RuleFault[] = [
    ...Object.keys(alerts.rules)
      .filter((id) => !known.has(id))
      .map((id) => ({ rule: id, reason: 'the catalog has no rule with this id; pgmon alerts list prints all' })),
    ...alerts.custom
      .filter(({ name }) => known.has(name))
      .map(({ name }) => ({
        rule: name,
        reason: 'the catalog has a rule with this id: override that one, or choose another name',
      })),
  ];
  const candidates: [Rule, ReadyRule['origin']][] = [
    ...catalogRules.map((rule) => overridden(rule, alerts)),
    ...alerts.custom.map((one): [Rule, ReadyRule['origin']] => [customRule(one), 'custom']),
  ];
  const rules: PreparedRule[] = [];
  for (const [rule, origin] of candidates) {
    const prepared = prepareRule(rule, origin, catalog);
    if (isFault(prepared)) faults.push(prepared);
    else rules.push(prepared);
  }
  return { rules, faults };
}

/** The specification's own keys, which name a threshold each. */
function byKeys(alerts: AlertsConfig): Readonly<Record<string, Rule['thresholds']>> {
  const transactions = { warning: alerts.long_txn_warn_s, critical: alerts.long_txn_crit_s };
  const lag = { warning: alerts.repl_warn_s, critical: alerts.repl_crit_s };
  return {
    connection_saturation: { warning: alerts.connections_warn },
    long_transaction: transactions,
    idle_in_transaction: transactions,
    replication_lag: lag,
    standby_replay_lag: lag,
  };
}

function overridden(rule: Rule, alerts: AlertsConfig): [Rule, ReadyRule['origin']] {
  const change = alerts.rules[rule.id];
  const { info, warning, critical } = change ?? {};
  const own = Object.entries({ info, warning, critical }).filter(([, value]) => value !== undefined);
  const thresholds = { ...rule.thresholds, ...byKeys(alerts)[rule.id], ...Object.fromEntries(own) };
  // Of a rule against a baseline the threshold is what it has to be above in any case.
  const { baseline } = rule;
  const least = baseline ? change?.[baseline.severity] : undefined;
  const next: Rule = {
    ...rule,
    ...(baseline ? { baseline: { ...baseline, atLeast: least ?? baseline.atLeast } } : { thresholds }),
    forSeconds: change?.for === undefined ? rule.forSeconds : change.for / 1_000,
    enabled: change?.enabled ?? rule.enabled,
  };
  const same =
    next.forSeconds === rule.forSeconds &&
    next.enabled === rule.enabled &&
    next.baseline?.atLeast === baseline?.atLeast &&
    (['info', 'warning', 'critical'] as const).every(
      (severity) => next.thresholds[severity] === rule.thresholds[severity],
    );
  return [next, same ? 'catalog' : 'overridden'];
}

function customRule(own: AlertsConfig['custom'][number]): Rule {
  const severity: Severity = own.severity;
  return {
    id: own.name,
    title: own.title ?? own.name.replaceAll('_', ' '),
    expression: own.metric,
    comparison: own.comparison,
    thresholds: own.threshold === undefined ? {} : { [severity]: own.threshold },
    forSeconds: own.for / 1_000,
    unit: 'None',
    message: own.message ?? `${own.metric} is {{value}}`,
    headline: `${own.title ?? own.name.replaceAll('_', ' ')}: {{value}}{{for}}`,
    action: own.action ?? 'Ask the author of this rule.',
    panel: 'overview',
    enabled: own.enabled,
  };
}
