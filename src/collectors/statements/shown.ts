import * as z from 'zod';
import { addWork, meanOf, noWork, periodOf, type StatementPeriod, type StatementWork, type Work } from './period.ts';

const amount = z.number().nullable();

/** A statement of the top list as the snapshot keeps it; null where the interval is unknown. */
export const shownStatementSchema = z.object({
  db: z.string(),
  queryid: z.string(),
  /** Length of the interval that the following are of. */
  interval_seconds: amount,
  calls: amount,
  exec_seconds: amount,
  mean_seconds: amount,
  /** Sum of the squares of all calls, of which standard deviations are made; those of earlier versions have none. */
  squared_seconds: amount.default(null),
  result_rows: amount,
  blocks_hit: amount,
  blocks_read: amount,
  block_read_seconds: amount,
  /** Blocks of temp files read and written. */
  temp_blocks: amount,
  wal_bytes: amount,
  /** Since the statement's counters began. */
  total_calls: z.number(),
  total_exec_seconds: z.number(),
});

export type ShownStatement = z.output<typeof shownStatementSchema>;

/** What a row of the list did. */
export function workOf(row: ShownStatement): Work {
  return {
    calls: row.calls ?? 0,
    seconds: row.exec_seconds ?? 0,
    squaredSeconds: row.squared_seconds ?? 0,
    rows: row.result_rows ?? 0,
    blocksHit: row.blocks_hit ?? 0,
    blocksRead: row.blocks_read ?? 0,
    blockReadSeconds: row.block_read_seconds ?? 0,
    tempBlocks: row.temp_blocks ?? 0,
    walBytes: row.wal_bytes ?? 0,
  };
}

/** A statement's work in a time as a row of the list; how much it did in all is not known of it. */
export function shownWork(db: string, queryid: string, work: Work, seconds: number): ShownStatement {
  return {
    db,
    queryid,
    interval_seconds: seconds,
    calls: work.calls,
    exec_seconds: work.seconds,
    mean_seconds: meanOf(work) ?? null,
    squared_seconds: work.squaredSeconds,
    result_rows: work.rows,
    blocks_hit: work.blocksHit,
    blocks_read: work.blocksRead,
    block_read_seconds: work.blockReadSeconds,
    temp_blocks: work.tempBlocks,
    wal_bytes: work.walBytes,
    total_calls: work.calls,
    total_exec_seconds: work.seconds,
  };
}

/** The length of the interval that a pass was of, seconds; 0 where it is unknown. */
export function secondsOf(rows: readonly Readonly<Record<string, unknown>>[]): number {
  return rows.map((row) => row['interval_seconds']).find((value) => typeof value === 'number') ?? 0;
}

/** What the statements in the top lists of some passes did, as a period that began at `at`. */
export function periodOfTops(
  at: string,
  tops: readonly { readonly rows: readonly Readonly<Record<string, unknown>>[] }[],
): StatementPeriod {
  const sums = new Map<string, StatementWork>();
  for (const row of tops.flatMap(({ rows }) => rows)) {
    const { data } = shownStatementSchema.safeParse(row);
    if (!data) continue;
    const { db, queryid } = data;
    const key = `${queryid} ${db}`;
    const sum = sums.get(key) ?? { db, queryid, work: noWork() };
    sums.set(key, sum);
    addWork(sum.work, workOf(data));
  }
  const seconds = tops.reduce((sum, { rows }) => sum + secondsOf(rows), 0);
  return periodOf(at, seconds, [...sums.values()]);
}
