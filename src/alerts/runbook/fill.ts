import { quotedIdentifier, quotedLiteral } from '../remedy.ts';

/** What of an alert a runbook page takes into its statements, by the names of its labels and `pid`. */
export const RUNBOOK_NAMES = ['pid', 'db', 'relation', 'index', 'sequence', 'slot', 'subscription'] as const;
export type RunbookNames = Readonly<Partial<Record<(typeof RUNBOOK_NAMES)[number], string>>>;

/** A piece of a page: prose, or what stands between two backticks there. */
export interface Piece {
  readonly text: string;
  readonly isCode: boolean;
}

/** An identifier as the server quotes it, with or without its schema. */
const PART = String.raw`(?:[a-z_][a-z0-9_]*|"(?:[^"\p{C}\p{Zl}\p{Zp}]|"")+")`;
const IDENTIFIER = new RegExp(String.raw`^${PART}(?:\.${PART})?$`, 'u');
const NAME = /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u;

/** What stands in statements of the pages, the name that it is filled with, and how; undefined where that is no such name. */
const PLACES: readonly (readonly [RegExp, keyof RunbookNames, (value: string) => string | undefined])[] = [
  [/\bPID\b/g, 'pid', (pid) => (/^[1-9]\d{0,9}$/.test(pid) ? pid : undefined)],
  [/'SLOT'/g, 'slot', (slot) => (NAME.test(slot) ? quotedLiteral(slot) : undefined)],
  [/\bSUBSCRIPTION_NAME\b/g, 'subscription', (name) => (NAME.test(name) ? quotedIdentifier(name) : undefined)],
  [/'SCHEMA\.TABLE'/g, 'relation', (name) => (isIdentifier(name) ? quotedLiteral(name) : undefined)],
  [/\bSCHEMA\.TABLE\b/g, 'relation', (name) => (isIdentifier(name) ? name : undefined)],
  [/\bSCHEMA\.INDEX\b/g, 'index', (name) => (isIdentifier(name) ? name : undefined)],
  [/\bSCHEMA\.SEQUENCE\b/g, 'sequence', (name) => (isIdentifier(name) ? name : undefined)],
];

/** A text of a page in its pieces, its statements with the alert's own names: those that are names, quoted as they must be. */
export function filledPieces(text: string, names: RunbookNames): Piece[] {
  return text
    .split('`')
    .map((piece, i) => ({ text: i % 2 === 1 ? filledStatement(piece, names) : piece, isCode: i % 2 === 1 }))
    .filter((piece) => piece.text !== '');
}

function filledStatement(sql: string, names: RunbookNames): string {
  return PLACES.reduce((text, [place, name, fill]) => {
    const value = names[name];
    const filled = value === undefined ? undefined : fill(value);
    return filled === undefined ? text : text.replace(place, () => filled);
  }, sql);
}

function isIdentifier(name: string): boolean {
  return name.length <= 200 && IDENTIFIER.test(name);
}
