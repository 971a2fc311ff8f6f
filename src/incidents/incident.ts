import * as z from 'zod';
import { SEVERITIES, type Severity } from '../alerts/rule.ts';
import { transitionSchema } from '../alerts/transition.ts';

/** What alerts of one incident have in common, the widest first. `group`: labels that the configuration names. */
export const CAUSE_KINDS = ['server_down', 'monitor', 'session', 'object', 'rule', 'group'] as const;

export const causeSchema = z.object({
  kind: z.enum(CAUSE_KINDS),
  /** Tells causes of a kind apart: the pid of a session, the name of an object, the rule. */
  key: z.string(),
});

/** An alert of an incident. Times in epoch seconds. */
export const memberSchema = z.object({
  cluster: z.string(),
  rule: z.string(),
  severity: z.enum(SEVERITIES),
  /** The most severe that receivers may hear of; absent while it is silenced. */
  news: z.enum(SEVERITIES).optional(),
  since: z.number(),
  /** Of its newest transition: an older one is no news of it. */
  at: z.number(),
  endedAt: z.number().optional(),
  /** What is said of it; of the worst ones only. */
  title: z.string().optional(),
  message: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
});

export const TIMELINE_KINDS = [
  'opened',
  'joined',
  'escalated',
  'changed',
  'notified',
  'acknowledged',
  'ended',
  'reopened',
] as const;

const timelineEntrySchema = z.object({
  /** Epoch seconds. */
  at: z.number(),
  kind: z.enum(TIMELINE_KINDS),
  text: z.string(),
  severity: z.enum(SEVERITIES).optional(),
  by: z.string().optional(),
});

/** What receivers know, and which: who heard the beginning hears the end. */
export const notifiedSchema = z.object({
  /** Messages so far; with it the id of the next one is the same however often it is made. */
  count: z.number(),
  at: z.number(),
  /** Absent once they heard the end. */
  severity: z.enum(SEVERITIES).optional(),
  /** Alerts that were open then. */
  alerts: z.number(),
  rule: z.string(),
  cause: causeSchema,
  channels: z.array(z.string()),
});

/** Alerts with one cause. Times in epoch seconds. */
export const incidentSchema = z.object({
  id: z.string(),
  clusters: z.array(z.string()),
  cause: causeSchema,
  /** Whatever an alert may be about to belong here: `session 4711`, `object shop/public.orders`. */
  subjects: z.array(z.string()),
  openedAt: z.number(),
  /** The pass in which the first condition was first seen. */
  since: z.number(),
  /** When it last gained an alert. */
  grewAt: z.number(),
  /** The first pass without any of its conditions, as far as that is known; absent while an alert is open. */
  endedAt: z.number().optional(),
  /** When the last of its alerts was over, which is later: an alert stays for a while after its condition. */
  closedAt: z.number().optional(),
  /** How often it was open again after its end. */
  reopened: z.number(),
  /** Now, and at its worst. */
  severity: z.enum(SEVERITIES),
  highest: z.enum(SEVERITIES),
  /** The alert that says most. */
  lead: z.string(),
  /** Its newest transition: what messages are made of. */
  base: transitionSchema,
  /** By fingerprint. */
  members: z.record(z.string(), memberSchema),
  timeline: z.array(timelineEntrySchema),
  acknowledged: z.object({ at: z.string(), by: z.string().optional() }).optional(),
  /** When somebody first acknowledged it, epoch seconds. */
  firstAcknowledgedAt: z.number().optional(),
  /** When it got worse than receivers knew: who acknowledged it before has not acknowledged that. */
  worseAt: z.number().optional(),
  /** What became of the cause, where somebody saw it go. */
  ending: z.string().optional(),
  /** A member wants to be repeated, or has no data: to be said with the next message. */
  due: z.enum(['repeated', 'no-data']).optional(),
  notified: notifiedSchema.optional(),
});

