import * as z from 'zod';
import { redactSql } from '../collectors/redact.ts';
import { sqlFiles, sqlFor } from '../collectors/sql.ts';
import { statements } from '../collectors/statements/statements.ts';
import type { TargetConfig } from '../config/target.ts';
import type { Sessions } from '../postgres/sessions.ts';
import type { StatementStore } from '../store/statements.ts';
import type { Sink } from './sinks.ts';

export const statementTextsSql = sqlFiles('statement_texts');

/**
 * Reading one text costs the server as much as reading all of them (50 ms at 5,000 statements of 3 kB), so those that
 * are missing are fetched together, and after a pause in which the fetch was at most this share of the time.
 */
const SHARE = 1 / 10_000;

/** A text of the ten that cost most is worth more: without it the page shows a number in place of what it is about. */
const URGENT_SHARE = 1 / 200;
const URGENT = 10;

/** Nothing is missing twice within a pass of the workload loop. */
const LEAST_PAUSE_MS = 50_000;

const EXTENSION = 'pg_stat_statements';
const STATEMENT = 'pgmon_statement_texts';

const rowSchema = z.array(z.object({ queryid: z.string(), query: z.string().nullable() }));

/** Texts that somebody else than the top list wants, by cluster. */
export class TextRequests {
  readonly #wanted = new Map<string, readonly string[]>();

  /** In place of those asked for before. */
  ask(cluster: string, queryids: readonly string[]): void {
    this.#wanted.set(cluster, queryids);
  }

  of(cluster: string): readonly string[] {
    return this.#wanted.get(cluster) ?? [];
  }
}

export interface StatementTextOptions {
  readonly sessions: Sessions;
  readonly requests: TextRequests;
  readonly store: StatementStore;
  readonly redactSql: boolean;
  readonly deadlineMs: number;
}

/** Fetches and writes the texts of statements in the top list that were never seen before. */
export function statementTextSink(options: StatementTextOptions): Sink {
  const known = new Map<string, Set<string>>();
  const nextAt = new Map<string, { urgent: number; any: number }>();
  // Asked for once and not given (evicted meanwhile, or not for this role): not urgent again.
  const asked = new Map<string, Set<string>>();
  return {
    what: 'statement texts',
    write: async (target, passes, now) => {
      const { cluster } = target;
      const have = known.get(cluster) ?? new Set();
      known.set(cluster, have);
      const rows = passes.flatMap((pass) => pass.rows.of(statements));
      const listed = [...rows.map(({ queryid }) => queryid), ...options.requests.of(cluster)];
      const unknown = [...new Set(listed)].filter((queryid) => !have.has(queryid));
      if (unknown.length === 0) return;
      for (const queryid of (await options.store.get(cluster, unknown)).keys()) have.add(queryid);
      const missing = unknown.filter((queryid) => !have.has(queryid));
      const tried = asked.get(cluster) ?? new Set();
      asked.set(cluster, tried);
      const urgent = costliest(rows).some((queryid) => missing.includes(queryid) && !tried.has(queryid));
      const next = nextAt.get(cluster) ?? { urgent: 0, any: 0 };
      if (missing.length === 0 || now.getTime() < (urgent ? next.urgent : next.any)) return;
      const { texts, ms } = await fetchTexts(options, target, missing);
      const after = (share: number) => now.getTime() + Math.max(LEAST_PAUSE_MS, ms / share);
      nextAt.set(cluster, { urgent: after(URGENT_SHARE), any: after(SHARE) });
      for (const queryid of missing) tried.add(queryid);
      await options.store.put(cluster, texts, now);
      for (const queryid of texts.keys()) have.add(queryid);
      options.requests.ask(cluster, []);
    },
  };
}

/** Statements that took most of the time. */
function costliest(rows: readonly { readonly queryid: string; readonly exec_seconds: number | null }[]): string[] {
  return rows
    .toSorted((a, b) => (b.exec_seconds ?? 0) - (a.exec_seconds ?? 0))
    .slice(0, URGENT)
    .map(({ queryid }) => queryid);
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
