import { headlineOf, headlineText } from './headline.ts';
import { messageText } from './message-text.ts';
import type { Observation } from './observation.ts';
import type { PreparedRule } from './prepare.ts';
import { remedyOf } from './remedy.ts';
import { SEVERITIES, type Severity } from './rule.ts';
import { advanceSeverities, hasPassed, severityOf } from './severities.ts';
import type { Alert } from './state.ts';
import { type Change, type FoundOffender, type Kind, type Transition, transitionOf } from './transition.ts';

/** What is true of an alert in this pass, whatever its state. */
export interface Moment {
  readonly cluster: string;
  readonly rule: PreparedRule;
  readonly fingerprint: string;
  /** Epoch seconds. */
  readonly at: number;
  readonly intervalSeconds: number;
  readonly repeatSeconds: number;
  /** Whether the target answered. */
  readonly up: boolean;
  /** Why the target does not answer. */
  readonly problem: string | undefined;
  /** Why nobody is to be notified now; asked only where there is something to say. */
  readonly suppressedBy: () => string | undefined;
  readonly acknowledged: () => boolean;
  readonly offender: () => FoundOffender | undefined;
  /** Values of the figures in the rule's message. */
  readonly figures: () => ReadonlyMap<string, number>;
}

/** The state after a pass, and what there is to say of it. Without an alert there is nothing more to know of it. */
export interface Step {
  readonly alert: Alert | undefined;
  readonly transition: Transition | undefined;
}

/** Why a change is only kept: receivers know no more of it than there is now. */
const NO_NEWS = 'nothing new for receivers';

/** It has not had data for so long, at least, before anybody says so. */
const NO_DATA_SECONDS = 300;

const NOTHING: Step = { alert: undefined, transition: undefined };

/**
 * An alert after a pass with data. Its state is the most severe severity that fires, as `severities.ts` moves it; what
 * is said of it depends on what receivers know:
 *
 * | receivers know | now none | now less severe | now the same          | now more severe |
 * | -------------- | -------- | --------------- | --------------------- | --------------- |
 * | nothing        | –        | –               | –                     | firing          |
 * | a severity     | resolved | de-escalated    | repeated, if critical | escalated       |
 *
 * While it is suppressed, changes are only kept in the history, and what receivers know stays as it was: the first pass
 * after it says what is news to them. The end alone is sent all the same, to those who heard the beginning: an incident
 * that stays open for as long as a silence lasts disturbs more than a message.
 */
export function advance(
  before: Alert | undefined,
  seen: Observation | undefined,
  labels: Alert['labels'],
  moment: Moment,
): Step {
  const { rule, at, intervalSeconds } = moment;
  const gap = before !== undefined && at - before.evaluatedAt > 3 * intervalSeconds + 60;
  const held = seen?.held ?? new Set();
  const severities = advanceSeverities(before?.severities ?? [], held, {
    forSeconds: rule.forSeconds,
    at,
    intervalSeconds,
    gap,
  });
  if (severities.length === 0 && !before) return NOTHING;
  const fires = severityOf(before?.severities ?? []) !== undefined;
  const since =
    before && (fires || severities.length === 0) ? before.since : Math.min(...severities.map(({ since }) => since));
  const shared = {
    rule: rule.id,
    labels: { ...labels },
    severities,
    since,
    ...beganAt(before?.since === since ? before : undefined, seen, moment),
    evaluatedAt: at,
    ...(before?.notified ? { notified: before.notified } : {}),
  };
  // One that is kept firing no longer is what its value is compared with.
  const holding = severities.filter(({ severity }) => held.has(severity));
  // Until it ends it shows what made it fire, not what is fine again.
  const alert: Alert =
    seen && held.size > 0
      ? {
          ...shared,
          ...evidence(seen, labels, severityOf(holding) ?? SEVERITIES.findLast((one) => held.has(one)), moment),
        }
      : { ...shared, clearSince: before?.clearSince ?? at, ...(before ? evidenceOf(before) : {}) };
  return report(before, alert, moment);
}

