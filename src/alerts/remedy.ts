import * as z from 'zod';
import { filled, type Seen } from './message-text.ts';
import type { ReadyRule } from './rule.ts';

/** A statement that ends an alert's condition, ready to run, and what running it does. */
export const remedySchema = z.object({
  sql: z.string(),
  /** What it frees, and what is lost by it. */
  effect: z.string(),
  /** Where it has to be run; absent: in any database. */
  db: z.string().optional(),
});
export type Remedy = z.output<typeof remedySchema>;

/**
 * A rule's statement with the alert's own names in it. Labels of relations are identifiers already, quoted by the server;
 * `{{slot:literal}}` is quoted as a text, `{{name:identifier}}` as an identifier. Undefined where a name is not whole: a
 * label that was cut or that has characters which do not show is no name to run a statement on.
 */
export function remedyOf(
  rule: Pick<ReadyRule, 'remedy' | 'unit' | 'figures'>,
  labels: Readonly<Record<string, string>>,
  seen: Seen,
): Remedy | undefined {
  const { remedy } = rule;
  if (!remedy) return undefined;
  let whole = true;
  const sql = remedy.sql.replace(/\{\{(\w+)(?::(literal|identifier))?\}\}/g, (_, name: string, as?: string) => {
    const label = labels[name];
    if (!isWhole(label)) whole = false;
    if (as === 'literal') return quotedLiteral(label ?? '');
    return as === 'identifier' ? quotedIdentifier(label ?? '') : (label ?? '');
  });
  if (!whole) return undefined;
  const db = labels['db'];
  return { sql, effect: filled(remedy.effect, rule, labels, seen), ...(db && remedy.inDatabase ? { db } : {}) };
}

/** Longest label that is kept whole, and what ends one that was cut. */
function isWhole(label: string | undefined): boolean {
  return !!label && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(label) && !(label.length > 150 && /…[0-9a-f]{8}$/.test(label));
}

export function quotedLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

export function quotedIdentifier(text: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
}
