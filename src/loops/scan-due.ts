import type { Finding } from '../metrics/snapshot.ts';
import type { FoundDatabase } from './databases.ts';
import type { Read } from './read.ts';

/** What was last read in a database beside the connected one, and what had happened there by then. */
export interface ScannedDatabase {
  /** Epoch seconds by the server's clock. */
  readonly at: number;
  /** RFC 3339 by our own. */
  readonly takenAt: string;
  readonly seen: DatabaseUse;
  /** When that was read, as `performance.now()`. */
  readonly seenAt: number;
  /** Nobody had been there since the scan before, so that nothing of it is of a time with work. */
  readonly wasUnused: boolean;
  readonly reads: readonly Read[];
  readonly findings: readonly Finding[];
}

/** What says whether anybody was in a database. */
export interface DatabaseUse {
  readonly rowsWritten: number;
  /** Sessions of clients since the statistics were reset, ours not counted; null where that is not known. */
  readonly sessions: number | null;
  readonly inUse: boolean;
}

/** A database in which nothing was written is scanned this often. */
const RESCAN_SECONDS = 540;

/**
 * One where nobody was at all is read this seldom by a loop whose values do not change by themselves: as long as values
 * of a scan are kept, less time for one more try, and three hours at most.
 */
const unusedSeconds = (keptSeconds: number): number => Math.min(keptSeconds * 0.85, 10_700);

/** @param opened how often we have connected there ourselves; undefined while that changes */
export function useOf(found: FoundDatabase, opened: number | undefined, isPrimary: boolean): DatabaseUse {
  const { rows_written: rowsWritten, sessions, in_use: inUse } = found;
  // What a standby replays is counted nowhere.
  const isKnown = isPrimary && sessions !== null && opened !== undefined;
  return { rowsWritten, sessions: isKnown ? sessions - opened : null, inUse };
}

/** Whether nobody was in a database between two looks at it. */
export function isUnused(before: DatabaseUse, now: DatabaseUse): boolean {
  return (
    before.sessions !== null &&
    before.sessions === now.sessions &&
    before.rowsWritten === now.rowsWritten &&
    !before.inUse &&
    !now.inUse
  );
}

export interface ScanState {
  /** By database. */
  readonly uses: ReadonlyMap<string, DatabaseUse>;
  readonly scanned: ReadonlyMap<string, ScannedDatabase>;
  /** Epoch seconds by the server's clock. */
  readonly now: number;
  /** What the loop reads changes only where somebody is at work: neither with time nor by autovacuum. */
  readonly restsWhileUnused: boolean;
  /** How long the values of a scan are shown. */
  readonly keptSeconds: number;
}

/**
 * The databases that a pass has to scan: those never scanned, then those scanned longest ago. One in which nothing was
 * written since keeps its last values for nine minutes: a scan costs the server 8 ms (workload) to 35 ms (storage, 200
 * tables). Where nobody was connected, between the last two scans and since then, sizes, rows, keys and indexes are
 * read every ninety minutes, what is hourly elsewhere every three hours.
 */
export function dueDatabases(order: readonly string[], state: ScanState): string[] {
  const { uses, scanned, now } = state;
  const isDue = (database: string) => {
    const [last, use] = [scanned.get(database), uses.get(database)];
    if (!last || !use || now < last.at || isNeglected(database, state)) return true;
    if (last.reads.some(({ outcome }) => outcome.status === 'failed')) return true;
    return last.seen.rowsWritten !== use.rowsWritten;
  };
  const age = (database: string) => now - (scanned.get(database)?.at ?? Number.NEGATIVE_INFINITY);
  return order.filter(isDue).sort((a, b) => compareAges(age(b), age(a)));
}

/** Whether a database has gone without a scan for so long that somebody should hear of it. */
export function isNeglected(
  database: string,
  { uses, scanned, now, restsWhileUnused, keptSeconds }: ScanState,
): boolean {
  const [last, use] = [scanned.get(database), uses.get(database)];
  if (!last || !use) return true;
  const isResting = restsWhileUnused && last.wasUnused && isUnused(last.seen, use);
  return now - last.at >= (isResting ? unusedSeconds(keptSeconds) : RESCAN_SECONDS);
}

/** Infinite ages are equal, where their difference would be NaN. */
function compareAges(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
