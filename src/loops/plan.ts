import type { Collector } from '../collectors/collector.ts';
import { compareVersions, sqlFor } from '../collectors/sql.ts';
import type { Limits } from '../collectors/transform.ts';
import type { ServerInfo } from '../postgres/server-info.ts';
import type { Statement } from '../postgres/session.ts';
import { type Health, healthy } from './health.ts';
import type { LoopState } from './loop-state.ts';
import { databaseOf, scopeKey } from './scope-key.ts';

/** What becomes of a collector in a pass. */
export type Plan = { readonly collector: Collector } & (
  | { readonly statement: Statement }
  /** Not sent, with the reason and what would let it run. */
  | { readonly skipped: string; readonly hint?: string; readonly expected?: true }
  /** It failed lately, and sits this pass out. */
  | { readonly backingOff: Health }
);

/** Plans of collectors for a session to this server and database. */
export function planAll(
  collectors: readonly Collector[],
  server: ServerInfo,
  limits: Limits,
  { health, collectors: states }: Pick<LoopState, 'health' | 'collectors'>,
): Plan[] {
  return collectors.map((collector) => {
    const key = scopeKey(collector, databaseOf(collector, server.database));
    const own = health[key] ?? healthy;
    if (own.passesLeft > 0) return { collector, backingOff: own };
    return planCollector(collector, server, limits, states[key]?.value);
  });
}

/** Whether the collector times its own answer: nothing may be sent ahead of it. */
export const isTimed = ({ collector }: Plan): boolean => collector.answerTime !== undefined;

/** The statements of plans, in their order. */
export function statementsOf(plans: readonly Plan[]): Statement[] {
  return plans.flatMap((plan) => ('statement' in plan ? [plan.statement] : []));
}

/** Whether this server can answer this collector, and with which statement; `previous` is the collector's state. */
export function planCollector(collector: Collector, server: ServerInfo, limits: Limits, previous?: unknown): Plan {
  const skip = (skipped: string, hint?: string): Plan => ({ collector, skipped, hint });
  const noPlace = (skipped: string): Plan => ({ collector, skipped, expected: true });
  if (collector.role !== 'any' && collector.role !== server.role) return noPlace(`only on a ${collector.role}`);
  const { major, extension } = collector.needs ?? {};
  if (major && server.major < major) return noPlace(`needs PostgreSQL ${major}, this is ${server.major}`);
  const installed = extension ? server.extensions[extension.name] : undefined;
  if (extension && !installed) {
    if (extension.optional) return noPlace(`needs the optional extension ${extension.name}`);
    return skip(
      `needs the extension ${extension.name} in database ${server.database}`,
      `CREATE EXTENSION ${extension.name};`,
    );
  }
  if (extension?.version && installed && compareVersions(installed.version, extension.version) < 0) {
    return skip(
      `needs ${extension.name} ${extension.version}, version ${installed.version} is installed`,
      `ALTER EXTENSION ${extension.name} UPDATE;`,
    );
  }
  const sql = sqlFor(
    collector.sql,
    collector.sqlBy === 'extension' ? (installed?.version ?? '0') : String(server.major),
  );
  if (!sql) return skip(`has no statement for PostgreSQL ${server.major}`);
  const body = sql.text.replaceAll('@extschema@', installed?.schema ?? 'pg_catalog');
  return {
    collector,
    statement: {
      name: `pgmon_${collector.name}_${sql.version}`,
      text: `/* pgmon:${collector.name} */ ${body}`,
      values: collector.values?.(limits, previous),
    },
  };
}
