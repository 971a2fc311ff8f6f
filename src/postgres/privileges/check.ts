import type { Config } from '../../config/schema.ts';
import type { Finding } from '../../metrics/snapshot.ts';
import { PostgresProblem } from '../problem.ts';
import type { Answer, Statement } from '../session.ts';
import { type PrivilegeScope, parsePrivileges, privilegeStatements } from './facts.ts';
import { privilegeFindings } from './findings.ts';

/** Asks the server by which ways the session's role can write. */
export interface PrivilegeCheck {
  /** What to send to a server of this major. */
  readonly statements: (major: number, scope: PrivilegeScope) => Statement[];
  /**
   * @param database the database that was asked where it is not the connected one; every remedy names it
   * @throws PostgresProblem `writable` where the check refuses the role; or why the check could not be made
   */
  readonly findings: (answers: readonly Answer[], database?: string) => Finding[];
  /** What of it holds for all databases: where this changes, what was found in other databases is old. */
  readonly sharedRights: (answers: readonly Answer[]) => string;
}

/** Every way by which the role can write, and no refusal. */
export const privilegeReport: PrivilegeCheck = {
  statements: privilegeStatements,
  findings: (answers, database) =>
    privilegeFindings(parsePrivileges(answers)).map((finding) =>
      database === undefined ? finding : { ...finding, hint: `in database ${quoted(database)}: ${finding.hint}` },
    ),
  sharedRights: (answers) => {
    const { roles, grants } = parsePrivileges(answers);
    return JSON.stringify([roles, grants.filter(({ kind }) => kind === 'owner' || kind === 'mention')]);
  },
};

/** Refuses a role that can write; marks what was found where the configuration only wants a warning. */
export function privilegeCheck(security: Pick<Config['security'], 'read_only_enforce'>): PrivilegeCheck {
  return {
    ...privilegeReport,
    findings: (answers, database) => {
      const findings = privilegeReport.findings(answers, database);
      if (!security.read_only_enforce) return findings.map(tolerated);
      refuseWritable(findings);
      return findings;
    },
  };
}

function tolerated(finding: Finding): Finding {
  if (finding.severity !== 'error') return finding;
  return {
    ...finding,
    severity: 'warning',
    message: `${finding.message} (tolerated: security.read_only_enforce is false)`,
  };
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** @throws PostgresProblem `writable` with every reason, where one of the findings is that the role can write */
export function refuseWritable(findings: readonly Finding[]): void {
  const reasons = findings.filter(({ aspect, severity }) => aspect === 'role' && severity === 'error');
  if (reasons.length === 0) return;
  const remedies = new Set(reasons.map(({ hint }) => hint));
  throw new PostgresProblem(
    'writable',
    `refused because this role can write: it ${reasons.map(({ message }) => message.replace(/^this role /, '')).join('; ')}`,
    `Recommended: a dedicated role. CREATE ROLE pgmon LOGIN PASSWORD '…'; GRANT pg_monitor TO pgmon; To fix this one: ${[...remedies].join(' ')}`,
  );
}
