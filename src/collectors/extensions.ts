import * as z from 'zod';
import { defineCollector } from './collector.ts';
import { type RowOf, state } from './columns.ts';
import { sqlFiles } from './sql.ts';
import type { Detail } from './transform.ts';

/** Which versions the server's files offer changes with its packages. */
const RECHECK_SECONDS = 86_000;

const columns = {
  extension: state.key(),
  version: state.key(),
  schema: state.key(),
  /** The version that `ALTER EXTENSION … UPDATE` installs; null where it is not known. */
  available: state.text(),
};
type Row = RowOf<typeof columns>;

const stateSchema = z.object({
  /** Database clock, epoch seconds. */
  checkedAt: z.number(),
  /** By extension. */
  available: z.record(z.string(), z.string()),
});
type State = z.output<typeof stateSchema>;

const availableSchema = z.array(z.object({ extension: z.string(), available: z.string() }));

/** Installed extensions with their versions, and those that the server offers; from `pg_extension`. */
export const extensions = defineCollector({
  name: 'extensions',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'any',
  timeoutMs: 500,
  maxRows: 500,
  sql: sqlFiles('extensions'),
  columns,
  state: { schema: stateSchema },
  details: {
    name: 'extension_updates',
    sql: sqlFiles('extension_updates'),
    wanted: ({ rows, previous, now }) => (isDue(rows, previous, now) ? [namesOf(rows)] : []),
  },
  transform: ({ rows, previous, details, now }) => {
    const [detail] = details.values();
    const known = detail?.ok ? { checkedAt: now, available: availableOf(detail) } : previous;
    return {
      rows: rows.map((row) => ({ ...row, available: known?.available[row.extension] ?? null })),
      state: known,
      limited: detail && !detail.ok ? { reason: `available versions are unknown: ${detail.reason}` } : undefined,
    };
  },
});

function isDue(rows: readonly Row[], previous: State | undefined, now: number): boolean {
  if (!previous || now - previous.checkedAt >= RECHECK_SECONDS) return true;
  return rows.some(({ extension }) => !(extension in previous.available));
}

/** As the text of an array. */
function namesOf(rows: readonly Row[]): string {
  return `{${rows.map(({ extension }) => `"${extension.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
}

function availableOf({ rows }: Extract<Detail, { ok: true }>): State['available'] {
  return Object.fromEntries(availableSchema.parse(rows).map(({ extension, available }) => [extension, available]));
}
