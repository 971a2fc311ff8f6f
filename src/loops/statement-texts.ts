import { z } from 'zod';
import { redactSql } from '../collectors/redact.ts';
import { sqlFiles, sqlFor } from '../collectors/sql.ts';
import type { TargetConfig } from '../config/target.ts';
import type { Sessions } from '../postgres/sessions.ts';
import type { StatementStore } from '../store/statements.ts';
import type { Keeper } from './keepers.ts';

export const statementTextsSql = sqlFiles('statement_texts');

/**
 * Reading one text costs the server as much as reading all of them (50 ms at 5,000 statements of 3 kB), so those that
 * are missing are fetched together, and not more often than this.
 */
const PAUSE_MS = 10 * 60_000;
const EXTENSION = 'pg_stat_statements';

const rowSchema = z.array(z.object({ queryid: z.string(), query: z.string().nullable() }));

export interface StatementTextOptions {
  readonly sessions: Sessions;
  readonly store: StatementStore;
  readonly redactSql: boolean;
  readonly deadlineMs: number;
}

/** Fetches and keeps the texts of statements in the top list that were never seen before. */
export function statementTextKeeper(options: StatementTextOptions): Keeper {
  const known = new Map<string, Set<string>>();
  const askedAt = new Map<string, number>();
  return {
    what: 'statement texts',
    keep: async (target, passes, now) => {
      const { cluster } = target;
      const have = known.get(cluster) ?? new Set();
      known.set(cluster, have);
      const listed = passes.flatMap(({ rows }) => rows['statements'] ?? []).map((row) => String(row['queryid']));
      const unknown = [...new Set(listed)].filter((queryid) => !have.has(queryid));
      if (unknown.length === 0) return;
      for (const queryid of (await options.store.get(cluster, unknown)).keys()) have.add(queryid);
      const missing = unknown.filter((queryid) => !have.has(queryid));
      const waited = now.getTime() - (askedAt.get(cluster) ?? Number.NEGATIVE_INFINITY);
      if (missing.length === 0 || waited < PAUSE_MS) return;
      askedAt.set(cluster, now.getTime());
      const texts = await fetchTexts(options, target, missing);
      await options.store.put(cluster, texts, now);
      for (const queryid of texts.keys()) have.add(queryid);
    },
  };
}

async function fetchTexts(
  { sessions, redactSql: redact, deadlineMs }: StatementTextOptions,
  target: TargetConfig,
  queryids: readonly string[],
): Promise<Map<string, string>> {
  const { answers } = await sessions.read(
    target,
    ({ info }) => {
      const extension = info.extensions[EXTENSION];
      const sql = extension ? sqlFor(statementTextsSql, extension.version) : undefined;
      if (!extension || !sql) return [];
      const text = sql.text.replaceAll('@extschema@', extension.schema);
      return [
        {
          name: 'pgmon_statement_texts',
          text: `/* pgmon:statement_texts */ ${text}`,
          values: [`{${queryids.join(',')}}`],
        },
      ];
    },
    deadlineMs,
  );
  const answer = answers[0];
  if (!answer) return new Map();
  if (!answer.ok) throw answer.problem;
  return new Map(
    rowSchema
      .parse(answer.rows)
      .flatMap(({ queryid, query }) => (query === null ? [] : [[queryid, redact ? redactSql(query) : query]])),
  );
}
