import { collectorsOf } from '../collectors/index.ts';
import type { Config } from '../config/schema.ts';
import { planCollector } from '../loops/plan.ts';
import type { Finding } from '../metrics/snapshot.ts';
import { endpointText } from '../postgres/endpoint.ts';
import type { ServerInfo } from '../postgres/server-info.ts';
import { readTargets, readyToServe } from './config-file.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { printJson, printTable } from './output.ts';
import { type Preflight, preflightAll } from './preflight.ts';

/** Looks at every target as pgmon would and says of each aspect: OK, warning or error, with a hint. */
export async function checkCommand(options: { config?: string; json?: boolean }): Promise<ExitCode> {
  const config = readTargets(options.config);
  readyToServe(config);
  const preflights = await preflightAll(config);
  const aspects = preflights.flatMap((one) =>
    aspectsOf(one, config).map((finding) => ({ cluster: one.cluster, ...finding })),
  );
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

/** What is said when nothing is wrong with an aspect. */
const GOOD: Readonly<Record<string, string>> = {
  role: 'can read but not write',
  pg_monitor: 'granted',
  pg_stat_statements: 'preloaded and installed',
  track_io_timing: 'on',
};

function aspectsOf({ endpoint, server, findings, problem }: Preflight, config: Config): Finding[] {
  if (!endpoint || !server) {
    return [
      {
        aspect: 'connection',
        severity: 'error',
        message: problem?.message ?? 'failed',
        hint: problem?.hint || undefined,
      },
    ];
  }
  const said = new Set(findings.map(({ aspect }) => aspect));
  return [
    {
      aspect: 'connection',
      severity: 'ok',
      message: `${endpointText(endpoint)} as ${server.user}, TLS ${endpoint.tls}`,
    },
    { aspect: 'server', severity: 'ok', message: `PostgreSQL ${server.version}, ${server.role}` },
    ...findings.map((finding) => tolerated(finding, config)),
    ...Object.entries(GOOD).flatMap(([aspect, message]): Finding[] =>
      said.has(aspect) ? [] : [{ aspect, severity: 'ok', message }],
    ),
    ...collectorAspects(config, server),
  ];
}

function tolerated(finding: Finding, config: Config): Finding {
  const writes = finding.aspect === 'role' && finding.severity === 'error';
  return writes && !config.security.read_only_enforce ? { ...finding, severity: 'warning' } : finding;
}

function collectorAspects(config: Config, server: ServerInfo): Finding[] {
  const limits = { topRelations: 1, topIndexes: 1, topQueries: 1 };
  const plans = collectorsOf(config).map((collector) => planCollector(collector, server, limits));
  const skipped = plans.flatMap((plan) => ('skipped' in plan ? [plan] : []));
  return [
    {
      aspect: 'collectors',
      severity: 'ok',
      message: `${plans.length - skipped.length} of ${plans.length} can run here`,
    },
    ...skipped.map(
      ({ collector, skipped: reason, hint }): Finding => ({
        aspect: collector.name,
        severity: hint ? 'warning' : 'ok',
        message: `skipped: ${reason}`,
        hint,
      }),
    ),
  ];
}