/** An incident as the history keeps it: of its alerts the worst ones, of the others how many there were of each rule. */
export const pastIncidentSchema = incidentSchema.omit({ subjects: true, due: true, notified: true }).extend({
  alerts: z.number(),
  openAlerts: z.number(),
  rules: z.record(z.string(), z.number()),
});

export type PastIncident = z.output<typeof pastIncidentSchema>;
export type Cause = z.output<typeof causeSchema>;
export type Member = z.output<typeof memberSchema>;
export type TimelineEntry = z.output<typeof timelineEntrySchema>;
export type Notified = z.output<typeof notifiedSchema>;
export type Incident = z.output<typeof incidentSchema>;

/** Alerts of an incident that are kept with what is said of them. */
export const WORST = 10;

/** Entries of a timeline: the first ones and the newest. */
const FIRST_ENTRIES = 20;
const NEWEST_ENTRIES = 80;

export function worse(left: Severity, right: Severity): Severity {
  return SEVERITIES.indexOf(left) >= SEVERITIES.indexOf(right) ? left : right;
}

/** The most severe of some; undefined of none. */
export function worstOf(severities: Iterable<Severity | undefined>): Severity | undefined {
  let worst: Severity | undefined;
  for (const one of severities) worst = one && worst ? worse(one, worst) : (one ?? worst);
  return worst;
}

export function isOpen({ endedAt }: Pick<Member, 'endedAt'>): boolean {
  return endedAt === undefined;
}

/** Open alerts of an incident, by fingerprint. */
export function openMembers({ members }: Pick<Incident, 'members'>): [string, Member][] {
  return Object.entries(members).filter(([, member]) => isOpen(member));
}

/** How many alerts of each rule there are, most first. */
export function countsByRule(members: Iterable<Member>): [rule: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { rule } of members) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return [...counts].toSorted((a, b) => b[1] - a[1]);
}

/** The worst first: open before ended, then by severity, then the oldest. */
export function byWeight([, a]: [string, Member], [, b]: [string, Member]): number {
  return (
    Number(isOpen(b)) - Number(isOpen(a)) ||
    SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) ||
    a.since - b.since
  );
}

/** With the texts of the worst alerts alone: of ten thousand only what tells them apart is kept. */
export function trimmed(incident: Incident): Incident {
  const all = Object.entries(incident.members);
  if (all.length <= WORST) return incident;
  const whole = new Set(all.toSorted(byWeight).slice(0, WORST));
  const members = Object.fromEntries(
    all.map((entry): [string, Member] => {
      if (whole.has(entry)) return entry;
      const { title: _, message: __, labels: ___, ...brief } = entry[1];
      return [entry[0], brief];
    }),
  );
  return { ...incident, members };
}

/** With one more entry; of a long timeline the middle goes. */
export function noted(incident: Incident, entry: TimelineEntry): Incident {
  const all = [...incident.timeline, entry];
  const kept =
    all.length <= FIRST_ENTRIES + NEWEST_ENTRIES
      ? all
      : [...all.slice(0, FIRST_ENTRIES), ...all.slice(-NEWEST_ENTRIES)];
  return { ...incident, timeline: kept };
}

/** When an incident with this id opened, as its first eight digits say. */
export function openedAtOf(id: string): Date {
  return new Date(Number.parseInt(id.slice(0, 8), 16) * 1_000);
}

/** 32 hexadecimal digits, like those of an alert: the second of the opening, then a hash of what it opened with. */
export function incidentId(openedAt: number, hash: string): string {
  return `${Math.floor(openedAt).toString(16).padStart(8, '0')}${hash.slice(0, 24)}`;
}

/** An incident, open or over, as the history keeps it. */
export function pastOf(incident: Incident): PastIncident {
  const { subjects: _, due: __, notified: ___, members, ...rest } = incident;
  const all = Object.entries(members);
  return {
    ...rest,
    members: Object.fromEntries(all.toSorted(byWeight).slice(0, WORST)),
    alerts: all.length,
    openAlerts: openMembers(incident).length,
    rules: Object.fromEntries(countsByRule(Object.values(members))),
  };
}
