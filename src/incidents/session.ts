import type { Remedy } from '../alerts/remedy.ts';
import type { FoundOffender, Offender, Transition } from '../alerts/transition.ts';
import { isSession, type SessionRow } from '../collectors/activity/session-row.ts';
import type { Rules } from './cause.ts';
import { type Incident, isOpen, type Member, noted, openMembers } from './incident.ts';

/** What a pass saw of sessions. */
export interface SessionsNow {
  /** Epoch seconds. */
  readonly at: number;
  /** Whether a session that was in a transaction is in none any more, as far as the pass saw. */
  readonly isOver: (pid: number) => boolean;
  /** Who causes this alert now; undefined where nobody does, or its condition does not hold. */
  readonly offenderOf: (transition: Transition) => FoundOffender | undefined;
}

/**
 * An incident of a session after one more pass: whether its transaction is over, and whether another session causes it by
 * now. The condition of the alert that it is known by may be clear while that of another of its alerts holds.
 */
export function followed(incident: Incident, { at, isOver, offenderOf }: SessionsNow, rules: Rules): Incident {
  const { cause, base, ending } = incident;
  if (cause.kind !== 'session' || !isOpen(incident)) return incident;
  const causes = [base, ...openMembers(incident).map(([id, member]) => said(base, id, member, rules))];
  const holds = causes.map((transition) => ({ transition, offender: offenderOf(transition) }));
  const pids = holds.flatMap(({ offender }) => (offender?.pid === undefined ? [] : [String(offender.pid)]));
  if (pids.includes(cause.key)) return ending === undefined ? incident : { ...incident, ending: undefined };
  const other = holds.find(({ offender }) => offender?.pid !== undefined);
  if (!other?.offender) {
    const pid = Number(cause.key);
    if (ending !== undefined || !Number.isInteger(pid) || !isOver(pid)) return incident;
    return { ...incident, ending: `The transaction of session ${pid} ended` };
  }
  const { ends, ...offender } = other.offender;
  const key = String(offender.pid);
  const next: Incident = {
    ...incident,
    cause: { kind: 'session', key },
    subjects: [...new Set([...incident.subjects, `session ${key}`])],
    lead: other.transition.fingerprint,
    base: renamed(other.transition, offender, ends),
    ending: undefined,
  };
  return noted(next, { at, kind: 'changed', text: `Caused by session ${key}, no longer by ${cause.key}` });
}

/** What was said of an alert, as far as that is kept. */
function said(base: Transition, fingerprint: string, member: Member, rules: Rules): Transition {
  if (fingerprint === base.fingerprint) return base;
  const { rule, title = rule, message = '', labels = {}, severity } = member;
  const { value: _, threshold: __, comparedWith: ___, began: ____, ...rest } = base;
  const { action = base.action, panel = base.panel } = rules.get(rule) ?? {};
  return { ...rest, fingerprint, rule, title, message, labels, severity, action, panel };
}

/** What was said of it names the session before. */
function renamed(
  { remedy: _, headline: __, ...base }: Transition,
  offender: Offender,
  remedy: Remedy | undefined,
): Transition {
  return { ...base, culprit: offender, ...(remedy ? { remedy } : {}) };
}

/** A pass lists the oldest transactions: of so many it may lack the one that is asked for. */
const LISTED = 10;

/** Whether a session is in no transaction any more: it is listed without one, or all that are in one are listed. */
export function isOver(pid: number, rows: readonly SessionRow[]): boolean {
  const sessions = rows.filter(isSession);
  const own = sessions.find((row) => row.pid === pid);
  if (own) return own.xact_age_seconds === null;
  return sessions.filter(({ xact_age_seconds }) => xact_age_seconds !== null).length < LISTED;
}
