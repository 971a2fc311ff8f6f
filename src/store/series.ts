import * as z from 'zod';
import type { SeriesKey } from '../metrics/sample.ts';
import { pack, unpack } from './codec.ts';
import type { HistoryStore } from './history.ts';
import { type Key, keys, seriesPartition } from './keys.ts';
import { combined, type Rollup, rollUp, type Spread, spreadOf } from './rollups.ts';
import type { Attributes, Table } from './table.ts';
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

/** Series of one metric in a block: of each its values, or the least, mean and greatest ones; null where it has none. */
const column = z.array(z.number().nullable());
const columnsSchema = z.record(z.string(), z.union([z.tuple([column]), z.tuple([column, column, column])]));
type Columns = z.output<typeof columnsSchema>;

/**
 * What an item of a block says of itself; its other attributes are metrics. A block of many databases takes several items, each
 * with some of the metrics.
 */
const headSchema = z.object({
  /** The time that it covers, epoch milliseconds. */
  from: z.number(),
  until: z.number(),
  /** Beginnings of its steps, milliseconds after `from`. */
  times: z.instanceof(Uint8Array).transform((bytes) => z.array(z.number()).parse(unpack(bytes))),
  items: z.number(),
});

interface Block {
  readonly from: number;
  readonly until: number;
  readonly times: readonly number[];
  /** Packed columns by metric, and where they are stored. */
  readonly metrics: readonly { readonly name: string; readonly bytes: Uint8Array; readonly key: Key }[];
}

/** An item may have 400 KB; metrics are put together up to so much. */
const ITEM_BYTES = 256 * 1_024;
/** An item has a hundred metrics: each is compressed, most are of one value. */
const PLAIN_BYTES = 64;
const METRIC = 'm ';

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
   * @param only one metric: of the others nothing is unpacked
   */
  async between(
    cluster: string,
    resolution: Resolution,
    from: Date,
    to: Date,
    now: Date,
    only?: string,
  ): Promise<Rollup[]> {
    const { days, stepMs } = RESOLUTIONS[resolution];
    // Of before that there is nothing finer: each of its days would be asked for.
    const start = floor(Math.max(from.getTime(), now.getTime() - days * DAY_MS), stepMs);
    const end = to.getTime();
    if (start > end) return [];
    const blocks = await this.#blocks(cluster, resolution, start, end);
    const covered = blocks.flatMap((block) => this.#stepsOf(block, only));
    const rest = await Promise.all(
      gapsOf(blocks, start, end).map(async ([first, last]) => {
        const [since, until] = [new Date(first), new Date(last)];
        if (resolution !== 'points') return await this.between(cluster, FINER[resolution], since, until, now, only);
        const points = await this.#history.between(cluster, since, until);
        return points.map(({ at, values }) => spreadOf({ at, values: chosen(values, only) }));
      }),
    );
    const [first, last] = [new Date(start).toISOString(), to.toISOString()];
    return [...covered, ...rest.flat()]
      .filter(({ at }) => at >= first && at <= last)
      .sort((a, b) => (a.at < b.at ? -1 : 1));
  }

  /** When the oldest hour that is kept began; undefined where there is none. */
  async since(cluster: string): Promise<Date | undefined> {
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
    const steps = newest?.from === day ? this.#stepsOf(newest) : [];
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
    const day = combined(new Date(hours.from), this.#stepsOf(hours));
    if (!day) return;
    const month = Date.parse(`${day.at.slice(0, 7)}-01T00:00:00Z`);
    const newest = await this.#newest(cluster, 'days');
    const steps = newest?.from === month ? this.#stepsOf(newest).filter(({ at }) => at < day.at) : [];
    await this.#put(cluster, 'days', month, hours.from + DAY_MS, [...steps, day]);
  }

  async #put(cluster: string, resolution: Resolution, from: number, until: number, steps: readonly Rollup[]) {
    const { pk, sk } = keys.series(cluster, resolution, new Date(from));
    const expires = Math.floor(until / 1_000) + RESOLUTIONS[resolution].days * (DAY_MS / 1_000);
    const groups = grouped(columnsOf(steps, resolution === 'points'));
    const times = pack(steps.map(({ at }) => Date.parse(at) - from));
    const head = { from, until, times, items: groups.length, expires };
    // The first one goes last: with it the block is whole.
    for (const [i, metrics] of [...groups.entries()].toReversed())
      await this.#table.put({ pk, sk: i === 0 ? sk : `${sk}#${i}` }, { ...head, ...metrics });
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
      const block = this.#blockIn(group);
      return block ? [block] : [];
    });
  }

  /** Undefined where one of its items is missing, of another write, or unreadable: it is read from what it was made of. */
  #blockIn(items: readonly Attributes[]): Block | undefined {
    const read = items.flatMap((item) => {
      const key = { pk: String(item['pk']), sk: String(item['sk']) };
      const head = this.#unreadable.read(KIND, key, () => headSchema.parse(item));
      return head ? [{ item, key, head }] : [];
    });
    const [head] = read.filter(({ key }) => !key.sk.includes('#')).map((one) => one.head);
    if (!head) return undefined;
    const parts = read.filter((one) => one.head.until === head.until && indexOf(one.key) < head.items);
    if (parts.length < head.items) return undefined;
    const metrics = parts.flatMap(({ item, key }) =>
      Object.entries(item).flatMap(([name, bytes]) =>
        name.startsWith(METRIC) && bytes instanceof Uint8Array ? [{ name: name.slice(METRIC.length), bytes, key }] : [],
      ),
    );
    return { ...head, metrics };
  }

  #stepsOf({ from, times, metrics }: Block, only?: string): Rollup[] {
    const steps = times.map((after): { at: string; values: Record<SeriesKey, Spread> } => ({
      at: new Date(from + after).toISOString(),
      values: {},
    }));
    for (const { name, bytes, key } of metrics) {
      if (only !== undefined && name !== only) continue;
      const columns = this.#unreadable.read(KIND, key, () => columnsSchema.parse(unpack(bytes)), name);
      for (const [series, [least, mean = least, greatest = least]] of Object.entries(columns ?? {})) {
        for (const [i, { values }] of steps.entries()) {
          const [low, middle, high] = [least[i] ?? null, mean[i] ?? null, greatest[i] ?? null];
          if (low !== null && middle !== null && high !== null) values[series] = [low, middle, high];
        }
      }
    }
    return steps;
  }
}

