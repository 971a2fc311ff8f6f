import type { Snapshot } from '../../src/metrics/snapshot.ts';

/** A pass of the target `shop` that answered and found nothing, but for what a test says of it. */
export function snapshotWith(change: Partial<Snapshot> = {}): Snapshot {
  return {
    cluster: 'shop',
    loop: 'hot',
    takenAt: '2026-03-02T03:00:00.000Z',
    up: true,
    durationMs: 1,
    outcomes: [],
    findings: [],
    samples: [],
    rates: [],
    noRates: {},
    rows: {},
    ...change,
  };
}
