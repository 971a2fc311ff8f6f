import type { Catalog } from '../collectors/catalog.ts';
import { type Labels, seriesKey } from '../metrics/sample.ts';
import type { Snapshot } from '../metrics/snapshot.ts';

/**
 * Whether a pass can say something of an alert's series: its collector answered, in the database of the labels, and the
 * series has a rate or a gauge. One of many that has no value and a reason (a replica that is gone) is not over because the
 * others have values.
 */
export function hasData(
  { outcomes, samples, noRates, databases }: Snapshot,
  catalog: Catalog,
  metric: string,
  labels: Labels,
): boolean {
  const collector = catalog.get(metric)?.collector;
  if (collector === 'pgmon') return true;
  // What was wrong in a database that was dropped, or is no longer watched, has ended.
  if (databases && labels['db'] && !databases.includes(labels['db'])) return true;
  const own = outcomes.filter((outcome) => outcome.collector === collector && outcome.status === 'ok');
  const inScope = own.filter(({ database }) => !database || !labels['db'] || database === labels['db']);
  if (inScope.length === 0) return false;
  // A counter that was reset has a sample and no rate; what looks back at it knows of the reset by itself.
  const measured = samples.filter((sample) => sample.metric === metric);
  const key = seriesKey(metric, labels);
  if (key in noRates) return measured.some((sample) => seriesKey(metric, sample.labels) === key);
  return measured.length > 0 || !Object.keys(noRates).some((one) => one.startsWith(`${metric}{`));
}
