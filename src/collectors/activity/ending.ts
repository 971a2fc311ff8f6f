import { gidsText } from './prepared.ts';
import { isClient, isPrepared, type SessionRow } from './session-row.ts';

/** A statement that ends what blocks others. */
export interface Ending {
  readonly sql: string;
  /** `cancel` ends the running statement and with it its transaction, `terminate` the session, `rollback` a prepared transaction. */
  readonly what: 'cancel' | 'terminate' | 'rollback';
  /** Where it has to be run; null: in any database. */
  readonly db: string | null;
}

/**
 * What ends the root of a lock tree, the gentlest first. A session that is idle in its transaction runs nothing that could be
 * canceled; a prepared transaction has no session at all.
 */
export function endingsOf(pid: number, session: SessionRow | undefined, prepared: readonly SessionRow[]): Ending[] {
  if (pid === 0)
    return prepared.map(({ gid, db }) => ({
      sql: `ROLLBACK PREPARED ${gidsText([{ gid: gid ?? '' }])};`,
      what: 'rollback',
      db,
    }));
  const runs = session === undefined || session.state === 'active' || session.state === 'fastpath function call';
  return [
    ...(runs ? [{ sql: `SELECT pg_cancel_backend(${pid});`, what: 'cancel', db: null } as const] : []),
    { sql: `SELECT pg_terminate_backend(${pid});`, what: 'terminate', db: null },
  ];
}

/** What has become of a session's transaction since it was seen. */
export type Fate = 'same transaction' | 'transaction over' | 'unknown';

/** Sessions in a transaction that a pass names at least, the oldest first: the LIMIT of the statement. */
const NAMED_TRANSACTIONS = 25;

/** Two readings of one start differ by the time of a pass. */
const ALIKE_MS = 2_000;

interface SeenRows {
  readonly takenAt: string;
  readonly rows: readonly SessionRow[];
}

/**
 * Whether the transaction of a session that was seen at a moment is still open in a later pass. A session is found again by its
 * pid and the start of its connection, since pids are used again; one that is not listed has no open transaction as long as
 * the pass lists all that are as old.
 */
export function fateOf(row: SessionRow, then: string, later: SeenRows): Fate {
  if (isPrepared(row)) {
    const found = later.rows.some((one) => isPrepared(one) && one.gid === row.gid && one.db === row.db);
    return found ? 'same transaction' : 'unknown';
  }
  const began = startOf(row, then);
  if (began === undefined || row.backend_start === null || row.backend_start === undefined) return 'unknown';
  const sessions = later.rows.filter(({ kind }) => kind === 'session');
  const found = sessions.find(
    ({ pid, backend_start }) => pid === row.pid && Math.abs((backend_start ?? 0) - (row.backend_start ?? 0)) < 0.01,
  );
  if (found) {
    const start = startOf(found, later.takenAt);
    return start !== undefined && Math.abs(start - began) < ALIKE_MS ? 'same transaction' : 'transaction over';
  }
  const starts = sessions
    .filter(isClient)
    .flatMap((one) => startOf(one, later.takenAt) ?? [])
    .sort((a, b) => a - b);
  const listed = starts.length < NAMED_TRANSACTIONS || began < (starts[NAMED_TRANSACTIONS - 1] ?? 0);
  return listed && isClient(row) ? 'transaction over' : 'unknown';
}

function startOf({ xact_age_seconds }: SessionRow, takenAt: string): number | undefined {
  return xact_age_seconds === null ? undefined : Date.parse(takenAt) - xact_age_seconds * 1_000;
}
