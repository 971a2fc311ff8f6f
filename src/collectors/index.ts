import type { Config } from '../config/schema.ts';
import { activity } from './activity/activity.ts';
import { canary, canaryStatement } from './canary.ts';
import type { Collector } from './collector.ts';
import { server } from './server.ts';
import { tempFiles } from './temp-files.ts';
import { vacuumProgress } from './vacuum-progress.ts';

/** Every collector, in the order in which a pass sends them; the canary first, so that nothing is ahead of it. */
export const collectors: readonly Collector[] = [canary, server, activity, vacuumProgress, tempFiles];

/** The collectors of this configuration: all, and the canary statement where there is one. */
export function collectorsOf(config: Pick<Config, 'canary'>): readonly Collector[] {
  return config.canary.statement ? [...collectors, canaryStatement(config.canary.statement)] : collectors;
}
