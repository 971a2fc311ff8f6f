import { collectorsOf } from '../collectors/index.ts';
import type { Config } from '../config/schema.ts';
import type { TargetConfig } from '../config/target.ts';
import { planCollector } from '../loops/plan.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { credentialsFromDsn } from '../postgres/credentials.ts';
import { endpointOf, endpointText } from '../postgres/endpoint.ts';
import { inspect } from '../postgres/inspect.ts';
import { problemOf } from '../postgres/problem.ts';
import { Session } from '../postgres/session.ts';
import { readTargets } from './config-file.ts';
import { EXIT, type ExitCode, exitCodeOf } from './exit.ts';
import { printJson, printTable } from './output.ts';

interface Aspect extends Finding {
  readonly cluster: string;
}

interface Preflight {
  readonly aspects: Aspect[];
  readonly code: ExitCode;
}

/** Looks at every target as pgmon would and says of each aspect: OK, warning or error, with a hint. */
export async function checkCommand(options: { config?: string; json?: boolean }): Promise<ExitCode> {
  const config = readTargets(options.config);
  const preflights = await Promise.all(config.targets.map((target) => preflight(config, target)));
  const aspects = preflights.flatMap((one) => one.aspects);
  if (options.json) {
    printJson({ ok: aspects.every(({ severity }) => severity !== 'error'), aspects });
  } else {
    printTable(
      ['', 'Target', 'Aspect', 'Finding'],
      aspects.map(({ cluster, aspect, severity, message, hint }) => [
        MARK[severity],
        cluster,
        aspect,
        hint ? `${message}\n→ ${hint}` : message,
      ]),
    );
  }
  return preflights.map(({ code }) => code).reduce<ExitCode>((worst, code) => (code > worst ? code : worst), EXIT.done);
}

const MARK = { ok: 'OK', warning: 'WARN', error: 'ERROR' } as const;

async function preflight(config: Config, target: TargetConfig): Promise<Preflight> {
  const { cluster } = target;
  const aspects: Aspect[] = [];
  const say = (finding: Finding) => aspects.push({ cluster, ...finding });
  let session: Session | undefined;
  try {
    const credentials = await credentialsFromDsn(target);
    const endpoint = endpointOf(target, credentials);
    session = await Session.open(endpoint, credentials, {
      applicationName: 'pgmon/check',
      connectTimeoutMs: config.timeouts.connect_timeout_ms,
      statementTimeoutMs: config.timeouts.statement_timeout_ms,
      lockTimeoutMs: config.timeouts.lock_timeout_ms,
    });
    const { info } = session;
    say({
      aspect: 'connection',
      severity: 'ok',
      message: `${endpointText(endpoint)} as ${info.user}, TLS ${endpoint.tls}`,
    });
    if (endpoint.tls === 'disable' && target.tls?.mode === 'disable') {
      say({
        aspect: 'tls',
        severity: 'warning',
        message: 'the password and all that is read travel unencrypted',
        hint: 'Leave out tls.mode: verify-full is the default.',
      });
    }
    say({ aspect: 'server', severity: 'ok', message: `PostgreSQL ${info.version}, ${info.role}` });
    const findings = await inspect(session);
    for (const finding of findings) say(tolerated(finding, config));
    for (const aspect of ['role', 'pg_monitor', 'pg_stat_statements', 'track_io_timing']) {
      if (!findings.some((finding) => finding.aspect === aspect))
        say({ aspect, severity: 'ok', message: GOOD[aspect] ?? 'in order' });
    }
    sayCollectors(config, session, say);
    const refused =
      config.security.read_only_enforce &&
      findings.some(({ aspect, severity }) => aspect === 'role' && severity === 'error');
    return { aspects, code: refused ? EXIT.refused : EXIT.done };
  } catch (error) {
    const problem = problemOf(error, true);
    say({
      aspect: 'connection',
      severity: 'error',
      message: problem.message,
      ...(problem.hint ? { hint: problem.hint } : {}),
    });
    return { aspects, code: exitCodeOf(problem.kind) };
  } finally {
    await session?.close();
  }
}

const GOOD: Readonly<Record<string, string>> = {
  role: 'can read and not write',
  pg_monitor: 'granted',
  pg_stat_statements: 'preloaded and installed',
  track_io_timing: 'on',
};

function tolerated(finding: Finding, config: Config): Finding {
  const writes = finding.aspect === 'role' && finding.severity === 'error';
  return writes && !config.security.read_only_enforce ? { ...finding, severity: 'warning' } : finding;
}

function sayCollectors(config: Config, session: Session, say: (finding: Finding) => void): void {
  const limits = { topRelations: 1, topIndexes: 1, topQueries: 1 };
  const plans = collectorsOf(config).map((collector) => planCollector(collector, session.info, limits));
  const skipped = plans.flatMap((plan) => ('skipped' in plan ? [plan] : []));
  say({
    aspect: 'collectors',
    severity: 'ok',
    message: `${plans.length - skipped.length} of ${plans.length} can run here`,
  });
  for (const { collector, skipped: reason, hint } of skipped) {
    say({
      aspect: collector.name,
      severity: hint ? 'warning' : 'ok',
      message: `skipped: ${reason}`,
      ...(hint ? { hint } : {}),
    });
  }
}
