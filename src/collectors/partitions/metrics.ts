const perTable = (unit: 'Count' | 'Seconds', help: string) =>
  ({ type: 'gauge', unit, help, labels: ['relation'], detail: true }) as const;

/** Metrics of each partitioned table. */
export const partitionMetrics = {
  pg_partitions: perTable('Count', 'Partitions of the table.'),
  pg_partition_holes: perTable('Count', 'Stretches between the oldest and the newest partition that belong to none.'),
  pg_partition_default_rows: perTable('Count', 'Rows in the default partition, about.'),
  pg_partition_oldest_age_seconds: perTable('Seconds', 'Time since the lower bound of the oldest partition.'),
  pg_partition_ahead_seconds: perTable(
    'Seconds',
    'How far into the future partitions go without a hole; 0 where there is none for now, absent for a table whose last one ended over a month ago.',
  ),
  pg_partition_period_seconds: perTable(
    'Seconds',
    'Length of the partition that holds the present: 86,400 for daily ones; absent where there is none, or it has no end.',
  ),
} as const;
