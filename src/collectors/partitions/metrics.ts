const perTable = (unit: 'Count' | 'Seconds', help: string) =>
  ({ type: 'gauge', unit, help, labels: ['relation'], detail: true }) as const;

/** Metrics of each partitioned table. */
export const partitionMetrics = {
  pg_partitions: perTable('Count', 'Partitions of the table.'),
  pg_partition_holes: perTable('Count', 'Gaps between the oldest and the newest partition.'),
  pg_partition_default_rows: perTable('Count', 'Estimated rows in the default partition.'),
  pg_partition_oldest_age_seconds: perTable('Seconds', 'Time since the lower bound of the oldest partition.'),
  pg_partition_ahead_seconds: perTable(
    'Seconds',
    'How far partitions reach into the future without a gap; 0 if none covers the present, absent if the last one ended over a month ago.',
  ),
  pg_partition_period_seconds: perTable(
    'Seconds',
    'Length of the partition that covers the present: 86,400 for daily ones; absent if there is none, or if it has no end.',
  ),
} as const;
