import { shortHash } from '../alerts/fingerprint.ts';
import { secondsText } from '../alerts/format.ts';
import type { Silence } from '../alerts/suppression.ts';
import type { Event } from './event.ts';

/** Kinds of events of what people do about alerts. */
export const HANDLED_KINDS = [
  { kind: 'alert_acknowledged', title: 'Alert acknowledged' },
  { kind: 'silence_began', title: 'Silence began' },
  { kind: 'silence_ended', title: 'Silence ended by hand' },
] as const;

type Draft = Omit<Event, 'cluster'>;

const shared = { severity: 'notice', source: 'alert' } as const;

/** An alert was acknowledged. @param at RFC 3339 */
export function acknowledgedEvent(
  { fingerprint, rule, title, db }: { fingerprint: string; rule: string; title: string; db?: string | undefined },
  by: string | undefined,
  at: string,
): Draft {
  return {
    ...shared,
    id: shortHash(`acknowledged ${fingerprint} ${at}`),
    at,
    kind: 'alert_acknowledged',
    object: rule,
    ...(db ? { db } : {}),
    ...(by ? { by } : {}),
    text: `${title} acknowledged${by ? ` by ${by}` : ''}.`,
  };
}

/** A silence was made. */
export function silencedEvent({ id, rule, labels, by, until, createdAt, comment }: Silence): Draft {
  const about = [rule ?? 'all rules', ...Object.entries(labels ?? {}).map(([name, value]) => `${name} ${value}`)];
  const length = secondsText(Math.round((Date.parse(until) - Date.parse(createdAt)) / 1_000));
  return {
    ...shared,
    id: shortHash(`silence ${id}`),
    at: createdAt,
    kind: 'silence_began',
    ...(rule ? { object: rule } : {}),
    ...(by ? { by } : {}),
    text: `${about.join(', ')} silenced for ${length}${by ? ` by ${by}` : ''}${comment ? `: ${comment}` : ''}.`,
  };
}

/** A silence was ended before its time. @param at RFC 3339 */
export function unsilencedEvent({ id, rule }: Silence, by: string | undefined, at: string): Draft {
  return {
    ...shared,
    id: shortHash(`unsilence ${id}`),
    at,
    kind: 'silence_ended',
    ...(rule ? { object: rule } : {}),
    ...(by ? { by } : {}),
    text: `The silence of ${rule ?? 'all rules'} was ended${by ? ` by ${by}` : ''}.`,
  };
}
