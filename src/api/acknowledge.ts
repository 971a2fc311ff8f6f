import type { PreparedRule } from '../alerts/prepare.ts';
import { acknowledgedEvent } from '../events/handled.ts';
import { openMembers } from '../incidents/incident.ts';
import { openIncident } from '../store/incident-reading.ts';
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

/** Acknowledges an open alert for somebody, or an incident with its alerts, and keeps that as an event. */
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
  const incident = await openIncident(stores.incidents, reading.clusters, fingerprint);
  const alerts = incident ? openMembers(incident).map(([one]) => one) : [];
  for (const one of new Set([...alerts, fingerprint])) await stores.acknowledgements.put({ fingerprint: one, at, by });
  const { cluster, rule, labels } = alert;
  const title = rules.get(rule)?.title ?? rule;
  await stores.events.post([cluster], acknowledgedEvent({ fingerprint, rule, title, db: labels['db'] }, by, at));
  return { outcome: 'acknowledged', cluster, title };
}

/** The open alert of a fingerprint, or the one that an incident of this id is known by; or why there is none. */
export async function openAlertOf(
  reading: Reading,
  rules: ReadonlyMap<string, PreparedRule>,
  fingerprint: string,
): Promise<OpenAlert | NotOpen> {
  const incident = await openIncident(reading.stores.incidents, reading.clusters, fingerprint);
  const open = await openAlerts(reading, reading.clusters, undefined);
  const members = incident ? openMembers(incident).map(([one]) => one) : [fingerprint];
  const [lead] = [incident?.lead, ...members].filter((one) => open.some((alert) => alert.fingerprint === one));
  const alert = open.find((one) => one.fingerprint === lead && rules.has(one.rule));
  return alert ?? (await notOpen(reading, fingerprint));
}

/** Whether it has ended, and when, as far as the history of a week says. */
async function notOpen({ stores, clusters, now }: Reading, fingerprint: string): Promise<NotOpen> {
  const incident =
    (await openIncident(stores.incidents, clusters, fingerprint)) ?? (await stores.incidents.past(fingerprint));
  if (incident?.endedAt !== undefined) {
    const { base, endedAt } = incident;
    return { outcome: 'over', reason: endedText(base.title, base.cluster, new Date(endedAt * 1_000).toISOString()) };
  }
  const [last] = await stores.alertHistory.newest(
    1,
    { at: new Date(now().getTime() + 1) },
    (one) => one.fingerprint === fingerprint && one.kind === 'resolved',
    { from: new Date(now().getTime() - ENDED_MS), clusters },
  );
  if (!last) return { outcome: 'unknown', reason: 'No open alert has this fingerprint.' };
  const { title, cluster, until, at } = last;
  return { outcome: 'over', reason: endedText(title, cluster, until ?? at) };
}

function endedText(title: string, cluster: string, at: string): string {
  const ended = `${at.slice(0, 19).replace('T', ' ')} UTC`;
  return `${title} on ${cluster} ended at ${ended}: there is nothing to acknowledge.`;
}
