import { createHash } from 'node:crypto';
import type { Labels, Sample } from '../metrics/sample.ts';
import { seriesKey } from '../metrics/sample.ts';
import type { VectorSample } from '../promql/value.ts';
import { emptyBaseline, learned, usual } from './baseline.ts';
import { cutFaults, evaluated, ruleData } from './data.ts';
import { messageText } from './format.ts';
import { holds, keptLevels, type Levels, severityOf } from './levels.ts';
import type { PreparedRule, RuleFault } from './prepare.ts';
import type { Severity } from './rule.ts';
import { SEVERITIES } from './rule.ts';
import type { Alert, AlertMemory, Alerts } from './state.ts';
import type { Culprit, Kind, Transition } from './transition.ts';
import { extended, rangesOf } from './window.ts';

export interface EngineInput {
  readonly cluster: string;
  readonly rules: readonly PreparedRule[];
  /** Samples of this pass. */
  readonly samples: readonly Sample[];
  /** False while the target does not answer: then only rules about the target as a whole are judged. */
  readonly up: boolean;
  /**
   * Whether the metric could be read in this pass, of these labels' database where they name one; where it could not,
   * there is no data, which is no good news.
   */
  readonly hasData: (metric: string, labels: Labels) => boolean;
  readonly alerts: Alerts;
  readonly memory: AlertMemory;
  /** Epoch seconds. */
  readonly at: number;
  readonly intervalSeconds: number;
  /** Seconds after which a critical alert that still fires is said again. */
  readonly repeatSeconds: number;
  /** Why nobody is to be told of this alert now. */
  readonly suppressedBy: (rule: PreparedRule, labels: Labels) => string | undefined;
  /** Somebody has taken the alert on: it is not said again and again while it lasts. */
  readonly acknowledged: (fingerprint: string) => boolean;
  readonly culpritOf: (rule: PreparedRule, labels: Labels) => Culprit | undefined;
}

export interface EngineOutput {
  readonly alerts: Alerts;
  readonly memory: AlertMemory;
  readonly transitions: readonly Transition[];
  /** Rules that had no result for the series of this pass, and why: of them nothing is known. */
  readonly faults: readonly RuleFault[];
}

/** What a rule found for one set of labels. */
interface Finding extends VectorSample {
  readonly thresholds: Readonly<Partial<Record<Severity, number>>>;
  readonly usual?: number;
  readonly comparedWith?: string;
}

/**
 * Judges one pass: rules, samples, what was known before and the time give the new alerts and what changed. Pure: the
 * same input gives the same output, so `for` and everything else survive a restart with the state.
 */
