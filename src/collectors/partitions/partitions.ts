import type { Sample } from '../../metrics/sample.ts';
import { labelValue } from '../../metrics/sample.ts';
import { defineCollector } from '../collector.ts';
import { sqlFiles } from '../sql.ts';
import { partitionMetrics } from './metrics.ts';
import { partitionColumns } from './row.ts';
import { type PartitionedTable, summarize } from './summary.ts';

/**
 * Partitioned tables: how many partitions, from when to when, where there are holes, how far ahead they are made, and
 * what fell into the default partition; from `pg_partitioned_table` and the partitions' bounds.
 */
export const partitions = defineCollector({
  name: 'partitions',
  loop: 'storage',
  scope: 'database',
  role: 'any',
  timeoutMs: 2_000,
  maxRows: 5_000,
  sql: sqlFiles('partitions'),
  columns: partitionColumns,
  metrics: partitionMetrics,
  digest: ({ rows, limits, now }) => {
    const tables = summarize(rows, now).slice(0, limits.topRelations);
    return { samples: tables.flatMap((table) => samples(table, now)), rows: tables };
  },
});

function samples(table: PartitionedTable, now: number): Sample[] {
  const labels = { relation: labelValue(table.parent) };
  const { is_time, oldest, covered_until } = table;
  return [
    { metric: 'pg_partitions', labels, value: table.partitions },
    ...(table.holes === null ? [] : [{ metric: 'pg_partition_holes', labels, value: table.holes.length }]),
    ...(table.default_rows === null
      ? []
      : [{ metric: 'pg_partition_default_rows', labels, value: table.default_rows }]),
    ...(is_time && oldest !== null
      ? [{ metric: 'pg_partition_oldest_age_seconds', labels, value: Math.max(0, now - oldest) }]
      : []),
    ...(is_time && (oldest !== null || table.partitions === 0) && !retired(table, now)
      ? [{ metric: 'pg_partition_ahead_seconds', labels, value: covered_until === null ? 0 : covered_until - now }]
      : []),
  ];
}

/** A table whose last partition ended a month ago is an archive: nobody makes the next one, and nobody has to. */
const RETIRED_SECONDS = 30 * 86_400;

function retired({ newest, covered_until }: PartitionedTable, now: number): boolean {
  return covered_until === null && newest !== null && now - newest > RETIRED_SECONDS;
}
