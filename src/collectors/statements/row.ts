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
};

export type StatementRow = RowOf<typeof statementColumns>;

/** What the server says of all entries together. */
export const serverColumns = {
  /** When all counters were last reset, epoch seconds; NULL before 1.9. */
  stats_reset: state.number(),
  /** Evictions from the table of statements since then; NULL before 1.9. */
  evictions: state.number(),
  /** Whether entries of other users are visible. */
  sees_all: state.truth(),
};

export type ServerRow = RowOf<typeof serverColumns>;

/**
 * A row of the answer: an entry that is new or not as it was, with its mark; or the place, from 1 on, of a known mark that no
 * entry has any more. Of the latter only what is the same in every row is there.
 */
export const answerColumns = {
  gone: state.number(),
  mark: state.text(),
  /** The databases of the server, as a fingerprint. */
  databases: state.key(),
  /** Whether the server would write the marks to its log. */
  are_logged: state.truth(),
  user_id: state.number(),
  own: state.flag(),
  db: state.text(),
  queryid: state.text(),
  toplevel: state.flag(),
  calls: state.number(),
  exec_ms: state.number(),
  stddev_ms: state.number(),
  result_rows: state.number(),
  blocks_hit: state.number(),
  blocks_read: state.number(),
  block_read_ms: state.number(),
  temp_blocks: state.number(),
  wal_bytes: state.number(),
  since: state.number(),
  ...serverColumns,
};

export type AnswerRow = RowOf<typeof answerColumns>;
