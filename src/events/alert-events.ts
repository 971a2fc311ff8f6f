import type { Transition } from '../alerts/transition.ts';
import type { Event } from './event.ts';

/** Kinds of events that the alert history gives: an alert begins, and ends. */
export const ALERT_KINDS = ['alert_began', 'alert_ended'] as const;

/** An alert's begin or end as an event; undefined for what happens to it in between. */
export function alertEvent(transition: Transition): Event | undefined {
  const { id, kind, at, cluster, rule, title, severity, labels, message, since, suppressed } = transition;
  const began = kind === 'firing';
  if (!began && kind !== 'resolved') return undefined;
  const state = began ? { from: 'ok', to: severity } : { from: severity, to: 'ok' };
  return {
    id,
    at,
    cluster,
    kind: began ? 'alert_began' : 'alert_ended',
    severity: began && severity !== 'info' ? 'warning' : 'notice',
    ...(labels['db'] ? { db: labels['db'] } : {}),
    object: rule,
    ...state,
    source: 'alert',
    since,
    text: `${began ? '' : 'Over: '}${title}: ${message}${suppressed ? ` (${suppressed})` : ''}.`,
  };
}
