import * as z from 'zod';

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
