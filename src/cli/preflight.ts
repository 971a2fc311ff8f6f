import { credentialsWith } from '../aws/credentials.ts';
import { Secrets } from '../aws/secrets.ts';
import type { Config } from '../config/schema.ts';
import type { TargetConfig } from '../config/target.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { type Endpoint, endpointOf } from '../postgres/endpoint.ts';
import { inspect } from '../postgres/inspect.ts';
import { privilegeReport, refuseWritable } from '../postgres/privileges/check.ts';
import { type PostgresProblem, problemOf } from '../postgres/problem.ts';
import type { ServerInfo } from '../postgres/server-info.ts';
import { Session } from '../postgres/session.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit.ts';
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

/** Looks at every target at the same time. */
export async function preflightAll(config: Config): Promise<Preflight[]> {
  return await Promise.all(config.targets.map((target) => preflight(config, target)));
}

async function preflight(config: Config, target: TargetConfig): Promise<Preflight> {
  const { cluster } = target;
  let session: Session | undefined;
  let endpoint: Endpoint | undefined;
  let findings: readonly Finding[] = [];
  try {
    const credentials = await credentialsWith(new Secrets())(target);
    endpoint = endpointOf(target, credentials);
    session = await Session.open(endpoint, credentials, {
      applicationName: 'pgmon/check',
      connectTimeoutMs: config.timeouts.connect_timeout_ms,
      statementTimeoutMs: config.timeouts.statement_timeout_ms,
      lockTimeoutMs: config.timeouts.lock_timeout_ms,
    });
    findings = await inspect(session, privilegeReport);
    if (config.security.read_only_enforce) refuseWritable(findings);
    findings = [...findings, ...(await limitedVisibility(session, 2 * config.timeouts.statement_timeout_ms + 1_000))];
    return { cluster, endpoint, server: session.info, findings, code: EXIT.done };
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