const KIND = 'block of series';

function indexOf({ sk }: Key): number {
  return sk.includes('#') ? Number(sk.split('#').at(-1)) : 0;
}

/** The end of the last ten minutes whose points are all there, epoch milliseconds. */
export function pointBlock(now: Date): number {
  return floor(now.getTime() - LATE_MS, 10 * MINUTE_MS);
}

/** Columns by metric. @param isExact of points, whose least, mean and greatest values are one */
function columnsOf(steps: readonly Rollup[], isExact: boolean): [string, Columns][] {
  const names = [...new Set(steps.flatMap(({ values }) => Object.keys(values)))].toSorted();
  const columnOf = (name: SeriesKey, i: 0 | 1 | 2) => steps.map(({ values }) => values[name]?.[i] ?? null);
  const means = (name: SeriesKey) =>
    steps.map(({ values }) => {
      const [least, mean, greatest] = values[name] ?? [null, null, null];
      return mean === null || least === greatest ? mean : short(mean);
    });
  return [...Map.groupBy(names, metricOf)].map(([metric, group]) => [
    metric,
    Object.fromEntries(
      group.map((name): [SeriesKey, Columns[string]] => [
        name,
        isExact ? [columnOf(name, 1)] : [columnOf(name, 0), means(name), columnOf(name, 2)],
      ]),
    ),
  ]);
}

/** Packed metrics, as many to an item as fit. */
function grouped(metrics: readonly [string, Columns][]): Record<string, Uint8Array>[] {
  const groups: Record<string, Uint8Array>[] = [{}];
  let size = 0;
  for (const [name, columns] of metrics) {
    const bytes = pack(columns, PLAIN_BYTES);
    if (size > 0 && size + bytes.length > ITEM_BYTES) {
      groups.push({});
      size = 0;
    }
    Object.assign(groups.at(-1) ?? {}, { [METRIC + name]: bytes });
    size += bytes.length;
  }
  return groups;
}

function metricOf(key: SeriesKey): string {
  return key.slice(0, key.indexOf('{'));
}

/** What of a time no block covers: first and last milliseconds. */
function gapsOf(blocks: readonly Block[], from: number, to: number): [number, number][] {
  const gaps: [number, number][] = [];
  let start = from;
  for (const block of blocks.toSorted((a, b) => a.from - b.from)) {
    if (block.from > start) gaps.push([start, Math.min(block.from - 1, to)]);
    start = Math.max(start, block.until);
  }
  if (start <= to) gaps.push([start, to]);
  return gaps;
}

function chosen(values: Readonly<Record<SeriesKey, number>>, only: string | undefined) {
  if (only === undefined) return values;
  return Object.fromEntries(Object.entries(values).filter(([key]) => key.startsWith(`${only}{`)));
}

function floor(ms: number, step: number): number {
  return Math.floor(ms / step) * step;
}

/** Seven digits of a mean: what is left out is no part of what was measured, and most of its bytes. */
function short(value: number): number {
  return Number(value.toPrecision(7));
}
