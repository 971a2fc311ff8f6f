import { few } from '../collectors/few.ts';
import { LOOP_BUDGET_MS, type Loop } from '../config/loop.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { type PostgresProblem, problemOf } from '../postgres/problem.ts';
import type { ServerInfo } from '../postgres/server-info.ts';
import type { Session } from '../postgres/session.ts';
import { readDetails } from './details.ts';
import { type Plan, statementsOf } from './plan.ts';
import { type Read, type ReadContext, readsOf } from './read.ts';

/** Share of the loop's budget after which no further database is begun. */
const LAST_START = 0.7;

export interface DatabaseScan {
  /** The databases to scan, in order. */
  readonly databases: readonly string[];
  /** How many databases are watched, the connected one included. */
  readonly watched: number;
  /** Whether one that there was no time for has waited so long that it has to be said. */
  readonly isNeglected: (database: string) => boolean;
  /** Lends a session to a database, with what was found when it was made. */
  readonly scan: (
    database: string,
    use: (session: Session, findings: readonly Finding[]) => Promise<void>,
  ) => Promise<void>;
  readonly planFor: (server: ServerInfo) => readonly Plan[];
  readonly context: ReadContext;
  /** What is already said of the whole server. */
  readonly known: readonly Finding[];
  readonly loop: Loop;
  /** Milliseconds since the pass began. */
  readonly elapsedMs: () => number;
}

export interface DatabaseScans {
  /** What was read and found, by database. */
  readonly scans: ReadonlyMap<string, { readonly reads: readonly Read[]; readonly findings: readonly Finding[] }>;
  readonly findings: readonly Finding[];
  /** Where the next pass continues, when this one had no time for all. */
  readonly resumeAt?: string;
}

/** Reads one database after the other, each in one round trip; each fails alone. */
export async function scanDatabases(options: DatabaseScan): Promise<DatabaseScans> {
  const { databases, scan, planFor, context, known, loop, elapsedMs } = options;
  const scans = new Map<string, { reads: Read[]; findings: Finding[] }>();
  const findings: Finding[] = [];
  for (const [i, database] of databases.entries()) {
    const left = LOOP_BUDGET_MS[loop] * LAST_START - elapsedMs();
    if (left <= 0) {
      const neglected = databases.slice(i).filter(options.isNeglected);
      if (neglected.length > 0) {
        findings.push({
          aspect: 'databases',
          severity: 'warning',
          message: `the ${loop} loop had no time for ${neglected.length} of ${options.watched} databases: ${few(neglected)}`,
          hint: 'The next pass continues there. Raise sample_intervals, lower limits, or name fewer databases in databases.include.',
        });
      }
      return { scans, findings, resumeAt: database };
    }
    try {
      await scan(database, async (session, found) => {
        const plans = planFor(session.info);
        const answers = await session.read(statementsOf(plans), Math.max(left, 1_000));
        const details = await readDetails(session, plans, answers, context);
        const reads = readsOf(plans, database, answers, { ...context, details });
        scans.set(database, { reads, findings: newFindings(database, found, known) });
      });
    } catch (error) {
      findings.push(databaseProblem(database, problemOf(error, true)));
    }
  }
  return { scans, findings };
}

/** Why a database cannot be read; that the role can write there is about the role. */
export function databaseProblem(database: string, { kind, message, hint }: PostgresProblem): Finding {
  const aspect = kind === 'writable' ? 'role' : 'databases';
  return { aspect, severity: 'error', message: `database ${database}: ${message}`, hint };
}

/** What was found about the role in another database and is not already said of the whole server. */
export function newFindings(database: string, found: readonly Finding[], known: readonly Finding[]): Finding[] {
  return found
    .filter(({ aspect, message }) => aspect === 'role' && !known.some((one) => one.message === message))
    .map((finding) => ({ ...finding, message: `database ${database}: ${finding.message}` }));
}
