import { collectorsOf } from '../collectors/index.ts';
import type { SqlFiles } from '../collectors/sql.ts';
import { clockSql } from '../loops/clock.ts';
import { discoverySql } from '../loops/databases.ts';
import { statementTextsSql } from '../loops/statement-texts.ts';
import { preflightSql } from '../postgres/inspect.ts';
import { privilegeSql } from '../postgres/privileges/facts.ts';
import { probeSql } from '../postgres/privileges/probe.ts';
import { SERVER_INFO_SQL } from '../postgres/server-info.ts';
import { sessionSettings } from '../postgres/session-settings.ts';
import { readConfig } from './config-file.ts';
import { printJson, printText } from './output.ts';

interface StatementText {
  readonly collector: string;
  readonly loop: string;
  readonly from_version: string;
  readonly timeout_ms: number | null;
  readonly file: string;
  readonly sql: string;
}

/** Prints every statement that pgmon ever sends, with its collector, versions, loop and timeout. */
export function sqlCommand(options: { config?: string; json?: boolean }): void {
  const config = readConfig(options.config);
  const { statement_timeout_ms, lock_timeout_ms } = config.timeouts;
  const internal = (name: string, loop: string, files: SqlFiles) =>
    files.map((file) => entry(name, loop, statement_timeout_ms, file));
  const statements: StatementText[] = [
    {
      collector: 'connect',
      loop: 'at connect',
      from_version: '12',
      timeout_ms: null,
      file: 'src/postgres/server-info.ts',
      sql: SERVER_INFO_SQL,
    },
    ...[12, 15].map((major) => ({
      collector: 'session_settings',
      loop: 'at connect',
      from_version: String(major),
      timeout_ms: null,
      file: 'src/postgres/session-settings.ts',
      sql: sessionSettings({ statementTimeoutMs: statement_timeout_ms, lockTimeoutMs: lock_timeout_ms }, major),
    })),
    ...Object.entries(privilegeSql).flatMap(([name, files]) => internal(name, 'at connect and after a probe', files)),
    ...internal('privileges_probe', 'one of them every minute', probeSql),
    ...internal('preflight', 'at connect', preflightSql),
    ...internal('clock', 'every', clockSql),
    ...internal('discovery', 'workload, storage, hourly', discoverySql),
    ...statementTextsSql.map((file) =>
      entry('statement_texts', 'workload', statement_timeout_ms, file, 'pg_stat_statements'),
    ),
    ...collectorsOf(config).flatMap(({ details, loop, timeoutMs }) =>
      (details?.sql ?? []).map((file) => entry(details?.name ?? '', loop, timeoutMs, file)),
    ),
    ...collectorsOf(config).flatMap((collector) =>
      collector.sql.map((file) =>
        entry(collector.name, collector.loop, collector.timeoutMs, file, collector.needs?.extension?.name),
      ),
    ),
  ];
  if (options.json) {
    printJson(statements);
    return;
  }
  for (const { collector, loop, from_version, timeout_ms, file, sql } of statements) {
    printText(`-- ${collector} · loop ${loop} · from ${from_version} · ${timeout_ms ?? 'no'} ms · ${file}\n${sql};\n`);
  }
}

function entry(
  collector: string,
  loop: string,
  timeout: number,
  file: SqlFiles[number],
  extension?: string,
): StatementText {
  return {
    collector,
    loop,
    from_version: extension ? `${extension} ${file.version}` : file.version,
    timeout_ms: timeout,
    file: file.file,
    sql: file.text,
  };
}
