import type { PreparedRule } from '../alerts/prepare.ts';
import { acknowledgedEvent } from '../events/handled.ts';
import { type OpenAlert, openAlerts } from './open-alerts.ts';
import type { Reading } from './reading.ts';

/** How far back it is looked for an alert that is not open. */
const ENDED_MS = 7 * 86_400_000;

/** What came of an acknowledgement: of which alert, or why of none. */
export type Acknowledged =
  | { readonly outcome: 'acknowledged'; readonly cluster: string; readonly title: string }
  | NotOpen;

/** Why there is nothing to do about an alert: it is over, or nobody knows of it. */
export interface NotOpen {
  readonly outcome: 'over' | 'unknown';
  readonly reason: string;
}

/** Acknowledges an open alert for somebody, and keeps that as an event. */
export async function acknowledge(
  reading: Reading,
  rules: ReadonlyMap<string, PreparedRule>,
  fingerprint: string,
  by: string | undefined,
): Promise<Acknowledged> {
  const { stores, now } = reading;
  const alert = await openAlertOf(reading, rules, fingerprint);
  if ('reason' in alert) return alert;
  const at = now().toISOString();
  await stores.acknowledgements.put({ fingerprint, at, by });
  const { cluster, rule, labels } = alert;
  const title = rules.get(rule)?.title ?? rule;
  await stores.events.post([cluster], acknowledgedEvent({ fingerprint, rule, title, db: labels['db'] }, by, at));
  return { outcome: 'acknowledged', cluster, title };
}

/** The open alert of a fingerprint, or why there is none. */
export async function openAlertOf(
  reading: Reading,
  rules: ReadonlyMap<string, PreparedRule>,
  fingerprint: string,
): Promise<OpenAlert | NotOpen> {
  const open = await openAlerts(reading, reading.clusters, undefined);
  const alert = open.find((one) => one.fingerprint === fingerprint && rules.has(one.rule));
  return alert ?? (await notOpen(reading, fingerprint));
}

/** Whether it has ended, and when, as far as the history of a week says. */
async function notOpen({ stores, clusters, now }: Reading, fingerprint: string): Promise<NotOpen> {
  const [last] = await stores.alertHistory.newest(
    1,
    { at: new Date(now().getTime() + 1) },
    (one) => one.fingerprint === fingerprint && one.kind === 'resolved',
    { from: new Date(now().getTime() - ENDED_MS), clusters },
  );
  if (!last) return { outcome: 'unknown', reason: 'No open alert has this fingerprint.' };
  const { title, cluster, until, at } = last;
  const ended = `${(until ?? at).slice(0, 19).replace('T', ' ')} UTC`;
  return { outcome: 'over', reason: `${title} on ${cluster} ended at ${ended}: there is nothing to acknowledge.` };
}
