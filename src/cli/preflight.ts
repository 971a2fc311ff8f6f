import { credentialsWith } from '../aws/credentials.ts';
import { Secrets } from '../aws/secrets.ts';
import type { Config } from '../config/schema.ts';
import type { TargetConfig } from '../config/target.ts';
import { type Finding, refusalOf } from '../metrics/snapshot.ts';
import { type Endpoint, endpointOf } from '../postgres/endpoint.ts';
import { inspect } from '../postgres/inspect.ts';
import { Inspections } from '../postgres/inspections.ts';
import { privilegeCheck, privilegeReport, refuseWritable } from '../postgres/privileges/check.ts';
import { PostgresProblem, problemOf } from '../postgres/problem.ts';
import type { ServerInfo } from '../postgres/server-info.ts';
import { Session, type SessionOptions } from '../postgres/session.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit.ts';
import { otherDatabases } from './other-databases.ts';
import { limitedVisibility } from './visibility.ts';

/** What one look at a target found before any watching. */
export interface Preflight {
  readonly cluster: string;
  readonly endpoint?: Endpoint;
  readonly server?: ServerInfo;
  readonly findings: readonly Finding[];
  /** Why the target would not be watched. */
  readonly problem?: PostgresProblem;
  readonly code: ExitCode;
}

/** Looks at every target at the same time; what it learns of other databases is noted for the loops. */
export async function preflightAll(config: Config, inspections = new Inspections()): Promise<Preflight[]> {
  return await Promise.all(config.targets.map((target) => preflight(config, target, inspections)));
}

async function preflight(config: Config, target: TargetConfig, inspections: Inspections): Promise<Preflight> {
  const { cluster } = target;
  const options: SessionOptions = {
    applicationName: 'pgmon/check',
    connectTimeoutMs: config.timeouts.connect_timeout_ms,
    statementTimeoutMs: config.timeouts.statement_timeout_ms,
    lockTimeoutMs: config.timeouts.lock_timeout_ms,
  };
  let session: Session | undefined;
  let endpoint: Endpoint | undefined;
  let findings: readonly Finding[] = [];
  try {
    const credentials = await credentialsWith(new Secrets())(target);
    endpoint = endpointOf(target, credentials);
    session = await Session.open(endpoint, credentials, options);
    const inspection = await inspect(session, privilegeReport);
    findings = inspection.findings;
    inspections.noteRights(cluster, inspection.rights);
    if (config.security.read_only_enforce) refuseWritable(findings);
    findings = [...findings, ...(await limitedVisibility(session, 2 * config.timeouts.statement_timeout_ms + 1_000))];
    const place = endpoint;
    const others = await otherDatabases({
      session,
      target,
      check: privilegeCheck(config.security),
      known: findings,
      inspections,
      open: (database) => Session.open({ ...place, database }, credentials, options),
      deadlineMs: 2 * config.timeouts.statement_timeout_ms + 1_000,
    });
    findings = [...findings, ...others];
    const refused = refusalOf(others);
    if (refused) throw new PostgresProblem('writable', refused.message, refused.hint);
    const isUnread = others.some(({ severity }) => severity === 'error');
    return { cluster, endpoint, server: session.info, findings, code: isUnread ? EXIT.found : EXIT.done };
  } catch (error) {
    const problem = problemOf(error, true);
    const server = session?.info;
    return {
      cluster,
      endpoint,
      server,
      findings,
      problem,
      code: exitCodeOf(problem.kind),
    };
  } finally {
    await session?.close();
  }
}
