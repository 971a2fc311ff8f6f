/** The parts of an `activity` row that the derivations and the lock tree need. */
export interface SessionRow {
  readonly kind: string | null;
  readonly db: string;
  readonly backend_type: string;
  readonly state: string;
  readonly wait_event_type: string;
  readonly wait_event: string;
  readonly sessions: number | null;
  readonly pid: number | null;
  readonly user_name: string | null;
  readonly application: string | null;
  readonly query_id?: string | null;
  readonly query: string | null;
  readonly xact_age_seconds: number | null;
  readonly query_age_seconds: number | null;
  readonly state_age_seconds: number | null;
  readonly wait_seconds: number | null;
  readonly lock_mode: string | null;
  readonly lock_type: string | null;
  readonly lock_relation: string | null;
  /** OID of a locked relation of another database than the connected one, which is the session's: it has no name there. */
  readonly lock_oid: string | null;
  /** Whom it waits for, the first ten; of the kind `queue`: whom the first of `waiting` waits for. */
  readonly blocked_by: readonly number[] | null;
  /** Of the kind `queue`: all that wait for one object in one mode, the longest wait first. */
  readonly waiting: readonly number[] | null;
  /** How long each of `waiting` has waited, in seconds. */
  readonly waits: readonly number[] | null;
  /** Before 14, with `holders`: what tells that the wait of each is the same as in the pass before. */
  readonly wait_for: readonly string[] | null;
  /** Of the kind `prepared`: the name of a prepared transaction that blocks others. */
  readonly gid?: string | null;
  /** Before 14: the transactions that block them. */
  readonly holders: readonly string[] | null;
  /** Of the kind `session`; null over a local socket. */
  readonly client_addr?: string | null;
  /** Epoch seconds; with the pid it says which session this is, since pids are used again. */
  readonly backend_start?: number | null;
}

export const isGroup = (row: SessionRow): boolean => row.kind === 'group';
export const isSession = (row: SessionRow): boolean => row.kind === 'session';
export const isPrepared = (row: SessionRow): boolean => row.kind === 'prepared';
export const isClient = (row: SessionRow): boolean => row.backend_type === 'client backend';
export const isWaitingForLock = (row: SessionRow): boolean => row.wait_event_type === 'Lock';

/** The largest of the values that are there, 0 where there is none: nobody in a transaction is an age of 0. */
export function largest(values: readonly (number | null)[]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}
