import { type RowOf, state } from '../columns.ts';

/** A partition of a table, or a partitioned table that has none yet. */
export const partitionColumns = {
  parent: state.key(),
  /** NULL where the table has no partition at all. */
  partition: state.text(),
  strategy: state.key(),
  partition_key: state.text(),
  key_type: state.text(),
  bound: state.text(),
  is_default: state.flag(),
  rows_estimate: state.number(),
};

export type PartitionRow = RowOf<typeof partitionColumns>;
