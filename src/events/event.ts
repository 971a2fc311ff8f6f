import * as z from 'zod';
import { shortHash } from '../alerts/fingerprint.ts';

/** `info`: the server's routine (vacuum, checkpoint); `notice`: something changed; `warning`: and it may hurt. */
export const EVENT_SEVERITIES = ['info', 'notice', 'warning'] as const;
export type EventSeverity = (typeof EVENT_SEVERITIES)[number];

/** Something that changed on a target, was posted, or happened to an alert. */
export const eventSchema = z.object({
  /** The same for the same change, however often it is found. */
  id: z.string(),
  /** When it happened as far as that is known, else when it was first seen; RFC 3339. */
  at: z.string(),
  cluster: z.string(),
  kind: z.string(),
  severity: z.enum(EVENT_SEVERITIES),
  db: z.string().optional(),
  /** What changed: a setting, a table, a slot. */
  object: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  /** How many objects it is about, where they are many. */
  count: z.number().optional(),
  /** Names of these, as many as are kept: to find it by, not to show. */
  objects: z.array(z.string()).optional(),
  /** `seen`: found by comparing two passes; `posted`: by somebody; `alert`: of the alert history, or done about an alert. */
  source: z.enum(['seen', 'posted', 'alert']),
  /** Who or what did it, as far as it is known. */
  by: z.string().optional(),
  /**
   * Of one that was seen, and whose time is not known better: when the state before it was seen last, RFC 3339. Of an
   * alert: when its condition was first seen.
   */
  since: z.string().optional(),
  /** One sentence. */
  text: z.string(),
});
export type Event = z.output<typeof eventSchema>;

/** What a kind says of a change; the rest follows from the kind and the pass. */
export interface EventDraft {
  /** When it happened, RFC 3339, where that is known; else it is the time of the pass. */
  readonly at?: string | undefined;
  /** When the state before it was seen last, RFC 3339, where that is not when the target last answered. */
  readonly since?: string | undefined;
  readonly db?: string | undefined;
  readonly object?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly by?: string | undefined;
  /** In place of that of its kind. */
  readonly severity?: EventSeverity;
  readonly text: string;
}

/** The longest name or value that an event carries, in characters; what is longer ends in an ellipsis. */
export const LONGEST_VALUE = 500;
export const LONGEST_TEXT = 2_000;

/** The same for the same change of a target: two comparisons of one pair of passes give the same ids. */
export function eventId({ cluster, kind, at, db, object, from, to }: Omit<Event, 'id'>): string {
  return shortHash(JSON.stringify([cluster, kind, at, db, object, from, to]));
}
