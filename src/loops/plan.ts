import type { Collector, Limits } from '../collectors/collector.ts';
import { compareVersions, sqlFor } from '../collectors/sql.ts';
import type { ServerInfo } from '../postgres/server-info.ts';
import type { Statement } from '../postgres/session.ts';

/** What becomes of a collector on this server: the statement to send, or why it is skipped and what would let it run. */
export type Plan =
  | { readonly collector: Collector; readonly statement: Statement }
  | { readonly collector: Collector; readonly skipped: string; readonly hint?: string; readonly expected?: true };

export function planCollector(collector: Collector, server: ServerInfo, limits: Limits): Plan {
  const skip = (skipped: string, hint?: string): Plan => ({ collector, skipped, ...(hint ? { hint } : {}) });
  const noPlace = (skipped: string): Plan => ({ collector, skipped, expected: true });
  if (collector.role !== 'any' && collector.role !== server.role) return noPlace(`only on a ${collector.role}`);
  const { major, extension } = collector.needs ?? {};
  if (major && server.major < major) return noPlace(`needs PostgreSQL ${major}, this is ${server.major}`);
  const installed = extension ? server.extensions[extension.name] : undefined;
  if (extension && !installed) {
    if (extension.optional) return noPlace(`uses the extension ${extension.name} where it is installed`);
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
  const values = collector.values?.(limits);
  return {
    collector,
    statement: {
      name: `pgmon_${collector.name}_${sql.version}`,
      text: `/* pgmon:${collector.name} */ ${body}`,
      ...(values ? { values } : {}),
    },
  };
}
