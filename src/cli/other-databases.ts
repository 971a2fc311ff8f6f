import type { TargetConfig } from '../config/target.ts';
import { databaseProblem, newFindings } from '../loops/database-scan.ts';
import { DISCOVERY, discoveryStatement, parseDiscovery, scanOrder } from '../loops/databases.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { inspectDatabase } from '../postgres/inspect.ts';
import type { PrivilegeCheck } from '../postgres/privileges/check.ts';
import { problemOf } from '../postgres/problem.ts';
import type { Session } from '../postgres/session.ts';

export interface OtherDatabases {
  /** A session to the connected database. */
  readonly session: Session;
  readonly target: TargetConfig;
  readonly check: PrivilegeCheck;
  /** What is already said of the whole server. */
  readonly known: readonly Finding[];
  readonly open: (database: string) => Promise<Session>;
  readonly deadlineMs: number;
}

/**
 * What the loops would find in the databases beside the connected one: those that are left out, and by which ways the role
 * can write there. A database whose role is refused is a finding of aspect `role` and severity `error`.
 */
export async function otherDatabases(options: OtherDatabases): Promise<Finding[]> {
  const { session, target, check, known, open, deadlineMs } = options;
  const { major, database: connected } = session.info;
  const discovered = (await session.read([discoveryStatement(major)], deadlineMs)).get(DISCOVERY);
  if (!discovered?.ok) return [];
  const order = scanOrder(parseDiscovery(discovered.rows), connected, target.databases, undefined);
  const found = [...order.findings];
  // One after the other, as the loops do: no server meets more connections of a check than of a watch.
  for (const database of order.databases) {
    let there: Session | undefined;
    try {
      there = await open(database);
      found.push(...newFindings(database, await inspectDatabase(there, check), known));
    } catch (error) {
      found.push(databaseProblem(database, problemOf(error, true)));
    } finally {
      await there?.close();
    }
  }
  return found;
}
