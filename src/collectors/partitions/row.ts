import { type RowOf, state } from '../columns.ts';

/** A partition of a table, or a partitioned table that has none yet. */
export const partitionColumns = {
  parent: state.key(),
  /** NULL where the table has no partition at all. */
  partition: state.text(),
  strategy: state.key(),
  partition_key: state.text(),
  /** Columns of the key, each with its type; empty for an expression. */
  key_columns: state.texts(),
  key_types: state.texts(),
  bound: state.text(),
  is_default: state.flag(),
  rows_estimate: state.number(),
  /** All partitions of the table, those above the cap included. */
  partitions: state.count(),
  /** All partitions of the database. */
  all_partitions: state.number(),
};

export type PartitionRow = RowOf<typeof partitionColumns>;
