import * as z from 'zod';
import { sqlFiles, sqlFor } from '../collectors/sql.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { PostgresProblem } from './problem.ts';
import type { Answer, Session } from './session.ts';

export const guardSql = sqlFiles('guard');
export const preflightSql = sqlFiles('preflight');

const guardRow = z.object({ severity: z.enum(['error', 'warning']), reason: z.string(), remedy: z.string() });

const preflightRow = z.object({
  has_pg_monitor: z.boolean(),
  role: z.string(),
  preload: z.string().nullable(),
  statements_installed: z.string().nullable(),
  statements_available: z.string().nullable(),
  track_io_timing: z.boolean(),
  track_activities: z.boolean(),
});

/** Longest time for both statements; the guard reads the whole catalog of relations once per connection. */
const INSPECT_MS = 5_000;

/** Everything worth saying about the role and the server, worst first: by which the role can write, what is missing. */
export async function inspect(session: Session): Promise<Finding[]> {
  const [guard, preflight] = await session.read(
    [statement('guard', guardSql), statement('preflight', preflightSql)],
    INSPECT_MS,
  );
  const pooled: Finding[] = session.info.pooled
    ? [
        {
          aspect: 'pooler',
          severity: 'warning',
          message:
            'a pooler such as PgBouncer or RDS Proxy stands between: each statement takes a transaction of its own',
          hint: 'Point pgmon at the port of PostgreSQL itself.',
        },
      ]
    : [];
  return [
    ...rowsOf(guard, 'role').map((row) => guardFinding(guardRow.parse(row))),
    ...pooled,
    ...rowsOf(preflight, 'preflight').flatMap((row) =>
      preflightFindings(preflightRow.parse(row), session.info.database),
    ),
  ];
}

/** @throws PostgresProblem `writable` with every reason, where one of the findings is that the role can write */
export function refuseWritable(findings: readonly Finding[]): void {
  const reasons = findings.filter(({ aspect, severity }) => aspect === 'role' && severity === 'error');
  if (reasons.length === 0) return;
  throw new PostgresProblem(
    'writable',
    `refused, since this role can write: ${reasons.map(({ message }) => message).join('; ')}`,
    `Best is a role of its own: CREATE ROLE pgmon LOGIN PASSWORD '…'; GRANT pg_monitor TO pgmon; To mend this one: ${reasons.map(({ hint }) => hint).join(' ')}`,
  );
}

function statement(name: string, files: typeof guardSql) {
  return { name: `pgmon_${name}`, text: `/* pgmon:${name} */ ${sqlFor(files, '12')?.text ?? ''}` };
}

function rowsOf(answer: Answer | undefined, what: string): readonly unknown[] {
  if (answer?.ok) return answer.rows;
  throw answer?.problem ?? new PostgresProblem('statement', `the ${what} could not be inspected`);
}

function guardFinding({ severity, reason, remedy }: z.output<typeof guardRow>): Finding {
  return { aspect: 'role', severity, message: reason, hint: remedy };
}

function preflightFindings(row: z.output<typeof preflightRow>, database: string): Finding[] {
  const findings: Finding[] = [];
  const warn = (aspect: string, message: string, hint: string) =>
    findings.push({ aspect, severity: 'warning', message, hint });
  if (!row.has_pg_monitor) {
    warn(
      'pg_monitor',
      "other users' sessions and statements are hidden: the role is no member of pg_monitor",
      `GRANT pg_monitor TO ${row.role};`,
    );
  }
  const preloaded = row.preload?.split(',').some((library) => library.trim() === 'pg_stat_statements');
  if (row.preload !== null && !preloaded) {
    warn(
      'pg_stat_statements',
      'no statistics of statements: pg_stat_statements is not in shared_preload_libraries',
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
        ? 'no statistics of statements: the extension pg_stat_statements is not installed on the server'
        : `no statistics of statements: the extension pg_stat_statements is missing in database ${database}`,
      row.statements_available === null
        ? "Install the server's contrib package, then CREATE EXTENSION pg_stat_statements;"
        : 'CREATE EXTENSION pg_stat_statements;',
    );
  }
  if (!row.track_io_timing) {
    warn(
      'track_io_timing',
      'times of reading and writing blocks are not measured: track_io_timing is off',
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
