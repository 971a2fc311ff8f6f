import type { Loop } from './loop.ts';
import type { Config } from './schema.ts';

/** Milliseconds between the passes of every loop. */
export function intervalsOf(config: Config): ReadonlyMap<Loop, number> {
  const { hot_path, workload, storage, hourly } = config.sample_intervals;
  return new Map<Loop, number>([
    ['hot', hot_path],
    ['workload', workload],
    ['storage', storage],
    ['hourly', hourly],
  ]);
}
