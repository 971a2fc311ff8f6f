import * as z from 'zod';
import { redactSql } from '../collectors/redact.ts';
import { sqlFiles, sqlFor } from '../collectors/sql.ts';
import { statements } from '../collectors/statements/statements.ts';
import type { TargetConfig } from '../config/target.ts';
import type { Sessions } from '../postgres/sessions.ts';
import type { StatementStore } from '../store/statements.ts';
import type { Keeper } from './keepers.ts';

export const statementTextsSql = sqlFiles('statement_texts');

/**
 * Reading one text costs the server as much as reading all of them (50 ms at 5,000 statements of 3 kB), so those that
 * are missing are fetched together, and after a pause in which the fetch was at most this share of the time.
 */
const SHARE = 1 / 10_000;

/** Nothing is missing twice within a pass of the workload loop. */
const LEAST_PAUSE_MS = 50_000;

const EXTENSION = 'pg_stat_statements';
const STATEMENT = 'pgmon_statement_texts';

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
  const nextAt = new Map<string, number>();
  return {
    what: 'statement texts',
    keep: async (target, passes, now) => {
      const { cluster } = target;
      const have = known.get(cluster) ?? new Set();
      known.set(cluster, have);
      const listed = passes.flatMap(({ rows }) => rows.of(statements)).map(({ queryid }) => queryid);
      const unknown = [...new Set(listed)].filter((queryid) => !have.has(queryid));
      if (unknown.length === 0) return;
      for (const queryid of (await options.store.get(cluster, unknown)).keys()) have.add(queryid);
      const missing = unknown.filter((queryid) => !have.has(queryid));
      if (missing.length === 0 || now.getTime() < (nextAt.get(cluster) ?? 0)) return;
      const { texts, ms } = await fetchTexts(options, target, missing);
      nextAt.set(cluster, now.getTime() + Math.max(LEAST_PAUSE_MS, ms / SHARE));
      await options.store.put(cluster, texts, now);
      for (const queryid of texts.keys()) have.add(queryid);
    },
  };
}

async function fetchTexts(
  { sessions, redactSql: redact, deadlineMs }: StatementTextOptions,
  target: TargetConfig,
  queryids: readonly string[],
): Promise<{ texts: Map<string, string>; ms: number }> {
  const { answers } = await sessions.read(
    target,
    ({ info }) => {
      const extension = info.extensions[EXTENSION];
      const sql = extension ? sqlFor(statementTextsSql, extension.version) : undefined;
      if (!extension || !sql) return { statements: [] };
      const text = sql.text.replaceAll('@extschema@', extension.schema);
      return {
        statements: [
          {
            name: STATEMENT,
            text: `/* pgmon:statement_texts */ ${text}`,
            values: [`{${queryids.join(',')}}`],
          },
        ],
      };
    },
    deadlineMs,
  );
  const answer = answers.get(STATEMENT);
  if (!answer) return { texts: new Map(), ms: 0 };
  if (!answer.ok) throw answer.problem;
  const rows = rowSchema.parse(answer.rows);
  const texts = rows.flatMap(({ queryid, query }): [string, string][] =>
    query === null ? [] : [[queryid, redact ? redactSql(query) : query]],
  );
  return { texts: new Map(texts), ms: answer.ms };
}
