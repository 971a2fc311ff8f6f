import * as z from 'zod';
import { type SeriesKey, seriesKey } from '../metrics/sample.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import { historyDay, keys } from './keys.ts';
import { appendToMinute, readMinutes } from './minutes.ts';
import type { Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

const KEEP_SECONDS = 7 * 86_400;

/** All series of a target at one time. */
export const pointSchema = z.object({
  /** RFC 3339 by pgmon's clock. */
  at: z.string(),
  values: z.record(z.string(), z.number()),
});
const pointsSchema = z.array(pointSchema);
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
 * Points of every minute, kept 7 days: all passes of all loops over a target, each named after its loop and first second.
 */
export class HistoryStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** Adds points of one loop; those of one minute go into one write. */
  async append(cluster: string, loop: string, points: readonly Point[]): Promise<void> {
    const minutes = Map.groupBy(points, (point) => point.at.slice(0, 16));
    for (const [minute, group] of minutes) {
      const at = new Date(`${minute}:00Z`);
      const name = `${loop} ${group[0]?.at.slice(17, 23) ?? ''}`;
      const expires = Math.floor(at.getTime() / 1_000) + KEEP_SECONDS;
      await appendToMinute(this.#table, keys.minute(cluster, at), name, group, expires);
    }
  }

  /** Points between two times, both included, oldest first. */
  async between(cluster: string, from: Date, to: Date): Promise<Point[]> {
    const kind = { kind: 'history', schema: pointsSchema, unreadable: this.#unreadable };
    const points = (await readMinutes(this.#table, (day) => historyDay(cluster, day), from, to, kind)).flat();
    const [first, last] = [from.toISOString(), to.toISOString()];
    return points.filter(({ at }) => at >= first && at <= last).sort((a, b) => (a.at < b.at ? -1 : 1));
  }
}
