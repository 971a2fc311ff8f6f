import * as z from 'zod';
import type { SeriesKey } from '../metrics/sample.ts';
import type { Point } from './history.ts';
import { keys, rollupMonth } from './keys.ts';
import { putValue, valuesIn } from './parts.ts';
import type { Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

const KEEP_SECONDS = 400 * 86_400;
const HOUR_MS = 3_600_000;

/** Points are kept a week; of its first day some may be gone. */
const POINT_DAYS = 6;

/** Least, mean and greatest value of a series within an hour. */
const spreadSchema = z.tuple([z.number(), z.number(), z.number()]);
export type Spread = z.output<typeof spreadSchema>;

const rollupSchema = z.object({ at: z.string(), values: z.record(z.string(), spreadSchema) });

/** All series of a target in one hour, which began at `at`. */
export type Rollup = z.output<typeof rollupSchema>;

/** The hour that began at `at`, from its points; undefined where there are none. */
export function rollUp(at: Date, points: readonly Point[]): Rollup | undefined {
  const sums = new Map<SeriesKey, { least: number; sum: number; greatest: number; count: number }>();
  for (const [key, value] of points.flatMap(({ values }) => Object.entries(values))) {
    const known = sums.get(key) ?? { least: value, sum: 0, greatest: value, count: 0 };
    known.least = Math.min(known.least, value);
    known.greatest = Math.max(known.greatest, value);
    known.sum += value;
    known.count += 1;
    sums.set(key, known);
  }
  if (sums.size === 0) return undefined;
  const spreads = [...sums].map(([key, { least, sum, greatest, count }]): [SeriesKey, Spread] => [
    key,
    [least, sum / count, greatest],
  ]);
  return { at: at.toISOString(), values: Object.fromEntries(spreads) };
}

/** Hourly roll-ups, kept 400 days: this month against the same one of last year still has both. */
export class RollupStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  async put(cluster: string, rollup: Rollup): Promise<void> {
    const hour = new Date(rollup.at);
    const expires = Math.floor(hour.getTime() / 1_000) + KEEP_SECONDS;
    await putValue(this.#table, keys.hour(cluster, hour), rollup, { expires });
  }

  /** Hours that began between two times, both included, oldest first. */
  async between(cluster: string, from: Date, to: Date): Promise<Rollup[]> {
    const rollups: Rollup[] = [];
    const month = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth()));
    for (; month <= to; month.setUTCMonth(month.getUTCMonth() + 1)) {
      const items = await this.#table.query(rollupMonth(cluster, month), {
        from: from.toISOString().slice(0, 13),
        to: `${to.toISOString().slice(0, 13)}~`,
      });
      rollups.push(...valuesIn(items, { kind: 'roll-up', schema: rollupSchema, unreadable: this.#unreadable }));
    }
    return rollups;
  }

  /** When the oldest hour that is kept began; undefined where there is none. */
  async since(cluster: string, now: Date): Promise<Date | undefined> {
    const month = new Date(now.getTime() - KEEP_SECONDS * 1_000);
    for (month.setUTCDate(1); month <= now; month.setUTCMonth(month.getUTCMonth() + 1)) {
      const [oldest] = await this.#table.query(rollupMonth(cluster, month), { limit: 1 });
      if (oldest) return new Date(`${String(oldest['sk']).slice(0, 13)}:00:00Z`);
    }
    return undefined;
  }

  /** Hours that are over and have no roll-up yet: those after the newest one, as far back as points are kept. */
  async missing(cluster: string, now: Date): Promise<Date[]> {
    const current = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
    const oldest = current - POINT_DAYS * 24 * HOUR_MS;
    const newest = (await this.between(cluster, new Date(oldest), now)).at(-1);
    const first = newest ? Date.parse(newest.at) + HOUR_MS : oldest;
    const hours: Date[] = [];
    for (let hour = first; hour < current; hour += HOUR_MS) hours.push(new Date(hour));
    return hours;
  }
}
