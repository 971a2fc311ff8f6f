import * as z from 'zod';
import { ALERT_KINDS } from './alert-events.ts';
import { eventSchema } from './event.ts';
import { HANDLED_KINDS } from './handled.ts';
import type { EventKind } from './kind.ts';

/** Line breaks would make one event look like several; other control characters are no text. */
const plain = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u;
/** Half a character is none, and what turns the direction around makes text look like another. */
const whole = /^[^\p{Cs}\u202A-\u202E\u2066-\u2069]*$/u;
const visible = /[^\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u;
const line = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .regex(plain, 'must be one line of text, without control characters')
    .regex(
      whole,
      'must be text of whole characters, without any that override its direction (U+202A to U+202E, U+2066 to U+2069)',
    )
    .regex(visible, 'must have a character that can be seen');

/** What is posted. All of it is shown as it is, as plain text. */
export const newEvent = z.strictObject({
  text: line(1_000),
  kind: z
    .string()
    .regex(
      /^[a-z][a-z0-9_]{0,39}$/,
      'must be a word of up to 40 lowercase letters, digits and underscores, such as deploy',
    )
    .default('deploy'),
  at: z.string().max(40).optional(),
  cluster: z.string().min(1).max(100).optional(),
  object: line(200).optional(),
  by: line(100).optional(),
  id: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,100}$/, 'must have up to 100 letters, digits, dots, colons and hyphens')
    .optional(),
});

/** A posted event, and the targets that have it. */
export const postedEvent = eventSchema.omit({ cluster: true, objects: true }).extend({ clusters: z.array(z.string()) });

/** Why nobody may post an event of this kind; undefined where everybody may. */
export function reservedKind(kind: string, kinds: readonly EventKind[]): string | undefined {
  const handled = HANDLED_KINDS.map((one) => one.kind);
  const isOwn = [...ALERT_KINDS, ...handled, ...kinds.map(({ name }) => name)].includes(kind);
  return isOwn ? `kind: ${kind} is what pgmon finds by itself; use another, such as deploy` : undefined;
}
