import { type RowOf, state } from '../columns.ts';

/** One entry of `pg_stat_statements`: a statement of one user in one database, apart where it ran inside a function. */
export const statementColumns = {
  user_id: state.count(),
  /** One of pgmon's own: it takes a place in the table, and is no work of the application. */
  own: state.truth(),
  db: state.key(),
  queryid: state.key(),
  /** False where it ran inside a function; before 1.9 nobody can tell, and it is true. */
  toplevel: state.truth(),
  calls: state.count(),
  exec_ms: state.count(),
  stddev_ms: state.count(),
  result_rows: state.count(),
  blocks_hit: state.count(),
  blocks_read: state.count(),
  block_read_ms: state.count(),
  temp_blocks: state.count(),
  /** NULL before 1.8. */
  wal_bytes: state.number(),
  /** Since when the entry is counted, epoch seconds; NULL before 1.11. */
  since: state.number(),
  /** When all counters were last reset, epoch seconds, the same in every row; NULL before 1.9. */
  stats_reset: state.number(),
  /** Evictions from the table of statements since then, the same in every row; NULL before 1.9. */
  evictions: state.number(),
  /** Whether entries of other users are visible, the same in every row. */
  sees_all: state.truth(),
};

export type StatementRow = RowOf<typeof statementColumns>;
