import * as z from 'zod';
import { sqlFiles, sqlFor } from '../collectors/sql.ts';
import type { Finding } from '../metrics/snapshot.ts';
import type { PrivilegeCheck } from './privileges/check.ts';
import { PostgresProblem } from './problem.ts';
import type { Session, Statement } from './session.ts';

export const preflightSql = sqlFiles('preflight');

const preflightRow = z.object({
  has_pg_monitor: z.boolean(),
  role: z.string(),
  preload: z.string().nullable(),
  statements_installed: z.string().nullable(),
  statements_available: z.string().nullable(),
  track_io_timing: z.boolean(),
  track_activities: z.boolean(),
});

/** Longest time for all statements; the privilege check reads the whole catalog of relations. */
const INSPECT_MS = 5_000;

/** What was found of a role and its server. */
export interface Inspection {
  readonly findings: Finding[];
  /** What the role may do in all databases: where it changes, what was found in other databases is old. */
  readonly rights: string;
}

/**
 * Everything worth saying about the role and the server, in one round trip: by which the role can write, what is missing.
 *
 * @throws PostgresProblem `writable` where the privilege check refuses the role
 */
export async function inspect(session: Session, check: PrivilegeCheck): Promise<Inspection> {
  const statements = check.statements(session.info.major, 'all');
  const answers = await session.read([preflightStatement, ...statements], INSPECT_MS);
  const [preflight, ...privileges] = answers.values();
  const findings = check.findings(privileges);
  if (!preflight?.ok) throw preflight?.problem ?? new PostgresProblem('statement', 'inspecting the server failed');
  const pooled: Finding[] = session.info.pooled
    ? [
        {
          aspect: 'pooler',
          severity: 'warning',
          message:
            'connected through a pooler such as PgBouncer or RDS Proxy: each statement takes its own transaction',
          hint: 'Point pgmon at the port of PostgreSQL itself.',
        },
      ]
    : [];
  const missing = preflight.rows.flatMap((row) => preflightFindings(preflightRow.parse(row), session.info.database));
  return { findings: [...findings, ...pooled, ...missing], rights: check.sharedRights(privileges) };
}

/**
 * By which ways the role can write in a further database, in one round trip; what all databases share is known from the
 * connected one.
 *
 * @throws PostgresProblem `writable` where the privilege check refuses the role
 */
export async function inspectDatabase(session: Session, check: PrivilegeCheck): Promise<Finding[]> {
  const answers = await session.read(check.statements(session.info.major, 'database'), INSPECT_MS);
  return check.findings([...answers.values()], session.info.database);
}

const preflightStatement: Statement = {
  name: 'pgmon_preflight',
  text: `/* pgmon:preflight */ ${sqlFor(preflightSql, '12')?.text ?? ''}`,
};

function preflightFindings(row: z.output<typeof preflightRow>, database: string): Finding[] {
  const findings: Finding[] = [];
  const warn = (aspect: string, message: string, hint: string) =>
    findings.push({ aspect, severity: 'warning', message, hint });
  if (!row.has_pg_monitor) {
    warn(
      'pg_monitor',
      "other users' sessions and statements are hidden: the role is not a member of pg_monitor",
      `GRANT pg_monitor TO ${row.role};`,
    );
  }
  const preloaded = row.preload?.split(',').some((library) => library.trim() === 'pg_stat_statements');
  if (row.preload !== null && !preloaded) {
    warn(
      'pg_stat_statements',
      'no statement statistics: pg_stat_statements is not in shared_preload_libraries',
      row.preload
        ? `ALTER SYSTEM SET shared_preload_libraries = ${row.preload
            .split(',')
            .map((l) => `'${l.trim()}'`)
            .join(', ')}, 'pg_stat_statements'; then restart the server (on RDS: in the parameter group).`
        : "ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'; then restart the server (on RDS: in the parameter group).",
    );
  } else if (row.statements_installed === null) {
    warn(
      'pg_stat_statements',
      row.statements_available === null
        ? 'no statement statistics: the extension pg_stat_statements is not installed on the server'
        : `no statement statistics: the extension pg_stat_statements is missing in database ${database}`,
      row.statements_available === null
        ? "Install the server's contrib package, then CREATE EXTENSION pg_stat_statements;"
        : 'CREATE EXTENSION pg_stat_statements;',
    );
  }
  if (!row.track_io_timing) {
    warn(
      'track_io_timing',
      'block read and write times are not measured: track_io_timing is off',
      'ALTER SYSTEM SET track_io_timing = on; SELECT pg_reload_conf();',
    );
  }
  if (!row.track_activities) {
    warn(
      'track_activities',
      'sessions have no state: track_activities is off',
      'ALTER SYSTEM SET track_activities = on; SELECT pg_reload_conf();',
    );
  }
  return findings;
}
