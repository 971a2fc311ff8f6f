import { secondsText } from '../alerts/format.ts';
import type { Transition } from '../alerts/transition.ts';
import type { Event } from './event.ts';

/** Kinds of events that the alert history gives: an alert begins, and ends. */
export const ALERT_KINDS = ['alert_began', 'alert_ended'] as const;

/**
 * An end is in the history when the alert had kept firing for up to 15 minutes, and a loop passed after that: of the hourly one
 * an hour later. What is later still stands where the history has it.
 */
export const LATEST_END_MS = 2 * 3_600_000;

/** An alert's begin, or its end at the first pass without it, as an event; undefined for what happens to it in between. */
export function alertEvent(transition: Transition): Event | undefined {
  const { id, kind, at, until, cluster, rule, title, severity, labels, message, since, suppressed } = transition;
  const began = kind === 'firing';
  if (!began && kind !== 'resolved') return undefined;
  const isKnown = !began && until !== undefined && Date.parse(at) - Date.parse(until) <= LATEST_END_MS;
  const lasted = began
    ? ''
    : `; it lasted ${secondsText(Math.max(0, Date.parse(until ?? at) - Date.parse(since)) / 1_000)}${until ? `, and was closed at ${at.slice(11, 19)} UTC` : ''}`;
  const state = began ? { from: 'ok', to: severity } : { from: severity, to: 'ok' };
  return {
    id,
    at: isKnown ? until : at,
    cluster,
    kind: began ? 'alert_began' : 'alert_ended',
    severity: began && severity !== 'info' ? 'warning' : 'notice',
    ...(labels['db'] ? { db: labels['db'] } : {}),
    object: rule,
    ...state,
    source: 'alert',
    since,
    text: `${began ? '' : 'Over: '}${title}: ${message}${suppressed ? ` (${suppressed})` : ''}${lasted}.`,
  };
}
