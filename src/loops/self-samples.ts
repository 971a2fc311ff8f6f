import type { Loop } from '../config/loop.ts';
import type { Sample } from '../metrics/sample.ts';
import type { Outcome } from '../metrics/snapshot.ts';

/** What a pass says of itself: see `src/metrics/self.ts` for the meaning of each. */
export function selfSamples(
  loop: Loop,
  up: boolean,
  durationMs: number,
  outcomes: readonly Outcome[],
  errors: number,
): Sample[] {
  const success = up && outcomes.every(({ status }) => status !== 'failed');
  return [
    ...(loop === 'hot' ? [{ metric: 'pg_up', labels: {}, value: up ? 1 : 0 }] : []),
    { metric: 'pgmon_scrape_duration_seconds', labels: { loop }, value: durationMs / 1_000 },
    { metric: 'pgmon_last_scrape_success', labels: { loop }, value: success ? 1 : 0 },
    { metric: 'pgmon_errors_total', labels: { loop }, value: errors },
    ...outcomes.flatMap(({ collector, status, ms }) => {
      if (status === 'skipped') return [];
      const labels = { loop, collector };
      return [
        { metric: 'pgmon_collector_success', labels, value: status === 'ok' ? 1 : 0 },
        ...(ms === undefined ? [] : [{ metric: 'pgmon_collector_duration_seconds', labels, value: ms / 1_000 }]),
      ];
    }),
  ];
}
