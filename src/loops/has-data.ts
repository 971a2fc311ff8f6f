import type { Catalog } from '../collectors/catalog.ts';
import type { Labels } from '../metrics/sample.ts';
import type { Snapshot } from '../metrics/snapshot.ts';

/** Whether a pass can say something of a metric: its collector answered, in the database of the labels, and gave it. */
export function hasData(
  { outcomes, samples, withheld }: Snapshot,
  catalog: Catalog,
  metric: string,
  labels: Labels,
): boolean {
  const collector = catalog.get(metric)?.collector;
  if (collector === 'pgmon') return true;
  const own = outcomes.filter((outcome) => outcome.collector === collector && outcome.status === 'ok');
  const place = own.filter(({ database }) => !database || !labels['db'] || database === labels['db']);
  if (place.length === 0) return false;
  if (samples.some((sample) => sample.metric === metric)) return true;
  return !Object.keys(withheld).some((key) => key.startsWith(`${metric}{`));
}
