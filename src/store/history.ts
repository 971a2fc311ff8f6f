import * as z from 'zod';
import { type SeriesKey, seriesKey } from '../metrics/sample.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import { pack, unpack } from './codec.ts';
import { historyDay, keys } from './keys.ts';
import type { Table } from './table.ts';

const KEEP_SECONDS = 7 * 86_400;
const DAY_MS = 86_400_000;

/** All series of a target at one time. */
export const pointSchema = z.object({
  /** RFC 3339 by pgmon's clock. */
  at: z.string(),
  values: z.record(z.string(), z.number()),
});
export type Point = z.output<typeof pointSchema>;

/**
 * What of a snapshot is kept for charts: gauges as they are and counters as rates. Series of one object among many (a
 * relation, a statement) are not: those are in the top-N snapshots.
 */
export function historyPoint(snapshot: Snapshot, isCharted: (metric: string) => 'gauge' | 'rate' | 'none'): Point {
  const values: Record<SeriesKey, number> = {};
  for (const { metric, labels, value } of snapshot.samples) {
    if (isCharted(metric) === 'gauge') values[seriesKey(metric, labels)] = value;
  }
  for (const { metric, labels, value } of snapshot.rates) {
    if (isCharted(metric) === 'rate') values[seriesKey(metric, labels)] = value;
  }
  return { at: snapshot.takenAt, values };
}

/**
 * Points of every minute, kept 7 days. One item per target and minute holds all passes of it; each writer sets an
 * attribute of its own, named after its loop and first second, so that loops never overwrite one another.
 */
export class HistoryStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Adds points of one loop; those of one minute go into one write. */
  async append(cluster: string, loop: string, points: readonly Point[]): Promise<void> {
    const minutes = Map.groupBy(points, (point) => point.at.slice(0, 16));
    for (const [minute, group] of minutes) {
      const at = new Date(`${minute}:00Z`);
      const first = group[0]?.at.slice(17, 23) ?? '';
      await this.#table.set(keys.minute(cluster, at), {
        [`${loop} ${first}`]: pack(group),
        expires: Math.floor(at.getTime() / 1_000) + KEEP_SECONDS,
      });
    }
  }

  /** Points between two times, both included, oldest first. */
  async between(cluster: string, from: Date, to: Date): Promise<Point[]> {
    const days: Date[] = [];
    for (let day = Math.floor(from.getTime() / DAY_MS) * DAY_MS; day <= to.getTime(); day += DAY_MS)
      days.push(new Date(day));
    const pages = await Promise.all(
      days.map((day) =>
        this.#table.query(historyDay(cluster, day), {
          from: from.toISOString().slice(0, 16),
          to: to.toISOString().slice(0, 16),
        }),
      ),
    );
    const points: Point[] = [];
    for (const item of pages.flat()) {
      for (const value of Object.values(item)) {
        if (value instanceof Uint8Array) points.push(...z.array(pointSchema).parse(unpack(value)));
      }
    }
    const [first, last] = [from.toISOString(), to.toISOString()];
    return points.filter(({ at }) => at >= first && at <= last).sort((a, b) => (a.at < b.at ? -1 : 1));
  }
}
