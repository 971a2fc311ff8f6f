import { z } from '@hono/zod-openapi';
import { SEVERITIES } from '../alerts/rule.ts';
import { offenderSchema } from '../alerts/transition.ts';
import { causeText } from '../incidents/cause.ts';
import { byWeight, type PastIncident, TIMELINE_KINDS, WORST } from '../incidents/incident.ts';

export const shownIncident = z
  .object({
    id: z.string(),
    state: z.enum(['open', 'ended']),
    clusters: z.array(z.string()),
    cause: z.object({ kind: z.string(), key: z.string(), text: z.string() }),
    severity: z.enum(SEVERITIES).openapi({ description: 'Now; of one that is over, when it ended.' }),
    highest: z.enum(SEVERITIES),
    rule: z.string(),
    title: z.string(),
    message: z.string().openapi({ description: 'Of the alert that says most, when it was last seen.' }),
    action: z.string(),
    panel: z.string(),
    since: z.string().openapi({ description: 'When its first condition was first seen, RFC 3339.' }),
    opened_at: z.string().openapi({ description: 'When its first alert fired, RFC 3339.' }),
    ended_at: z.string().nullable(),
    seconds: z.number().openapi({ description: 'From since to its end, or to now.' }),
    alerts: z.object({ open: z.number(), all: z.number() }),
    rules: z.record(z.string(), z.number()).openapi({ description: 'Alerts by rule, most first.' }),
    reopened: z.number().openapi({ description: 'How often it came back after its end.' }),
    acknowledged: z.object({ at: z.string(), by: z.string().optional() }).nullable(),
    ending: z.string().nullable().openapi({ description: 'What ended it, where that was seen.' }),
  })
  .openapi('Incident');

const shownMember = z.object({
  fingerprint: z.string(),
  cluster: z.string(),
  rule: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  labels: z.record(z.string(), z.string()),
  message: z.string(),
  since: z.string(),
  ended_at: z.string().nullable(),
  silenced: z.boolean(),
});

const shownEntry = z.object({
  at: z.string(),
  kind: z.enum(TIMELINE_KINDS),
  text: z.string(),
  severity: z.enum(SEVERITIES).optional(),
  by: z.string().optional(),
});

export const shownDetails = shownIncident
  .extend({
    worst: z.array(shownMember).openapi({ description: 'Its worst alerts, ten at most.' }),
    timeline: z.array(shownEntry),
    culprit: offenderSchema.optional(),
  })
  .openapi('IncidentDetails');

const asItIs = (text: string): string => text;

/** An incident as the API shows it. @param said what may be shown of a text */
export function shownOf(incident: PastIncident, now: Date, said = asItIs): z.output<typeof shownIncident> {
  const { id, clusters, cause, severity, highest, base, since, openedAt, endedAt, reopened, acknowledged } = incident;
  return {
    id,
    state: endedAt === undefined ? 'open' : 'ended',
    clusters,
    cause: { ...cause, text: causeText(cause) },
    ...{ severity, highest, rule: base.rule, title: base.title, message: said(base.message), action: base.action },
    panel: base.panel,
    since: timeText(since),
    opened_at: timeText(openedAt),
    ended_at: endedAt === undefined ? null : timeText(endedAt),
    seconds: Math.max(0, (endedAt ?? now.getTime() / 1_000) - since),
    alerts: { open: incident.openAlerts, all: incident.alerts },
    rules: incident.rules,
    reopened,
    acknowledged: acknowledged ?? null,
    ending: incident.ending ?? null,
  };
}

/** With its alerts and its timeline. @param isReadable whether names of users and statements may be shown */
export function incidentDetails(
  incident: PastIncident,
  now: Date,
  isReadable: boolean,
  said = asItIs,
): z.output<typeof shownDetails> {
  const offender = isReadable ? incident.base.culprit : undefined;
  return {
    ...shownOf(incident, now, said),
    worst: Object.entries(incident.members)
      .toSorted(byWeight)
      .slice(0, WORST)
      .map(([fingerprint, { title, rule, labels, message, since, endedAt, news, cluster, severity }]) => ({
        ...{ fingerprint, cluster, rule, severity },
        title: title ?? rule,
        labels: labels ?? {},
        message: said(message ?? ''),
        since: timeText(since),
        ended_at: endedAt === undefined ? null : timeText(endedAt),
        silenced: news === undefined,
      })),
    timeline: incident.timeline.map(({ at, text, ...entry }) => ({ at: timeText(at), text: said(text), ...entry })),
    culprit: offender,
  };
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