export function judge(input: EngineInput): EngineOutput {
  const { rules, samples, at } = input;
  const ranges = rangesOf(rules.flatMap(({ lookbacks }) => lookbacks));
  const window = input.up ? extended(input.memory.window, samples, ranges, at) : input.memory.window;
  const baselines = { ...input.memory.baselines };
  const data = ruleData(input.cluster, samples, window, at);
  const faults: RuleFault[] = cutFaults(rules, samples);
  const alerts: Alerts = {};
  const transitions: Transition[] = [];
  for (const rule of rules) {
    const known = Object.entries(input.alerts).filter(([, alert]) => alert.rule === rule.id);
    const answered = (labels: Labels) =>
      rule.aboutTarget ||
      isRefused(rule, samples) ||
      (input.up && rule.metrics.every((metric) => input.hasData(metric, labels)));
    const found = new Map<string, Finding>();
    const result = answered({}) ? evaluated(rule, data, faults) : [];
    const readable = (labels: Labels) => result !== undefined && answered(labels);
    for (const one of result ?? []) {
      const fingerprint = fingerprintOf(input.cluster, rule.id, one.labels);
      found.set(fingerprint, withThresholds(rule, one, fingerprint, baselines, at));
    }
    const all = new Map<string, Alert | undefined>([...found.keys()].map((key) => [key, undefined]));
    for (const [key, alert] of known) all.set(key, alert);
    for (const [fingerprint, before] of all) {
      const finding = found.get(fingerprint);
      const labels = finding?.labels ?? before?.labels ?? {};
      const judged = finding !== undefined || readable(labels);
      const next = judged
        ? stepped(rule, before, finding, labels, input)
        : waited(rule, before, fingerprint, input, transitions);
      if (!next) continue;
      if (judged) announce(rule, fingerprint, before, next, finding, input, transitions);
      // What receivers were told stays until they are told of its end.
      if (next.levels.length > 0 || next.told) alerts[fingerprint] = next;
    }
  }
  transitions.push(...withoutRule(input));
  return { alerts, memory: { window, baselines }, transitions, faults };
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

/** Alerts whose rule was turned off or taken away: who was told of one is told that it is over. */
function withoutRule(input: EngineInput): Transition[] {
  const ids = new Set(input.rules.map(({ id }) => id));
  return Object.entries(input.alerts).flatMap(([fingerprint, alert]) => {
    if (ids.has(alert.rule) || !alert.told) return [];
    const rule = { id: alert.rule, title: alert.rule, action: '', panel: 'alerts' } as const;
    const message = 'Its rule was turned off or taken away';
    return [transitionOf(rule, fingerprint, 'resolved', alert, alert.told, alert.told, message, input, undefined)];
  });
}

/** The thresholds that hold for this series now: the rule's, or those that its baseline gives. */
function withThresholds(
  rule: PreparedRule,
  element: VectorSample,
  fingerprint: string,
  baselines: Record<string, AlertMemory['baselines'][string]>,
  at: number,
): Finding {
  const { baseline } = rule;
  if (!baseline) return { ...element, thresholds: rule.thresholds };
  const known = baselines[fingerprint] ?? emptyBaseline;
  const expected = usual(known, at);
  baselines[fingerprint] = learned(known, element.value, baseline.sigmas, at);
  if (!expected) return { ...element, thresholds: {} };
  const threshold = Math.max(expected.center + baseline.sigmas * expected.spread, baseline.atLeast);
  return {
    ...element,
    thresholds: { [baseline.severity]: threshold },
    usual: expected.center,
    comparedWith: expected.comparedWith,
  };
}

/** The alert after a pass that had data; undefined where there is none and was none. */
function stepped(
  rule: PreparedRule,
  before: Alert | undefined,
  finding: Finding | undefined,
  labels: Labels,
  { at, intervalSeconds }: EngineInput,
): Alert | undefined {
  const gap = before !== undefined && at - before.seen > 3 * intervalSeconds + 60;
  const held = new Set(
    SEVERITIES.filter((severity) => {
      const threshold = finding?.thresholds[severity];
      return finding !== undefined && threshold !== undefined && holds(rule.comparison, finding.value, threshold);
    }),
  );
  const levels: Levels = keptLevels(before?.levels ?? [], held, { forSeconds: rule.forSeconds, at, gap });
  if (levels.length === 0 && !before) return undefined;
  const severity = severityOf(levels);
  const threshold = severity ? finding?.thresholds[severity] : undefined;
  return {
    rule: rule.id,
    labels: { ...labels },
    levels,
    seen: at,
    ...(severity ? { firedAt: before?.firedAt ?? at } : pick('firedAt', before?.told && before.firedAt)),
    // While it calms down it shows what made it fire, not what is fine again.
    ...pick('value', held.size > 0 || !before ? finding?.value : before.value),
    ...pick('threshold', threshold ?? before?.threshold),
    ...pick('told', before?.told),
    ...pick('toldAt', before?.toldAt),
  };
}

/** The alert after a pass without data: as it was, and said once when that lasts. What is pending is forgotten then. */
function waited(
  rule: PreparedRule,
  before: Alert | undefined,
  fingerprint: string,
  input: EngineInput,
  transitions: Transition[],
): Alert | undefined {
  if (!before) return undefined;
  const { at, intervalSeconds, up } = input;
  const lasting = at - before.seen >= Math.max(300, 3 * intervalSeconds);
  const severity = severityOf(before.levels);
  if (lasting && !severity) return { ...before, levels: [] };
  // A target that is down has an alert of its own, which says more than that others have no data.
  // And who was never told that it fires has no use for hearing that it cannot be seen.
  if (!lasting || !severity || before.noDataTold || !before.told || !up) return before;
  const suppressed = input.suppressedBy(rule, before.labels);
  const message = `No data for ${Math.round((at - before.seen) / 60)} min: ${messageText(rule, before.labels, before)}`;
  transitions.push(transitionOf(rule, fingerprint, 'no-data', before, severity, undefined, message, input, suppressed));
  return { ...before, noDataTold: true };
}

/** Says what changed, or what was not said while it was suppressed; repeats what stays critical. */
function announce(
  rule: PreparedRule,
  fingerprint: string,
  before: Alert | undefined,
  next: Alert,
  finding: Finding | undefined,
  input: EngineInput,
  transitions: Transition[],
): void {
  const [was, is] = [severityOf(before?.levels ?? []), severityOf(next.levels)];
  const suppressed = input.suppressedBy(rule, next.labels);
  const change = kindOf(was, is);
  const news = kindOf(next.told, is);
  const critical = next.levels.some(
    (level) => level.severity === 'critical' && level.active && level.gone === undefined,
  );
  const waits = critical && next.toldAt !== undefined && input.at - next.toldAt >= input.repeatSeconds;
  const due = waits && !input.acknowledged(fingerprint);
  const told = before && is === undefined ? { ...next, ...pick('firedAt', before.firedAt) } : next;
  const say = (kind: Kind, previous: Severity | undefined, why?: string) => {
    const severity = is ?? previous ?? 'info';
    const message = messageText(rule, next.labels, { ...next, ...finding });
    const culprit = kind === 'resolved' ? undefined : input.culpritOf(rule, next.labels);
    const transition = transitionOf(rule, fingerprint, kind, told, severity, previous, message, input, why, finding);
    transitions.push({ ...transition, ...pick('culprit', culprit) });
  };
  if (suppressed) {
    if (change) say(change, was, suppressed);
    return;
  }
  if (news) say(news, next.told);
  else if (change) say(change, was, 'nobody was told of it');
  else if (due) say('repeated', undefined);
  else return;
  if (is) Object.assign(next, { told: is, toldAt: input.at });
  else {
    delete next.told;
    delete next.toldAt;
  }
}

function kindOf(was: Severity | undefined, is: Severity | undefined): Kind | undefined {
  if (was === is) return undefined;
  if (!was) return 'firing';
  if (!is) return 'resolved';
  return SEVERITIES.indexOf(is) > SEVERITIES.indexOf(was) ? 'escalated' : 'de-escalated';
}

function transitionOf(
  rule: Pick<Transition, 'title' | 'action' | 'panel'> & { readonly id: string },
  fingerprint: string,
  kind: Kind,
  alert: Alert,
  severity: Severity,
  previous: Severity | undefined,
  message: string,
  input: EngineInput,
  suppressed: string | undefined,
  finding?: Finding,
): Transition {
  const time = new Date(input.at * 1_000).toISOString();
  return {
    id: shortHash(`${fingerprint} ${alert.firedAt ?? ''} ${kind} ${time}`),
    fingerprint,
    kind,
    at: time,
    cluster: input.cluster,
    rule: rule.id,
    title: rule.title,
    severity,
    ...pick('previous', previous),
    labels: alert.labels,
    ...pick('value', alert.value),
    ...pick('threshold', alert.threshold),
    ...pick('comparedWith', finding?.comparedWith),
    since: new Date((alert.firedAt ?? input.at) * 1_000).toISOString(),
    message,
    action: rule.action,
    panel: rule.panel,
    ...pick('suppressed', suppressed),
  };
}

/** The same for one rule and one set of labels of a cluster, in every process and version. */
export function fingerprintOf(cluster: string, rule: string, labels: Labels): string {
  return shortHash(`${cluster} ${seriesKey(rule, labels)}`);
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function pick<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}
