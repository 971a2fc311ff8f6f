import type { SeriesKey } from '../metrics/sample.ts';
import type { HistoryStore } from './history.ts';
import { keys, seriesPartition } from './keys.ts';
import { olderHours, olderHoursSince } from './older-hours.ts';
import { combined, type Rollup, rollUp, spreadOf } from './rollups.ts';
import { type Block, blockIn, blockItems, metricOf, stepsOf } from './series-block.ts';
import type { Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const POINT_DAYS = 7;

/** How the series of a target are kept, the finest first: how far apart their steps are, and for how many days. */
export const RESOLUTIONS = {
  points: { stepMs: 1, days: POINT_DAYS },
  minutes: { stepMs: 5 * MINUTE_MS, days: POINT_DAYS },
  hours: { stepMs: HOUR_MS, days: 400 },
  days: { stepMs: DAY_MS, days: 400 },
} as const;
export type Resolution = keyof typeof RESOLUTIONS;

const FINER: Readonly<Record<Exclude<Resolution, 'points'>, Resolution>> = {
  minutes: 'points',
  hours: 'minutes',
  days: 'hours',
};

/** Points are put into blocks once writers of their last minute have written, as far back as a short stop of the loops. */
const LATE_MS = 90_000;
const POINTS_BACK_MS = HOUR_MS;
/** Of the first day of points some may be gone. */
const ROLLUPS_BACK_MS = (POINT_DAYS - 1) * DAY_MS;

/**
 * The series of a target over time in blocks of many steps, each series a column: an hour of passes takes a sixth of what its
 * minutes take, and a chart of 400 days reads 14 items in place of 9,600. What no block covers is read from the finer ones, and
 * in the end from the points of every minute.
 */
export class SeriesStore {
  readonly #table: Table;
  readonly #history: HistoryStore;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, history: HistoryStore, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#history = history;
    this.#unreadable = unreadable;
  }

  /**
   * Steps between two times, oldest first, from the one in which `from` lies; finer ones where those are not made yet.
   *
   * @param only these metrics: of the others nothing is unpacked
   */
  async between(
    cluster: string,
    resolution: Resolution,
    from: Date,
    to: Date,
    now: Date,
    only?: readonly string[],
  ): Promise<Rollup[]> {
    const { days, stepMs } = RESOLUTIONS[resolution];
    // Of before that there is nothing finer: each of its days would be asked for.
    const start = floor(Math.max(from.getTime(), now.getTime() - days * DAY_MS), stepMs);
    const end = to.getTime();
    if (start > end) return [];
    const blocks = await this.#blocks(cluster, resolution, start, end);
    const covered = blocks.flatMap((block) => stepsOf(block, this.#unreadable, only));
    const older = resolution === 'hours' ? await this.#older(cluster, start, end, covered, only) : [];
    const hours = older.map(({ at }) => ({ from: Date.parse(at), until: Date.parse(at) + HOUR_MS }));
    const rest = await Promise.all(
      gapsOf([...blocks, ...hours], start, end).map(async ([first, last]) => {
        const [since, until] = [new Date(first), new Date(last)];
        if (resolution !== 'points') return await this.between(cluster, FINER[resolution], since, until, now, only);
        const points = await this.#history.between(cluster, since, until);
        return points.map(({ at, values }) => spreadOf({ at, values: chosen(values, only) }));
      }),
    );
    const [first, last] = [new Date(start).toISOString(), to.toISOString()];
    return [...covered, ...older, ...rest.flat()]
      .filter(({ at }) => at >= first && at <= last)
      .sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** Hours of an older version that no block has: the first block of a day covers what that one had rolled up before. */
  async #older(cluster: string, from: number, to: number, covered: readonly Rollup[], only?: readonly string[]) {
    const known = new Set(covered.map(({ at }) => at));
    const found = await olderHours(this.#table, cluster, new Date(from), new Date(to), this.#unreadable);
    return found.flatMap(({ at, values }) => (known.has(at) ? [] : [{ at, values: chosen(values, only) }]));
  }

  /** When the oldest hour that is kept began; undefined where there is none. */
  async since(cluster: string, now: Date): Promise<Date | undefined> {
    const older = await olderHoursSince(
      this.#table,
      cluster,
      new Date(now.getTime() - RESOLUTIONS.hours.days * DAY_MS),
      now,
    );
    if (older) return older;
    const [oldest] = await this.#table.query(seriesPartition(cluster, 'hours'), { limit: 1 });
    const [block] = oldest ? await this.#blocksOf(cluster, 'hours', String(oldest['sk']).slice(0, 10)) : [];
    return block && new Date(block.from + (block.times[0] ?? 0));
  }

  /** Puts the points of the last hours into blocks of ten minutes, where those are over and have none. */
  async blockPoints(cluster: string, now: Date): Promise<void> {
    const end = pointBlock(now);
    const known = await this.#blocks(cluster, 'points', end - POINTS_BACK_MS, end - 1);
    for (const [first, last] of gapsOf(known, end - POINTS_BACK_MS, end - 1)) {
      const points = await this.#history.between(cluster, new Date(first), new Date(last));
      const groups = Map.groupBy(points, ({ at }) => floor(Date.parse(at), 10 * MINUTE_MS));
      for (const [from, group] of groups)
        await this.#put(cluster, 'points', from, from + 10 * MINUTE_MS, group.map(spreadOf));
    }
  }

  /** Rolls up the hours that are over and are not yet, those after the newest one, and the days before the newest one. */
  async rollUp(cluster: string, now: Date): Promise<void> {
    for (const hour of await this.missing(cluster, now)) {
      const points = await this.#history.between(cluster, hour, new Date(hour.getTime() + HOUR_MS - 1));
      const rollup = rollUp(hour, points);
      if (rollup) await this.#addHour(cluster, rollup, points);
    }
  }

  /** Hours that are over and have no roll-up yet: those after the newest one, as far back as points are kept. */
  async missing(cluster: string, now: Date): Promise<Date[]> {
    const current = floor(now.getTime(), HOUR_MS);
    const oldest = current - ROLLUPS_BACK_MS;
    const newest = await this.#newest(cluster, 'hours');
    const hours: Date[] = [];
    for (let hour = Math.max(newest?.until ?? 0, oldest); hour < current; hour += HOUR_MS) hours.push(new Date(hour));
    return hours;
  }

  /**
   * Adds a rolled-up hour: to the block of its day, and with its points to that of its minutes. The first one of a day also
   * puts the day before into the block of its month.
   */
  async addHour(cluster: string, rollup: Rollup): Promise<void> {
    const at = Date.parse(rollup.at);
    const day = floor(at, DAY_MS);
    const newest = await this.#newest(cluster, 'hours');
    const steps = newest?.from === day ? stepsOf(newest, this.#unreadable) : [];
    if (newest && newest.from < day) await this.#addDay(cluster, newest);
    // What is missing of the day is not measured: everything up to this hour is covered.
    await this.#put(cluster, 'hours', day, at + HOUR_MS, [...steps, rollup]);
  }

  async #addHour(cluster: string, rollup: Rollup, points: Parameters<typeof rollUp>[1]): Promise<void> {
    const hour = Date.parse(rollup.at);
    const steps = [...Map.groupBy(points, ({ at }) => floor(Date.parse(at), RESOLUTIONS.minutes.stepMs))];
    const minutes = steps.flatMap(([at, group]) => rollUp(new Date(at), group) ?? []);
    await this.#put(cluster, 'minutes', hour, hour + HOUR_MS, minutes);
    await this.addHour(cluster, rollup);
  }

  async #addDay(cluster: string, hours: Block): Promise<void> {
    const day = combined(new Date(hours.from), stepsOf(hours, this.#unreadable));
    if (!day) return;
    const month = Date.parse(`${day.at.slice(0, 7)}-01T00:00:00Z`);
    const newest = await this.#newest(cluster, 'days');
    const steps = newest?.from === month ? stepsOf(newest, this.#unreadable).filter(({ at }) => at < day.at) : [];
    await this.#put(cluster, 'days', month, hours.from + DAY_MS, [...steps, day]);
  }

  async #put(cluster: string, resolution: Resolution, from: number, until: number, steps: readonly Rollup[]) {
    const expires = Math.floor(until / 1_000) + RESOLUTIONS[resolution].days * (DAY_MS / 1_000);
    const key = keys.series(cluster, resolution, new Date(from));
    const items = blockItems(key, { from, until, expires }, steps, resolution === 'points');
    for (const { key, attributes } of items) await this.#table.put(key, attributes);
  }

  async #newest(cluster: string, resolution: Resolution): Promise<Block | undefined> {
    const [item] = await this.#table.query(seriesPartition(cluster, resolution), { newestFirst: true, limit: 1 });
    if (!item) return undefined;
    const sk = String(item['sk']).split('#', 1)[0] ?? '';
    return (await this.#blocksOf(cluster, resolution, sk)).at(-1);
  }

  async #blocks(cluster: string, resolution: Resolution, from: number, to: number): Promise<Block[]> {
    const first = keys.series(cluster, resolution, new Date(from)).sk;
    const last = keys.series(cluster, resolution, new Date(to)).sk;
    return await this.#blocksOf(cluster, resolution, first, last);
  }

  async #blocksOf(cluster: string, resolution: Resolution, first: string, last = first): Promise<Block[]> {
    const items = await this.#table.query(seriesPartition(cluster, resolution), { from: first, to: `${last}~` });
    return [...Map.groupBy(items, ({ sk }) => String(sk).split('#', 1)[0] ?? '').values()].flatMap((group) => {
      const block = blockIn(group, this.#unreadable);
      return block ? [block] : [];
    });
  }
}

/** The end of the last ten minutes whose points are all there, epoch milliseconds. */
export function pointBlock(now: Date): number {
  return floor(now.getTime() - LATE_MS, 10 * MINUTE_MS);
}

/** What of a time no block covers: first and last milliseconds. */
function gapsOf(blocks: readonly Pick<Block, 'from' | 'until'>[], from: number, to: number): [number, number][] {
  const gaps: [number, number][] = [];
  let start = from;
  for (const block of blocks.toSorted((a, b) => a.from - b.from)) {
    if (block.from > start) gaps.push([start, Math.min(block.from - 1, to)]);
    start = Math.max(start, block.until);
  }
  if (start <= to) gaps.push([start, to]);
  return gaps;
}

function chosen<V>(values: Readonly<Record<SeriesKey, V>>, only: readonly string[] | undefined): Record<SeriesKey, V> {
  if (!only) return values;
  return Object.fromEntries(Object.entries(values).filter(([key]) => only.includes(metricOf(key))));
}

function floor(ms: number, step: number): number {
  return Math.floor(ms / step) * step;
}
