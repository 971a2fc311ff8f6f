import type { ReaderRole } from '../config/http.ts';
import type { Finding } from '../metrics/snapshot.ts';

/** Their hints are GRANT and REVOKE statements, which name roles. */
const NAMES_ROLES: ReadonlySet<string> = new Set(['role', 'pg_monitor']);

/** Findings for a reader: a viewer reads what was found, but no statement with the names of roles. */
export function findingsFor(role: ReaderRole | undefined, findings: readonly Finding[]): Finding[] {
  if (role === 'operator' || role === 'admin') return [...findings];
  return findings.map(({ hint, ...finding }) =>
    hint === undefined || NAMES_ROLES.has(finding.aspect) ? finding : { ...finding, hint },
  );
}
