import type { Alert } from '../alerts/state.ts';
import type { AlertState } from '../store/alerts.ts';
import type { OutboxEntry } from '../store/outbox.ts';

/**
 * The state of the alerts with what the outbox has of later revisions, oldest first: the outbox is written before the state,
 * and a process may have ended in between.
 */
export function replayed(state: AlertState, entries: readonly OutboxEntry[]): AlertState {
  const alerts: Record<string, Alert> = { ...state.alerts };
  let { revision } = state;
  for (const { revision: later, transition, alert, notified } of entries) {
    // A message about an incident is of no alert.
    if (notified || later <= state.revision) continue;
    revision = Math.max(revision, later);
    if (alert) alerts[transition.fingerprint] = alert;
    else delete alerts[transition.fingerprint];
  }
  return { alerts, revision };
}
