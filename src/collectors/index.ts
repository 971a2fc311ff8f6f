import type { Config } from '../config/schema.ts';
import { activity } from './activity/activity.ts';
import { archiver } from './archiver.ts';
import { canary, canaryStatement } from './canary.ts';
import { checkpoints } from './checkpoints.ts';
import type { Collector } from './collector.ts';
import { databases } from './databases.ts';
import { replication } from './replication.ts';
import { replicationSlots } from './replication-slots.ts';
import { server } from './server.ts';
import { standby } from './standby.ts';
import { tempFiles } from './temp-files.ts';
import { vacuumProgress } from './vacuum-progress.ts';
import { wal } from './wal.ts';
import { wraparound } from './wraparound.ts';

/** Every collector, in the order in which a pass sends them; the canary first, so that nothing is ahead of it. */
export const collectors: readonly Collector[] = [
  canary,
  server,
  activity,
  vacuumProgress,
  tempFiles,
  databases,
  wal,
  checkpoints,
  archiver,
  replication,
  standby,
  replicationSlots,
  wraparound,
];

/** The collectors of this configuration: all, and the canary statement where there is one. */
export function collectorsOf(config: Pick<Config, 'canary'>): readonly Collector[] {
  return config.canary.statement ? [...collectors, canaryStatement(config.canary.statement)] : collectors;
}