/**
 * An alert after a pass without data: as it was. When that lasts, what is pending is forgotten, and of what fires
 * receivers are notified once that it cannot be seen.
 */
export function onNoData(before: Alert, moment: Moment): Step {
  const { at, intervalSeconds, up, rule } = moment;
  const unchanged: Step = { alert: before, transition: undefined };
  if (at - before.evaluatedAt < Math.max(NO_DATA_SECONDS, 3 * intervalSeconds)) return unchanged;
  const severity = severityOf(before.severities);
  if (!severity) return keepIfNotified({ ...before, severities: [] });
  // A target that is down has an alert of its own, which says more than that others have no data.
  // Receivers that never heard of it need no news of missing data.
  if (before.noDataReported || !before.notified || !up) return unchanged;
  const minutes = Math.round((at - before.evaluatedAt) / 60);
  const message = `No data for ${minutes} min: ${alertText(rule, before)}`;
  const change: Change = { kind: 'no-data', severity, message, suppressed: moment.suppressedBy() };
  return { alert: { ...before, noDataReported: true }, transition: changeOf(before, change, moment) };
}

/** The end of an alert that is no longer evaluated, with the reason; nothing of one that did not fire. */
export function retired(
  before: Alert,
  rule: { readonly id: string } & Partial<Pick<PreparedRule, 'title' | 'action' | 'panel' | 'message' | 'unit'>>,
  reason: string,
  { cluster, fingerprint, at }: Pick<Moment, 'cluster' | 'fingerprint' | 'at'>,
): Transition | undefined {
  const { notified } = before;
  const severity = notified?.severity ?? severityOf(before.severities);
  if (!severity) return undefined;
  const { id, title = rule.id, action = '', panel = 'alerts', message, unit } = rule;
  const text = before.message ?? (message && unit ? alertText({ message, unit }, before) : undefined);
  const was = text === undefined ? '' : `: ${text}`;
  const change: Change = {
    kind: 'resolved',
    severity,
    previous: severity,
    message: `${reason}${was}`,
    suppressed: notified ? undefined : NO_NEWS,
  };
  const headline = { what: `${reason}: ${before.headline ? headlineText(before.headline) : title}` };
  return transitionOf({ ...before, headline }, change, { id, title, action, panel }, cluster, fingerprint, at);
}

/** When the condition began, of a rule whose value is its age; it stays while it is one episode. */
function beganAt(same: Alert | undefined, seen: Observation | undefined, { rule, at }: Moment): Pick<Alert, 'began'> {
  if (same) return same.began === undefined ? {} : { began: same.began };
  return rule.valueIsAge && seen ? { began: at - Math.max(0, seen.value) } : {};
}

/** Says what changed, or what was not said while it was suppressed; repeats what stays critical. */
function report(before: Alert | undefined, alert: Alert, moment: Moment): Step {
  const { notified } = alert;
  const [was, is] = [severityOf(before?.severities ?? []), severityOf(alert.severities)];
  const changed = kindOf(was, is);
  // Who never heard of it need not hear of what is over already.
  const news = notified || alert.clearSince === undefined ? kindOf(notified?.severity, is) : undefined;
  const repeated = isDue(alert, moment);
  if (!changed && !news && !repeated) return keepIfNotified(alert);
  const suppressed = moment.suppressedBy();
  const say = (kind: Kind, previous: Severity | undefined, why?: string): Transition => {
    const severity = is ?? previous ?? 'info';
    const { expression } = moment.rule;
    const isOther = kind === 'resolved' && alert.expression !== undefined && alert.expression !== expression;
    const message = `${alertText(moment.rule, alert)}${isOther ? ' (the expression of its rule was changed since)' : ''}`;
    if (kind === 'resolved') return changeOf(alert, { kind, severity, previous, message, suppressed: why }, moment);
    const { ends, ...offender } = moment.offender() ?? {};
    const { rule } = moment;
    const remedy = ends ?? remedyOf(rule, alert.labels, { value: alert.value, figures: moment.figures() });
    const change = { kind, severity, previous, message, remedy, suppressed: why };
    const isKnown = Object.keys(offender).length > 0;
    return changeOf(alert, isKnown ? { ...change, offender } : change, moment);
  };
  if (suppressed && news !== 'resolved') {
    return { alert: kept(alert), transition: changed ? say(changed, was, suppressed) : undefined };
  }
  const { notified: _, ...unknown } = alert;
  // Nobody who never heard of it hears of its change while it clears, and so nobody of its end.
  const known = news !== undefined || notified !== undefined;
  const next = kept(is ? (known ? { ...alert, notified: { severity: is, at: moment.at } } : alert) : unknown);
  if (news) return { alert: next, transition: say(news, notified?.severity) };
  if (changed) return { alert: next, transition: say(changed, was, NO_NEWS) };
  return { alert: next, transition: say('repeated', undefined) };
}

