import { isClient, isGroup, type SessionRow } from './session-row.ts';
import { storedSessions } from './stored.ts';

/** Most applications that a snapshot keeps with their connections. */
const MOST = 50;

/** Rows without the applications that have fewest connections: some programs give every connection a name of its own. */
export function withFewApplications<Row extends SessionRow>(rows: readonly Row[]): readonly Row[] {
  const named = rows.filter(({ kind }) => kind === 'application');
  if (named.length <= MOST) return rows;
  const kept = new Set(named.toSorted((a, b) => (b.sessions ?? 0) - (a.sessions ?? 0)).slice(0, MOST));
  return rows.filter((row) => row.kind !== 'application' || kept.has(row));
}

/**
 * Connections of each application in the rows of a pass, pgmon's own left out; one without a name is `unnamed`. Undefined where
 * the rows are of a version that did not count them.
 */
export function applicationsOf(rows: readonly unknown[] | undefined): ReadonlyMap<string, number> | undefined {
  const sessions = storedSessions(rows);
  const counted = sessions.filter(({ kind }) => kind === 'application');
  if (counted.length === 0 && sessions.some((row) => isGroup(row) && isClient(row))) return undefined;
  return new Map(counted.map((row) => [row.application || 'unnamed', row.sessions ?? 0]));
}
