import type { Sample } from '../../metrics/sample.ts';
import { labelValue } from '../../metrics/sample.ts';
import { defineCollector } from '../collector.ts';
import type { RowOf } from '../columns.ts';
import { few } from '../few.ts';
import { sqlFiles } from '../sql.ts';
import type { LimitedVisibility } from '../transform.ts';
import { partitionMetrics } from './metrics.ts';
import { partitionColumns } from './row.ts';
import { aheadOf, type PartitionedTable, partitionedTableSchema, summarize } from './summary.ts';

/** Partitions looked at for each table of the top list: 10,000 with the default of 50. */
const LISTED = 200;

/**
 * Partitioned tables: how many partitions, from when to when, where there are holes, how far ahead they are made, and
 * what fell into the default partition; from `pg_partitioned_table` and the partitions' bounds.
 */
export const partitions = defineCollector({
  name: 'partitions',
  loop: 'storage',
  scope: 'database',
  restsWhileUnused: true,
  role: 'any',
  timeoutMs: 2_000,
  maxRows: 100_000,
  sql: sqlFiles('partitions'),
  values: ({ topRelations }) => [topRelations * LISTED],
  columns: partitionColumns,
  metrics: partitionMetrics,
  snapshotRow: partitionedTableSchema,
  transform: ({ rows, limits, now }) => {
    const tables = summarize(rows, now).slice(0, limits.topRelations);
    return { samples: tables.flatMap((table) => samples(table, now)), rows: tables, limited: notLookedAt(rows) };
  },
  total: (rows) => new Set(rows.map(({ parent }) => parent)).size,
});

function samples(table: PartitionedTable, now: number): Sample[] {
  const labels = { relation: labelValue(table.parent) };
  const { is_time, oldest, period } = table;
  const ahead = aheadOf(table, now);
  return [
    { metric: 'pg_partitions', labels, value: table.partitions },
    ...(table.holes === null ? [] : [{ metric: 'pg_partition_holes', labels, value: table.holes.length }]),
    ...(table.default_rows === null
      ? []
      : [{ metric: 'pg_partition_default_rows', labels, value: table.default_rows }]),
    ...(is_time && oldest !== null
      ? [{ metric: 'pg_partition_oldest_age_seconds', labels, value: Math.max(0, now - oldest) }]
      : []),
    ...(ahead === undefined ? [] : [{ metric: 'pg_partition_ahead_seconds', labels, value: ahead }]),
    ...(period === null ? [] : [{ metric: 'pg_partition_period_seconds', labels, value: period }]),
  ];
}

function notLookedAt(rows: readonly RowOf<typeof partitionColumns>[]): LimitedVisibility | undefined {
  const [first] = rows;
  const listed = rows.filter(({ partition }) => partition !== null);
  const cut = [...Map.groupBy(listed, ({ parent }) => parent)].filter(
    ([, group]) => group.length < (group[0]?.partitions ?? 0),
  );
  if (cut.length === 0) return undefined;
  return {
    reason: `${listed.length} of ${first?.all_partitions} partitions were read, the newest of each table; gaps and the oldest partition are unknown for ${few(cut.map(([parent]) => parent))}`,
    hint: `Raise limits.top_relations: each reads ${LISTED} partitions.`,
  };
}
