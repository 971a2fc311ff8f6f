import type { Finding } from '../metrics/snapshot.ts';
import type { FoundDatabase } from './databases.ts';
import type { Read } from './read.ts';

/** What was last read in a database beside the connected one, and what it had written by then. */
export interface ScannedDatabase {
  /** Epoch seconds by the server's clock. */
  readonly at: number;
  /** RFC 3339 by our own. */
  readonly takenAt: string;
  readonly rowsWritten: number;
  readonly reads: readonly Read[];
  readonly findings: readonly Finding[];
}

/** A database in which nothing was written is scanned this often; slower loops scan every one at each pass. */
const RESCAN_SECONDS = 540;

/**
 * The databases that a pass has to scan: those never scanned, then those scanned longest ago. One in which nothing was
 * written since keeps its last values: a connection to it costs the server 11 to 16 ms, 0.7 CPU seconds an hour.
 *
 * @param now epoch seconds by the server's clock
 */
export function dueDatabases(
  order: readonly string[],
  found: readonly FoundDatabase[],
  scanned: ReadonlyMap<string, ScannedDatabase>,
  now: number,
): string[] {
  const written = new Map(found.map(({ database, rows_written }) => [database, rows_written]));
  const isDue = (database: string) => {
    const last = scanned.get(database);
    if (!last || now - last.at >= RESCAN_SECONDS || now < last.at) return true;
    if (last.reads.some(({ outcome }) => outcome.status === 'failed')) return true;
    return last.rowsWritten !== written.get(database);
  };
  const age = (database: string) => now - (scanned.get(database)?.at ?? Number.NEGATIVE_INFINITY);
  return order.filter(isDue).sort((a, b) => compareAges(age(b), age(a)));
}

/** Infinite ages are equal, where their difference would be NaN. */
function compareAges(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** Whether a database has gone without a scan for so long that somebody should hear of it. */
export function isNeglected(last: ScannedDatabase | undefined, now: number): boolean {
  return !last || now - last.at >= RESCAN_SECONDS;
}
