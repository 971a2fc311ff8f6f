import type { Timing } from '../collectors/statements/deltas.ts';
import { latencyQuantile } from '../collectors/statements/latency.ts';
import { type ShownStatement, shownStatementSchema } from '../collectors/statements/shown.ts';
import type { Top } from '../store/top.ts';

/** What a statement did in one pass: nothing where it was not in the top list. */
export interface StatementPass {
  readonly at: string;
  /** Length of the pass; null where nothing is known of it. */
  readonly seconds: number | null;
  /** In each database where it ran. */
  readonly rows: readonly ShownStatement[];
}

/** What a statement did in some time; null where it is unknown. */
export interface Work {
  readonly calls: number;
  readonly exec_seconds: number;
  readonly mean_seconds: number | null;
  /** Estimated: each pass's calls are taken to be log-normal. */
  readonly p95_seconds: number | null;
  readonly result_rows: number;
  readonly blocks_hit: number;
  readonly blocks_read: number;
  readonly temp_blocks: number;
  readonly wal_bytes: number;
}

/** What one statement did in each pass of the top lists, the passes without it too. */
export function passesOf(tops: readonly Top[], queryid: string, db: string | undefined): StatementPass[] {
  return tops.map(({ at, rows }) => ({
    at,
    seconds: rows.map((row) => row['interval_seconds']).find((seconds) => typeof seconds === 'number') ?? null,
    rows: rows.flatMap((row) => {
      if (row['queryid'] !== queryid || (db !== undefined && row['db'] !== db)) return [];
      const { data } = shownStatementSchema.safeParse(row);
      return data ? [data] : [];
    }),
  }));
}

/** All of some passes together. */
export function workOf(passes: readonly StatementPass[]): Work {
  const rows = passes.flatMap((pass) => pass.rows);
  const sum = (column: keyof ShownStatement) => rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
  const [calls, seconds] = [sum('calls'), sum('exec_seconds')];
  return {
    calls,
    exec_seconds: seconds,
    mean_seconds: calls > 0 ? seconds / calls : null,
    p95_seconds: p95Of(rows),
    result_rows: sum('result_rows'),
    blocks_hit: sum('blocks_hit'),
    blocks_read: sum('blocks_read'),
    temp_blocks: sum('temp_blocks'),
    wal_bytes: sum('wal_bytes'),
  };
}

/** Null where a pass of an earlier version, which kept no squares, is among them: it would be of the others only. */
function p95Of(rows: readonly ShownStatement[]): number | null {
  const called = rows.filter(({ calls }) => (calls ?? 0) > 0);
  if (called.some(({ squared_seconds }) => squared_seconds === null)) return null;
  const timings = called.map((row): Timing => {
    const calls = row.calls ?? 0;
    const meanSeconds = (row.exec_seconds ?? 0) / calls;
    const variance = Math.max(0, (row.squared_seconds ?? 0) / calls - meanSeconds ** 2);
    return { db: row.db, toplevel: true, calls, meanSeconds, stddevSeconds: Math.sqrt(variance) };
  });
  return latencyQuantile(timings, 0.95) ?? null;
}
