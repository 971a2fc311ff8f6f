import { shortHash } from '../alerts/fingerprint.ts';
import { SEVERITIES, type Severity } from '../alerts/rule.ts';
import type { Transition } from '../alerts/transition.ts';
import { causeText, isWider, type Rules } from './cause.ts';
import {
  byWeight,
  countsByRule,
  type Incident,
  isOpen,
  type Notified,
  noted,
  openMembers,
  WORST,
  worstOf,
} from './incident.ts';

export interface AnnounceOptions {
  /** Epoch seconds. */
  readonly at: number;
  /** Half of it is how much passes jitter. */
  readonly intervalSeconds: number;
  /** Receivers are first notified so long after it opened. */
  readonly waitSeconds: number;
  /** Between two messages about one that only grew, or changed its cause; and how long an end waits where it came back before. */
  readonly groupSeconds: number;
  readonly repeatSeconds: number;
  readonly rules: Rules;
  /** Channels that want to hear of these targets at this severity. */
  readonly channelsFor: (clusters: readonly string[], severity: Severity) => readonly string[];
}

/** A message about an incident, and who is to get it. */
export interface Announcement {
  readonly transition: Transition;
  readonly channels: readonly string[];
}

/**
 * What there is to say of an incident now, compared with what its receivers know:
 *
 * | receivers know | nothing open | open, as bad as they know                            | open, worse |
 * | -------------- | ------------ | ---------------------------------------------------- | ----------- |
 * | nothing        | –            | firing                                               | firing      |
 * | a severity     | resolved     | changed: another cause, or twice as many; repeated   | escalated   |
 *
 * Who heard of it hears of everything after that, its end included, whatever its severity was on the way.
 */
export function announced(
  incident: Incident,
  options: AnnounceOptions,
): { readonly incident: Incident; readonly announcement?: Announcement } {
  const kind = kindOf(incident, options);
  const { due: _, ...rest } = incident;
  if (!kind) return { incident: incident.due ? rest : incident };
  const { at, channelsFor } = options;
  const { notified } = incident;
  const alerts = openMembers(incident).filter(([, { news }]) => news !== undefined);
  const now = worstOf(alerts.map(([, { news }]) => news));
  const heard = kind === 'firing' ? undefined : notified?.severity;
  const severity = worstOf([now, heard]) ?? incident.severity;
  const channels = [...new Set([...(notified?.channels ?? []), ...channelsFor(incident.clusters, severity)])];
  const count = (notified?.count ?? 0) + 1;
  const next: Notified = {
    count,
    at,
    ...(kind === 'resolved' ? {} : { severity }),
    alerts: alerts.length,
    rule: incident.base.rule,
    cause: incident.cause,
    channels,
  };
  const change = { kind, severity, ...(heard ? { previous: heard } : {}) };
  const transition = messageOf(incident, change, at, count);
  // Nobody has acknowledged that it is as bad as that.
  const { acknowledged: __, ...open } = rest;
  const after = noted(kind === 'escalated' ? { ...open, worseAt: at } : rest, {
    at,
    kind: 'notified',
    text: kind,
    severity,
  });
  return {
    incident: { ...after, notified: next },
    announcement: { transition, channels: kind === 'resolved' ? (notified?.channels ?? []) : channels },
  };
}

type AnnouncedKind = 'firing' | 'escalated' | 'changed' | 'resolved' | 'no-data' | 'repeated';

function kindOf(incident: Incident, options: AnnounceOptions): AnnouncedKind | undefined {
  const { notified, due, openedAt, closedAt, reopened } = incident;
  const { at, waitSeconds, groupSeconds, repeatSeconds, intervalSeconds } = options;
  const hasPassed = (seconds: number, from: number) => at - from >= seconds - Math.min(seconds, intervalSeconds) / 2;
  const alerts = openMembers(incident).filter(([, { news }]) => news !== undefined);
  if (notified?.severity === undefined) {
    if (alerts.length === 0) return undefined;
    return hasPassed(waitSeconds, notified ? incident.grewAt : openedAt) ? 'firing' : undefined;
  }
  if (!isOpen(incident)) {
    // One that comes and goes is over when it has stayed away.
    return reopened === 0 || hasPassed(groupSeconds, closedAt ?? at) ? 'resolved' : undefined;
  }
  const now = worstOf(alerts.map(([, { news }]) => news));
  if (now && SEVERITIES.indexOf(now) > SEVERITIES.indexOf(notified.severity)) return 'escalated';
  if (due === 'no-data') return 'no-data';
  const { rule } = incident.base;
  if (alerts.length > 0 && isWider(rule, notified.rule, options.rules)) return 'changed';
  if (hasPassed(groupSeconds, notified.at) && alerts.length > 0) {
    const isOther = causeText(incident.cause) !== causeText(notified.cause) && incident.cause.kind !== 'rule';
    const { kind } = incident.cause;
    const grew = (kind === 'rule' || kind === 'group') && alerts.length >= 2 * notified.alerts;
    if (isOther || grew) return 'changed';
  }
  const isRepeat = due === 'repeated' && !incident.acknowledged && hasPassed(repeatSeconds, notified.at);
  return isRepeat ? 'repeated' : undefined;
}

/** The message: the transition of the alert that says most, in the name of the incident. */
function messageOf(
  incident: Incident,
  { kind, severity, previous }: { kind: AnnouncedKind; severity: Severity; previous?: Severity },
  at: number,
  count: number,
): Transition {
  const { base, id, members, cause, clusters, since, endedAt, ending } = incident;
  const { suppressed: _, previous: __, until: ___, began, ...rest } = base;
  const ends = kind === 'resolved';
  // Of what is no longer evaluated nobody knows whether it is over.
  const isKnown = base.kind !== 'resolved' || base.until !== undefined;
  const shown = Object.entries(members)
    .filter(([, member]) => ends || (isOpen(member) && member.news !== undefined))
    .toSorted(byWeight);
  return {
    ...rest,
    id: shortHash(`${id} ${count}`),
    fingerprint: id,
    kind,
    at: timeText(at),
    severity,
    ...(previous ? { previous } : {}),
    since: timeText(since),
    ...(began === undefined ? {} : { began: timeText(since) }),
    ...(ends && endedAt !== undefined && isKnown ? { until: timeText(endedAt) } : {}),
    incident: {
      id,
      alert: base.fingerprint,
      cause: causeText(cause),
      clusters,
      alerts: shown.length,
      rules: Object.fromEntries(countsByRule(shown.map(([, member]) => member))),
      worst: shown.slice(0, WORST).map(([fingerprint, { cluster, rule, severity: own, ...member }]) => ({
        ...{ fingerprint, cluster, rule, severity: own },
        title: member.title ?? rule,
        message: member.message ?? '',
        labels: member.labels ?? {},
      })),
      ...(ends && ending !== undefined ? { ending } : {}),
    },
  };
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
