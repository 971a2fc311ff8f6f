import * as z from 'zod';
import { meanOf, type Work } from './period.ts';

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
