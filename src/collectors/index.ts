import type { Config } from '../config/schema.ts';
import { activity } from './activity/activity.ts';
import { archiver } from './archiver.ts';
import { bloat, bloatMeasured } from './bloat.ts';
import { canary, canaryStatement } from './canary.ts';
import { checkpoints } from './checkpoints.ts';
import type { Collector } from './collector.ts';
import { databaseSizes } from './database-sizes.ts';
import { databases } from './databases.ts';
import { duplicateIndexes } from './duplicate-indexes.ts';
import { extensions } from './extensions.ts';
import { foreignKeys } from './foreign-keys.ts';
import { indexUsage } from './index-usage.ts';
import { invalidIndexes } from './invalid-indexes.ts';
import { io } from './io.ts';
import { partitions } from './partitions/partitions.ts';
import { powerfulRoles } from './powerful-roles.ts';
import { primaryKeys } from './primary-keys.ts';
import { publications } from './publications.ts';
import { relations } from './relations/relations.ts';
import { replication } from './replication.ts';
import { replicationSlots } from './replication-slots.ts';
import { roleSettings } from './role-settings.ts';
import { sequences } from './sequences.ts';
import { server } from './server.ts';
import { settings } from './settings.ts';
import { staleStatistics } from './stale-statistics.ts';
import { standby } from './standby.ts';
import { statements } from './statements/statements.ts';
import { statementsInfo } from './statements/statements-info.ts';
import { subscriptions } from './subscriptions.ts';
import { tableSizes } from './table-sizes.ts';
import { tables } from './tables.ts';
import { tempFiles } from './temp-files.ts';
import { unusedIndexes } from './unused-indexes.ts';
import { vacuum } from './vacuum.ts';
import { vacuumProgress } from './vacuum-progress.ts';
import { wal } from './wal.ts';
import { wraparound } from './wraparound.ts';
import { wraparoundTables } from './wraparound-tables.ts';
import { xminHorizon } from './xmin-horizon.ts';

/** Every collector, in the order in which a pass sends them; the canary first, so that nothing is ahead of it. */
export const collectors: readonly Collector[] = [
  // hot
  canary,
  server,
  activity,
  vacuumProgress,
  tempFiles,
  // workload
  databases,
  wal,
  checkpoints,
  archiver,
  replication,
  standby,
  replicationSlots,
  subscriptions,
  xminHorizon,
  io,
  statementsInfo,
  statements,
  vacuum,
  // storage
  databaseSizes,
  tables,
  tableSizes,
  indexUsage,
  unusedIndexes,
  duplicateIndexes,
  invalidIndexes,
  foreignKeys,
  primaryKeys,
  partitions,
  relations,
  extensions,
  publications,
  powerfulRoles,
  roleSettings,
  // hourly
  wraparound,
  wraparoundTables,
  staleStatistics,
  sequences,
  bloat,
  bloatMeasured,
  settings,
];

/** The collectors of this configuration: all, and the canary statement where there is one. */
export function collectorsOf(config: Pick<Config, 'canary'>): readonly Collector[] {
  return config.canary.statement ? [...collectors, canaryStatement(config.canary.statement)] : collectors;
}
