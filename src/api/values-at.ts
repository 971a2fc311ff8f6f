import { LOOPS } from '../config/loop.ts';
import type { Sample } from '../metrics/sample.ts';
import { PASS_DAYS } from '../store/past.ts';
import { dataOf, type Reading, type Seen } from './reading.ts';

/** A point may be missing: so many intervals back one is looked for. */
const INTERVALS = 2.5;

/** A value of all series of a metric, null where there are none. */
export type ValueOf = (of: 'samples' | 'rates', metric: string, fold: 'sum' | 'max' | 'min') => number | null;

/**
 * What the series of a target were at a moment: from its snapshots where it is now, else from the points of then, with
 * those of the slow loops from their lists, and older than a week from the means of the hour.
 *
 * @param seen what is known of every loop as of that moment
 */
export async function valuesAt(
  reading: Reading,
  cluster: string,
  seen: readonly Seen[],
  moment: Date | undefined,
): Promise<ValueOf> {
  const snapshots = seen.flatMap((one) => dataOf(one) ?? []);
  if (!moment)
    return (of, metric, fold) =>
      folded(
        valuesOf(
          snapshots.flatMap((one): readonly Sample[] => one[of]),
          metric,
        ),
        fold,
      );
  const points = await pointsAt(reading, cluster, lastKnown(seen, moment));
  return (of, metric, fold) => {
    const charted = [...points].flatMap(([key, value]) => (key.startsWith(`${metric}{`) ? [value] : []));
    if (charted.length > 0) return folded(charted, fold);
    return folded(
      valuesOf(
        snapshots.flatMap((one): readonly Sample[] => one[of]),
        metric,
      ),
      fold,
    );
  };
}

/** The moment, or that of the last known state before it while the server did not answer. */
function lastKnown(seen: readonly Seen[], moment: Date): Date {
  const down = seen.filter(({ snapshot }) => snapshot && !snapshot.up).flatMap((one) => dataOf(one)?.takenAt ?? []);
  const latest = down.toSorted().at(-1);
  return latest === undefined ? moment : new Date(latest);
}

/** The last value of every series up to a moment. */
async function pointsAt(
  { stores, intervals, now }: Reading,
  cluster: string,
  moment: Date,
): Promise<ReadonlyMap<string, number>> {
  if (now().getTime() - moment.getTime() > PASS_DAYS * 86_400_000) {
    const start = new Date(Math.floor(moment.getTime() / 3_600_000) * 3_600_000);
    const [hour] = await stores.series.between(cluster, 'hours', start, moment, now());
    return new Map(Object.entries(hour?.values ?? {}).map(([key, [, mean]]) => [key, mean]));
  }
  const often = LOOPS.filter((loop) => loop === 'hot' || loop === 'workload').map(
    (loop) => intervals.get(loop) ?? 60_000,
  );
  const from = new Date(moment.getTime() - INTERVALS * Math.max(...often));
  const points = await stores.history.between(cluster, from, moment);
  return new Map(points.flatMap(({ values }) => Object.entries(values)));
}

function valuesOf(samples: readonly Sample[], metric: string): number[] {
  return samples.flatMap((sample) => (sample.metric === metric ? [sample.value] : []));
}

function folded(values: readonly number[], fold: 'sum' | 'max' | 'min'): number | null {
  if (values.length === 0) return null;
  if (fold === 'sum') return values.reduce((a, b) => a + b, 0);
  return fold === 'max' ? Math.max(...values) : Math.min(...values);
}
