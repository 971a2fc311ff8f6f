import type { Runbook } from './page.ts';

export const storagePages: Runbook = {
  dead_tuples: {
    meaning: "A large share of a table's rows are dead: scans read them, and the table grows.",
    investigate:
      '`SELECT relname, n_live_tup, n_dead_tup, last_autovacuum FROM pg_stat_user_tables ORDER BY n_dead_tup DESC LIMIT 10;`',
    resolve:
      '`VACUUM SCHEMA.TABLE;` If dead rows remain, see xmin_horizon_held. `ALTER TABLE SCHEMA.TABLE SET (autovacuum_vacuum_scale_factor = 0.02);`',
    quieter: '`alerts.rules.dead_tuples.warning` in percent.',
  },
  unused_index: {
    meaning: 'No scan has used a large index for a week: it slows down writes and takes space.',
    investigate:
      '`SELECT indexrelname, idx_scan, pg_size_pretty(pg_relation_size(indexrelid)) FROM pg_stat_user_indexes WHERE idx_scan = 0 ORDER BY pg_relation_size(indexrelid) DESC;`, also on the standbys, which count their own scans.',
    resolve: '`DROP INDEX CONCURRENTLY SCHEMA.INDEX;` if no standby and no monthly job uses it.',
    quieter: '`alerts.rules.unused_index.info` in seconds.',
  },
  invalid_index: {
    meaning:
      'No query can use this index, and unless it failed early every write maintains it; usually a `CREATE INDEX CONCURRENTLY` failed. A partitioned index is invalid until every partition has its index attached.',
    investigate: '`SELECT indexrelid::regclass, indisready FROM pg_index WHERE NOT indisvalid;`',
    resolve: '`DROP INDEX CONCURRENTLY` and build it again, or `REINDEX INDEX CONCURRENTLY`.',
    quieter: 'A maintenance window while indexes are built.',
  },
  duplicate_indexes: {
    meaning: 'Indexes of one table are identical: one of each pair is pure cost.',
    investigate: 'View Storage names the pairs.',
    resolve:
      '`DROP INDEX CONCURRENTLY` the one that no constraint needs; of a partitioned table `DROP INDEX`, which locks the table and its partitions.',
    quieter: '`alerts.rules.duplicate_indexes.info` in bytes.',
  },
  database_growing: {
    meaning: 'A database of over 1 GB grew by a tenth within a day.',
    investigate:
      'View Storage by growth; `SELECT relname, pg_size_pretty(pg_total_relation_size(relid)) FROM pg_stat_user_tables ORDER BY pg_total_relation_size(relid) DESC LIMIT 10;`',
    resolve: 'Find what writes the data; delete or partition old rows.',
    quieter: '`alerts.rules.database_growing.warning`, 0 to 1; a maintenance window for loads.',
  },
  database_size: {
    meaning: 'A database is larger than your limit. Off until you set one.',
    investigate: 'View Storage has the largest tables and indexes, and their bloat.',
    resolve: 'Give it more room, or delete old data.',
    quieter: '`alerts.rules.database_size.warning` and `.critical` in bytes, `enabled: true`.',
  },
  partitions_running_out: {
    meaning:
      'The partitions of a table do not reach far enough into the future. After the last one, INSERT fails or rows land in the default partition. With partitions shorter than a day, the alert fires when fewer than three are left.',
    investigate:
      "View Partitions; `SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'SCHEMA.TABLE'::regclass;`",
    resolve: 'Create the next partitions now; then find out why the job that creates them did not.',
    quieter:
      '`alerts.rules.partitions_running_out.warning` in seconds; with partitions shorter than a day, create more than three ahead.',
  },
  default_partition_filling: {
    meaning:
      'Rows land in the default partition because the partition that they belong to is missing. Every new partition then has to scan them.',
    investigate: '`SELECT min(KEY), max(KEY), count(*) FROM DEFAULT_PARTITION;`',
    resolve: 'Detach the default partition, create the missing one, move the rows, attach the default again.',
    quieter: '`alerts.rules.default_partition_filling.info` in rows.',
  },
  stale_statistics: {
    meaning:
      'Much of a table has changed since its last analyze, which was over 12 hours ago or never: plans rely on old numbers.',
    investigate:
      '`SELECT relname, n_mod_since_analyze, last_analyze, last_autoanalyze FROM pg_stat_user_tables ORDER BY 2 DESC LIMIT 10;`',
    resolve: '`ANALYZE SCHEMA.TABLE;` `ALTER TABLE SCHEMA.TABLE SET (autovacuum_analyze_scale_factor = 0.02);`',
    quieter: '`alerts.rules.stale_statistics.info` in rows.',
  },
  wraparound: {
    meaning:
      'The oldest unfrozen transaction ID approaches the limit. At about 2.1 billion, the server refuses all writes.',
    investigate:
      "View Wraparound; `SELECT oid::regclass, age(relfrozenxid) FROM pg_class WHERE relkind IN ('r', 'm', 't') ORDER BY 2 DESC LIMIT 10;`",
    resolve: 'End what holds the xmin horizon back, then `VACUUM (FREEZE, VERBOSE)` the oldest tables, one by one.',
    quieter: 'No reason to. A lower threshold warns earlier: `alerts.rules.wraparound.warning`.',
  },
  multixact_wraparound: {
    meaning: 'As wraparound, for multixact IDs, which rows locked by several transactions at once consume.',
    investigate:
      "`SELECT oid::regclass, mxid_age(relminmxid) FROM pg_class WHERE relkind IN ('r', 'm', 't') ORDER BY 2 DESC LIMIT 10;`",
    resolve: '`VACUUM (FREEZE, VERBOSE)` these tables.',
    quieter: 'No reason to: at the limit, the server refuses writes.',
  },
  sequence_near_end: {
    meaning: 'A sequence, or the column that it feeds, is near its largest value. After that, every INSERT fails.',
    investigate:
      '`SELECT schemaname, sequencename, last_value, max_value, data_type FROM pg_sequences ORDER BY last_value DESC NULLS LAST;`',
    resolve:
      'Where the type is the limit, change the column and the sequence to `bigint` in time: add a column, fill it in batches, swap. Where MAXVALUE is, raise it: `ALTER SEQUENCE SCHEMA.SEQUENCE MAXVALUE …;`',
    quieter: '`alerts.rules.sequence_near_end.warning`, 0 to 1.',
  },
  bloat: {
    meaning: 'A table has gigabytes of bloat. The message says whether that was measured or estimated.',
    investigate: "`SELECT * FROM pgstattuple_approx('SCHEMA.TABLE');`",
    resolve:
      'Find out why vacuum came too late; run `pg_repack`, or `VACUUM FULL` in a maintenance window (it locks the table).',
    quieter: '`alerts.rules.bloat.info` in bytes.',
  },
  pending_restart: {
    meaning: 'Settings were changed in the files and need a restart: the server does not run as configured.',
    investigate: '`SELECT name, setting FROM pg_settings WHERE pending_restart;`',
    resolve: 'Restart in a maintenance window, or revert the changes.',
    quieter: '`alerts.rules.pending_restart.enabled: false`.',
  },
};
