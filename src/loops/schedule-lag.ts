import type { Loop } from '../config/loop.ts';
import type { Sample } from '../metrics/sample.ts';

/**
 * How long ago other loops ran, in intervals of each: the hot loop looks after all, and the workload loop after the hot
 * one. A loop that never ran says nothing: its first run may not be due.
 */
export function scheduleLagSamples(
  loop: Loop,
  seen: ReadonlyMap<Loop, string>,
  intervals: ReadonlyMap<Loop, number>,
  now: Date,
): Sample[] {
  const lagOf = (other: Loop): number | undefined => {
    const [at, intervalMs] = [seen.get(other), intervals.get(other)];
    return at === undefined || !intervalMs ? undefined : Math.max(0, now.getTime() - Date.parse(at)) / intervalMs;
  };
  if (loop === 'workload') {
    const value = lagOf('hot');
    return value === undefined ? [] : [{ metric: 'pgmon_hot_lateness_ratio', labels: {}, value }];
  }
  if (loop !== 'hot') return [];
  return [...intervals.keys()].flatMap((other) => {
    const value = lagOf(other);
    if (other === 'hot' || value === undefined) return [];
    return [{ metric: 'pgmon_loop_lateness_ratio', labels: { loop: other }, value }];
  });
}
