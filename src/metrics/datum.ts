import type { Metric, Unit } from './metric.ts';
import type { Labels, Sample } from './sample.ts';
import type { Snapshot } from './snapshot.ts';

/** One value for CloudWatch, before it is put into a call. */
export interface Datum {
  readonly name: string;
  readonly dimensions: Labels;
  readonly value: number;
  readonly unit: Unit;
  readonly at: Date;
  /** 1: kept at one-second resolution for three hours; 60: at one minute. */
  readonly resolution: 1 | 60;
}

export type Publication = 'essential' | 'default';

/**
 * What of a snapshot CloudWatch gets: metrics with a rule in the catalog, folded to one value a cluster or database,
 * since the number of metrics is the bill. Counters become rates per second. A value that CloudWatch would refuse, and
 * with it the whole call, is left out.
 */
export function datums(catalog: ReadonlyMap<string, Metric>, snapshot: Snapshot, publication: Publication): Datum[] {
  const at = new Date(snapshot.takenAt);
  const resolution = snapshot.loop === 'hot' ? 1 : 60;
  const result: Datum[] = [];
  for (const [name, samples] of Map.groupBy([...chosen(catalog, snapshot)], ({ metric }) => metric)) {
    const metric = catalog.get(name);
    if (!metric?.cloudwatch || (publication === 'essential' && !metric.cloudwatch.essential)) continue;
    const { by, fold } = metric.cloudwatch;
    const groups = Map.groupBy(samples, ({ labels }) => (by === 'db' ? (labels['db'] ?? '') : ''));
    for (const [db, group] of groups) {
      const value = folded(group, fold);
      if (!Number.isFinite(value)) continue;
      const dimensions = { cluster: snapshot.cluster, ...(by === 'db' && db ? { db } : {}) };
      result.push({ name, dimensions, value, unit: unitOf(metric), at, resolution });
    }
  }
  return result;
}

function* chosen(catalog: ReadonlyMap<string, Metric>, snapshot: Snapshot): Iterable<Sample> {
  for (const sample of snapshot.samples) if (catalog.get(sample.metric)?.type !== 'counter') yield sample;
  yield* snapshot.rates;
}

function folded(samples: readonly Sample[], fold: 'sum' | 'max' | 'min'): number {
  const values = samples.map(({ value }) => value);
  if (fold === 'sum') return values.reduce((sum, value) => sum + value, 0);
  return fold === 'max' ? Math.max(...values) : Math.min(...values);
}

function unitOf({ type, unit }: Metric): Unit {
  if (type !== 'counter') return unit;
  // Seconds per second is a share without a unit.
  return unit === 'Bytes' ? 'Bytes/Second' : unit === 'Count' ? 'Count/Second' : 'None';
}
