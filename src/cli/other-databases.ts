import type { TargetConfig } from '../config/target.ts';
import { databaseProblem, newFindings } from '../loops/database-scan.ts';
import { DISCOVERY, discoveryStatement, parseDiscovery, scanOrder } from '../loops/databases.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { inspectDatabase } from '../postgres/inspect.ts';
import type { Inspections } from '../postgres/inspections.ts';
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
  readonly inspections: Inspections;
  readonly open: (database: string) => Promise<Session>;
  readonly deadlineMs: number;
}

/**
 * What the loops would find in the databases beside the connected one: those that are left out, and by which ways the role
 * can write there. A database whose role is refused is a finding of aspect `role` and severity `error`.
 */
export async function otherDatabases(options: OtherDatabases): Promise<Finding[]> {
  const { session, target, check, known, inspections, open, deadlineMs } = options;
  const { major, database: connected } = session.info;
  const discovered = (await session.read([discoveryStatement(major)], deadlineMs)).get(DISCOVERY);
  if (!discovered?.ok) return [];
  const order = scanOrder(parseDiscovery(discovered.rows), connected, target.databases, undefined);
  const found = [...order.findings];
  const started = performance.now();
  // One after the other, as the loops do: no server meets more connections of a check than of a watch.
  for (const database of order.databases) {
    const look = async () => {
      const at = performance.now();
      const there = await open(database);
      try {
        return { info: there.info, findings: await inspectDatabase(there, check), at, checkedAt: at };
      } finally {
        await there.close();
      }
    };
    try {
      const { findings } = await inspections.ofDatabase(target.cluster, database, started, look);
      found.push(...newFindings(database, findings, known));
    } catch (error) {
      found.push(databaseProblem(database, problemOf(error, true)));
    }
  }
  return found;
}
