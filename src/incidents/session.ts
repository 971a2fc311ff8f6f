import type { Remedy } from '../alerts/remedy.ts';
import type { FoundOffender, Offender, Transition } from '../alerts/transition.ts';
import { isSession, type SessionRow } from '../collectors/activity/session-row.ts';
import { type Incident, isOpen, noted } from './incident.ts';

/** What a pass saw of sessions. */
export interface SessionsNow {
  /** Epoch seconds. */
  readonly at: number;
  /** Whether a session that was in a transaction is in none any more, as far as the pass saw. */
  readonly isOver: (pid: number) => boolean;
  /** Who causes this alert now; undefined where nobody does, or its condition does not hold. */
  readonly offenderOf: (transition: Transition) => FoundOffender | undefined;
}

/** An incident of a session after one more pass: whether it went, and whether another session causes it by now. */
export function followed(incident: Incident, { at, isOver, offenderOf }: SessionsNow): Incident {
  const { cause, base, ending } = incident;
  if (cause.kind !== 'session' || !isOpen(incident)) return incident;
  const offender = offenderOf(base);
  if (offender?.pid !== undefined) {
    const key = String(offender.pid);
    if (key === cause.key) return ending === undefined ? incident : { ...incident, ending: undefined };
    const { ends, ...found } = offender;
    // What was said names the session before.
    const { headline: _, ...rest } = base;
    const next: Incident = {
      ...incident,
      cause: { kind: 'session', key },
      subjects: [...new Set([...incident.subjects, `session ${key}`])],
      base: renamed(rest, found, ends),
      ending: undefined,
    };
    return noted(next, { at, kind: 'changed', text: `Caused by session ${key}, no longer by ${cause.key}` });
  }
  const pid = Number(cause.key);
  if (ending !== undefined || !Number.isInteger(pid) || !isOver(pid)) return incident;
  return { ...incident, ending: `The transaction of session ${pid} ended` };
}

function renamed(
  { remedy: _, ...base }: Omit<Transition, 'headline'>,
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
