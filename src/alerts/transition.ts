import * as z from 'zod';
import { cutText } from '../metrics/text.ts';
import { shortHash } from './fingerprint.ts';
import { headlineText } from './headline.ts';
import { type Remedy, remedySchema } from './remedy.ts';
import { SEVERITIES, type Severity } from './rule.ts';
import type { Alert } from './state.ts';

/** What a receiver takes: the server's words, in the message, may be a megabyte. */
const LONGEST_MESSAGE = 2_000;
const LONGEST_HEADLINE = 300;

/**
 * What happened to an alert. `repeated`: still critical after the repeat interval; `changed`: an incident has another cause,
 * or many more alerts; `test`: asked for by a person.
 */
export const KINDS = [
  'firing',
  'escalated',
  'de-escalated',
  'resolved',
  'no-data',
  'repeated',
  'changed',
  'test',
] as const;

/** Who causes it, as far as it may be shown. */
export const offenderSchema = z.object({
  pid: z.number().optional(),
  state: z.string().optional(),
  application: z.string().optional(),
  /** Of what is no client: `autovacuum worker`. */
  backend_type: z.string().optional(),
  user: z.string().optional(),
  db: z.string().optional(),
  /** In this state. */
  seconds: z.number().optional(),
  /** In its transaction. */
  transaction_seconds: z.number().optional(),
  query: z.string().optional(),
  /** Pids that wait for it. */
  blocks: z.array(z.number()).optional(),
  /** How many wait for it: all of them, also those that `blocks` leaves out. */
  blocked: z.number().optional(),
  /** The table that they wait for. */
  relation: z.string().optional(),
  /** For what is no session: a slot, a prepared transaction. */
  name: z.string().optional(),
  /** What ends it, where that is not what the rule says. */
  remedy: z.string().optional(),
});

/** The incident that a message is about: alerts with one cause. */
const incidentPart = z.object({
  id: z.string(),
  /** Fingerprint of the alert that says most. */
  alert: z.string(),
  /** What they have in common, for people. */
  cause: z.string(),
  clusters: z.array(z.string()),
  /** How many alerts it has now, at the end how many it had; by rule, most first. */
  alerts: z.number(),
  rules: z.record(z.string(), z.number()),
  /** The worst of them, ten at most. */
  worst: z.array(
    z.object({
      fingerprint: z.string(),
      cluster: z.string(),
      rule: z.string(),
      severity: z.enum(SEVERITIES),
      title: z.string(),
      message: z.string(),
      labels: z.record(z.string(), z.string()),
    }),
  ),
  /** What ended it, where that was seen. */
  ending: z.string().optional(),
});

/** A change of an alert: everything that a receiver gets, and what the history keeps. */
export const transitionSchema = z.object({
  /** The same at every attempt to deliver it: a receiver can tell a duplicate. */
  id: z.string(),
  /** The same for all changes of one alert: cluster, rule and labels. */
  fingerprint: z.string(),
  kind: z.enum(KINDS),
  /** RFC 3339. */
  at: z.string(),
  cluster: z.string(),
  rule: z.string(),
  title: z.string(),
  severity: z.enum(SEVERITIES),
  previous: z.enum(SEVERITIES).optional(),
  labels: z.record(z.string(), z.string()),
  value: z.number().optional(),
  threshold: z.number().optional(),
  /** For rules against a baseline: with what it was compared. */
  comparedWith: z.string().optional(),
  /** The pass in which the condition was first seen, RFC 3339. */
  since: z.string(),
  /** When the condition itself began, where that was measured: before it was first seen. RFC 3339. */
  began: z.string().optional(),
  /** At the end: the first pass without it, RFC 3339. */
  until: z.string().optional(),
  message: z.string(),
  /** What is wrong in a few words, with number, duration and who; at the end what it was. */
  headline: z.string().optional(),
  action: z.string(),
  panel: z.string(),
  /** The offender, under its public name. */
  culprit: offenderSchema.optional(),
  /** The statement that ends it, and what running it does. */
  remedy: remedySchema.optional(),
  /** Why nobody was notified: a maintenance window or a silence. */
  suppressed: z.string().optional(),
  /** In messages: the incident, whose id is the fingerprint then; everything else is of the alert that says most. */
  incident: incidentPart.optional(),
});

export type Kind = (typeof KINDS)[number];
export type Offender = z.output<typeof offenderSchema>;
/** An offender with what ends it. */
export interface FoundOffender extends Offender {
  readonly ends?: Remedy;
}
export type Transition = z.output<typeof transitionSchema>;

/** What changed about an alert, and why nobody is to be notified of it. */
export interface Change {
  readonly kind: Kind;
  readonly severity: Severity;
  readonly previous?: Severity | undefined;
  readonly message: string;
  readonly offender?: Offender | undefined;
  readonly remedy?: Remedy | undefined;
  readonly suppressed?: string | undefined;
}

/** A change with everything around it. @param at epoch seconds */
export function transitionOf(
  alert: Alert,
  { kind, severity, previous, message, offender, remedy, suppressed }: Change,
  rule: { readonly id: string; readonly title: string; readonly action: string; readonly panel: string },
  cluster: string,
  fingerprint: string,
  at: number,
): Transition {
  const time = timeText(at);
  return {
    id: shortHash(`${fingerprint} ${alert.since} ${kind} ${time}`),
    fingerprint,
    kind,
    at: time,
    cluster,
    rule: rule.id,
    title: rule.title,
    severity,
    ...(previous ? { previous } : {}),
    labels: alert.labels,
    ...(alert.value === undefined ? {} : { value: alert.value }),
    ...(alert.threshold === undefined ? {} : { threshold: alert.threshold }),
    ...(alert.comparedWith ? { comparedWith: alert.comparedWith } : {}),
    since: timeText(alert.since),
    ...(alert.began === undefined ? {} : { began: timeText(alert.began) }),
    ...(kind === 'resolved' && alert.clearSince !== undefined ? { until: timeText(alert.clearSince) } : {}),
    message: cutText(message, LONGEST_MESSAGE),
    ...(alert.headline
      ? { headline: cutText(headlineText(alert.headline, secondsOf(alert, kind, at)), LONGEST_HEADLINE) }
      : {}),
    action: offender?.remedy ?? rule.action,
    panel: rule.panel,
    ...(offender ? { culprit: offender } : {}),
    ...(remedy ? { remedy } : {}),
    ...(suppressed ? { suppressed } : {}),
  };
}

/** How long it has been so, for its headline: its value where that is an age. Of what is over or unseen it is said apart. */
function secondsOf({ began, since, clearSince, value }: Alert, kind: Kind, at: number): number | undefined {
  if (kind === 'resolved' || kind === 'no-data') return undefined;
  return began === undefined ? (clearSince ?? at) - since : value;
}

function timeText(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}
