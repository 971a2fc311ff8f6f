import type { Loop } from '../config/loop.ts';
import type { Labels, Sample } from '../metrics/sample.ts';
import type { Outcome } from '../metrics/snapshot.ts';

/** What a pass says of itself: see `src/metrics/self.ts` for the meaning of each. */
export function selfSamples(
  loop: Loop,
  problem: { readonly kind: string } | undefined,
  durationMs: number,
  outcomes: readonly Outcome[],
  errors: number,
): Sample[] {
  const success = !problem && outcomes.every(({ status }) => status !== 'failed');
  return [
    ...(loop === 'hot' ? [{ metric: 'pg_up', labels: {}, value: problem ? 0 : 1 }] : []),
    ...(loop === 'hot'
      ? [{ metric: 'pgmon_target_down', labels: { kind: problem?.kind ?? 'none' }, value: problem ? 1 : 0 }]
      : []),
    { metric: 'pgmon_scrape_duration_seconds', labels: { loop }, value: durationMs / 1_000 },
    { metric: 'pgmon_last_scrape_success', labels: { loop }, value: success ? 1 : 0 },
    { metric: 'pgmon_errors_total', labels: { loop }, value: errors },
    {
      metric: 'pgmon_collectors_degraded',
      labels: { loop },
      value: outcomes.filter(({ degraded }) => degraded).length,
    },
    ...[...Map.groupBy(outcomes, ({ collector }) => collector)].flatMap(([collector, group]) =>
      collectorSamples({ loop, collector }, group),
    ),
  ];
}

/** Of a collector in all databases together: how long they took, and whether all of them answered. */
function collectorSamples(labels: Labels, group: readonly Outcome[]): Sample[] {
  const tried = group.filter(({ status }) => status !== 'skipped');
  if (tried.length === 0) return [];
  const answered = tried.flatMap(({ ms }) => (ms === undefined ? [] : [ms]));
  const good = tried.every(({ status }) => status === 'ok');
  return [
    { metric: 'pgmon_collector_success', labels, value: good ? 1 : 0 },
    ...(answered.length === 0
      ? []
      : [{ metric: 'pgmon_collector_duration_seconds', labels, value: answered.reduce((a, b) => a + b, 0) / 1_000 }]),
  ];
}
