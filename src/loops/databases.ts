import * as z from 'zod';
import { few } from '../collectors/few.ts';
import { sqlFiles, sqlFor } from '../collectors/sql.ts';
import type { TargetConfig } from '../config/target.ts';
import type { Finding } from '../metrics/snapshot.ts';
import type { Statement } from '../postgres/session.ts';

export const discoverySql = sqlFiles('discovery');

/** Lists the databases of a server of this major that can be watched. */
export function discoveryStatement(major: number): Statement {
  return { name: DISCOVERY, text: `/* pgmon:discovery */ ${sqlFor(discoverySql, String(major))?.text ?? ''}` };
}

export const DISCOVERY = 'pgmon_discovery';

/**
 * `rows_written`: inserted, updated and deleted since the statistics were reset. `sessions`: of clients, ours among them,
 * since then; from 14. `in_use`: somebody but us and autovacuum is connected; not said of the connected database.
 */
const rowSchema = z.object({
  database: z.string(),
  may_connect: z.boolean(),
  rows_written: z.number(),
  sessions: z.number().nullable(),
  in_use: z.boolean(),
});
export type FoundDatabase = z.output<typeof rowSchema>;

export function parseDiscovery(rows: readonly unknown[]): FoundDatabase[] {
  return z.array(rowSchema).parse(rows);
}

export interface ScanOrder {
  /** Databases to scan beside the connected one, in order. */
  readonly databases: readonly string[];
  /** What is left out, and why. */
  readonly findings: readonly Finding[];
}

/** Whether the configuration wants this database watched. */
export function isWatched(database: string, { include, exclude }: TargetConfig['databases']): boolean {
  return (!include || include.includes(database)) && !exclude.includes(database);
}

/**
 * The databases that a pass scans: those that the configuration wants and the role may connect to, up to the cap,
 * starting where the pass before had to stop.
 */
export function scanOrder(
  found: readonly FoundDatabase[],
  connected: string,
  config: TargetConfig['databases'],
  resumeAt: string | undefined,
): ScanOrder {
  const wanted = found.filter(({ database }) => isWatched(database, config));
  const open = wanted.filter(({ may_connect }) => may_connect).map(({ database }) => database);
  const others = open.filter((database) => database !== connected);
  const room = config.max - (open.includes(connected) ? 1 : 0);
  const [chosen, over] = [others.slice(0, room), others.slice(room)];
  const closed = wanted.filter(({ may_connect }) => !may_connect).map(({ database }) => database);
  const missing = (config.include ?? []).filter((name) => !found.some(({ database }) => database === name));
  const findings: Finding[] = [];
  const say = (message: string, hint: string) =>
    findings.push({ aspect: 'databases', severity: 'warning', message, hint });
  if (over.length > 0) {
    say(
      `${over.length} databases are not monitored, over the cap of ${config.max}: ${few(over)}`,
      'Raise databases.max, or name those that matter in databases.include.',
    );
  }
  if (closed.length > 0) {
    say(
      `databases that refuse this role: ${few(closed)}`,
      `GRANT CONNECT ON DATABASE … TO the role, or name them in databases.exclude.`,
    );
  }
  if (missing.length > 0)
    say(`databases.include names unknown databases: ${few(missing)}`, 'Check the spelling; names are case-sensitive.');
  const start = Math.max(0, resumeAt === undefined ? 0 : chosen.indexOf(resumeAt));
  return { databases: [...chosen.slice(start), ...chosen.slice(0, start)], findings };
}
