import type { Labels, Sample } from '../../metrics/sample.ts';
import { seriesKey } from '../../metrics/sample.ts';
import type { SessionRow } from './session-row.ts';

/** One sample per distinct set of labels: the sessions of the rows that share it. */
export function countSessions(
  metric: string,
  rows: readonly SessionRow[],
  labelsOf: (row: SessionRow) => Labels,
): Sample[] {
  const counts = new Map<string, Sample>();
  for (const row of rows) {
    const labels = labelsOf(row);
    const key = seriesKey(metric, labels);
    counts.set(key, { metric, labels, value: (counts.get(key)?.value ?? 0) + (row.sessions ?? 0) });
  }
  return [...counts.values()];
}