function kindOf(was: Severity | undefined, is: Severity | undefined): Kind | undefined {
  if (was === is) return undefined;
  if (!was) return 'firing';
  if (!is) return 'resolved';
  return SEVERITIES.indexOf(is) > SEVERITIES.indexOf(was) ? 'escalated' : 'de-escalated';
}

/** Whether a critical alert that still holds was last said long enough ago, and nobody has acknowledged it. */
function isDue({ severities, notified }: Alert, { at, repeatSeconds, intervalSeconds, acknowledged }: Moment): boolean {
  const holds = severities.some(
    ({ severity, firing, clearSince }) => severity === 'critical' && firing && clearSince === undefined,
  );
  return (
    holds && notified !== undefined && hasPassed(repeatSeconds, notified.at, at, intervalSeconds) && !acknowledged()
  );
}

function keepIfNotified(alert: Alert): Step {
  return { alert: kept(alert), transition: undefined };
}

/** What receivers know stays until they hear of its end; anything else without a severity is over. */
function kept(alert: Alert): Alert | undefined {
  return alert.severities.length > 0 || alert.notified ? alert : undefined;
}

function changeOf(alert: Alert, change: Change, { rule, cluster, fingerprint, at }: Moment): Transition {
  return transitionOf(alert, change, rule, cluster, fingerprint, at);
}

/** What is said of an alert: of the last pass in which its condition held, in the words of its rule at that time. */
export function alertText(rule: Pick<PreparedRule, 'message' | 'unit' | 'figures'>, alert: Alert): string {
  return alert.message ?? messageText(rule, alert.labels, alert);
}

function evidence(
  seen: Observation,
  labels: Alert['labels'],
  severity: Severity | undefined,
  { rule, problem, figures, offender }: Moment,
): Partial<Alert> {
  const threshold = severity ? seen.thresholds[severity] : undefined;
  const { value, usual } = seen;
  const said = { value, threshold, usual, problem, figures: figures(), offender: offender() };
  return {
    message: messageText(rule, labels, said),
    headline: headlineOf(rule, labels, said),
    expression: rule.expression,
    value: seen.value,
    ...(threshold === undefined ? {} : { threshold }),
    ...(seen.usual === undefined ? {} : { usual: seen.usual }),
    ...(seen.comparedWith === undefined ? {} : { comparedWith: seen.comparedWith }),
    ...(problem && rule.message.includes('{{problem}}') ? { problem } : {}),
  };
}

function evidenceOf(alert: Alert): Partial<Alert> {
  const { value, threshold, usual, comparedWith, problem, message, headline, expression } = alert;
  return {
    ...(headline === undefined ? {} : { headline }),
    ...(message === undefined ? {} : { message }),
    ...(expression === undefined ? {} : { expression }),
    ...(value === undefined ? {} : { value }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(usual === undefined ? {} : { usual }),
    ...(comparedWith === undefined ? {} : { comparedWith }),
    ...(problem === undefined ? {} : { problem }),
  };
}
