import * as z from 'zod';
import { sqlFiles } from '../sql.ts';
import type { Detail } from '../transform.ts';
import type { SessionRow } from './session-row.ts';

const preparedSchema = z.object({
  gid: z.string(),
  db: z.string(),
  user_name: z.string().nullable(),
  age_seconds: z.number(),
});

/** A transaction that was prepared for two-phase commit, and blocks others although its session is gone. */
export type Prepared = z.output<typeof preparedSchema>;

/** Queues that are asked for: each statement reads the lock table once. */
const MOST = 3;

/** Names of the prepared transactions that block somebody: asked for the first who waits in each queue behind one. */
export const preparedBlockers = {
  name: 'prepared_blockers',
  sql: sqlFiles('prepared_blockers'),
  wanted: ({ rows }: { readonly rows: readonly SessionRow[] }): string[] =>
    rows
      .filter(({ kind, blocked_by }) => kind === 'queue' && blocked_by?.includes(0))
      .flatMap(({ waiting }) => waiting?.slice(0, 1) ?? [])
      .slice(0, MOST)
      .map(String),
};

/** Those that were found, the oldest first, each once. */
export function preparedOf(details: ReadonlyMap<string, Detail>): Prepared[] {
  const found = [...details.values()].flatMap((detail) =>
    detail.ok ? z.array(preparedSchema).parse(detail.rows) : [],
  );
  const byName = new Map(found.map((one) => [one.gid, one]));
  return [...byName.values()].toSorted((a, b) => b.age_seconds - a.age_seconds);
}

/** The gids as texts of SQL: `'a', 'b'`. */
export function gidsText(prepared: readonly Pick<Prepared, 'gid'>[]): string {
  return prepared.map(({ gid }) => quoted(gid)).join(', ');
}

/** How the first of them is ended: there is no session to end. */
export function endOf(prepared: readonly Pick<Prepared, 'gid' | 'db'>[]): string | undefined {
  const [first] = prepared;
  if (!first) return undefined;
  return `in database ${first.db}: ROLLBACK PREPARED ${quoted(first.gid)} (or COMMIT PREPARED)`;
}

const quoted = (gid: string): string => `'${gid.replaceAll("'", "''")}'`;
