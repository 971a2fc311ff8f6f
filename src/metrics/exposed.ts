import type { Loop } from '../config/loop.ts';
import type { ClusterSamples } from './prometheus.ts';
import { LAST_PASS } from './self.ts';
import type { Snapshot } from './snapshot.ts';

/** Passes that a loop may miss before its series are no longer of now; one that is slow, or a restart, is no reason. */
const PATIENCE = 5;
const LEAST_MS = 5 * 60_000;

/** After this time without a pass the series of a loop are no longer exposed, in milliseconds. */
export function staleAfterMs(intervalMs: number): number {
  return Math.max(PATIENCE * intervalMs, LEAST_MS);
}

/**
 * What `/metrics` exposes: the samples of the last pass of each loop with the time of that pass. A loop that stands still
 * says only when it last ran: its other series end, as those of a target do that Prometheus cannot scrape.
 *
 * @param intervals milliseconds between the passes of the loops that run; one that no longer runs gets the least patience
 */
export function exposed(
  snapshots: readonly Snapshot[],
  intervals: ReadonlyMap<Loop, number>,
  now: Date,
): ClusterSamples[] {
  return snapshots.map(({ cluster, loop, takenAt, samples }) => {
    const at = Date.parse(takenAt);
    const stale = now.getTime() - at > staleAfterMs(intervals.get(loop) ?? 0);
    const lastPass = { metric: LAST_PASS, labels: { loop }, value: at / 1_000 };
    return { cluster, samples: [lastPass, ...(stale ? [] : samples.filter(({ metric }) => metric !== LAST_PASS))] };
  });
}
