import * as z from 'zod';
import { SEVERITIES } from './rule.ts';

/** What happened to an alert. `repeated`: still critical after the repeat interval; `test`: asked for by a person. */
export const KINDS = ['firing', 'escalated', 'de-escalated', 'resolved', 'no-data', 'repeated', 'test'] as const;

/** Who causes it, as far as it may be shown. */
export const culpritSchema = z.object({
  pid: z.number().optional(),
  state: z.string().optional(),
  application: z.string().optional(),
  user: z.string().optional(),
  db: z.string().optional(),
  seconds: z.number().optional(),
  query: z.string().optional(),
  /** Pids that wait for it. */
  blocks: z.array(z.number()).optional(),
  /** For what is no session: a slot, a prepared transaction. */
  name: z.string().optional(),
});

/** A change of an alert: everything that a receiver is told, and what the history keeps. */
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
  /** Since when it holds, RFC 3339. */
  since: z.string(),
  message: z.string(),
  action: z.string(),
  panel: z.string(),
  culprit: culpritSchema.optional(),
  /** Why nobody was told: a maintenance window or a silence. */
  suppressed: z.string().optional(),
});

export type Kind = (typeof KINDS)[number];
export type Culprit = z.output<typeof culpritSchema>;
export type Transition = z.output<typeof transitionSchema>;
