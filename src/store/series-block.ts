import * as z from 'zod';
import type { SeriesKey } from '../metrics/sample.ts';
import { pack, unpack } from './codec.ts';
import type { Key } from './keys.ts';
import type { Rollup, Spread } from './rollups.ts';
import type { Attributes, Entry } from './table.ts';
import type { UnreadableItems } from './unreadable.ts';

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

/** Many steps of all series of a target, as they are stored. */
export interface Block {
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

const KIND = 'block of series';

/**
 * The items of a block. The first one goes last when they are written: with it the block is whole.
 *
 * @param until the end of the time that it covers, epoch milliseconds, as `from` is its beginning
 * @param isExact of points, whose least, mean and greatest values are one
 */
export function blockItems(
  { pk, sk }: Key,
  { from, until, expires }: { readonly from: number; readonly until: number; readonly expires: number },
  steps: readonly Rollup[],
  isExact: boolean,
): Entry[] {
  const groups = grouped(columnsOf(steps, isExact));
  const times = pack(steps.map(({ at }) => Date.parse(at) - from));
  const head = { from, until, times, items: groups.length, expires };
  const entry = (metrics: Attributes, i: number) => ({
    key: { pk, sk: i === 0 ? sk : `${sk}#${i}` },
    attributes: { ...head, ...metrics },
  });
  return groups.map(entry).toReversed();
}

/** Undefined where one of its items is missing, of another write, or unreadable: it is read from what it was made of. */
export function blockIn(items: readonly Attributes[], unreadable: UnreadableItems): Block | undefined {
  const read = items.flatMap((item) => {
    const key = { pk: String(item['pk']), sk: String(item['sk']) };
    const head = unreadable.read(KIND, key, () => headSchema.parse(item));
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

/** Its steps, oldest first. @param only these metrics: of the others nothing is unpacked */
export function stepsOf(
  { from, times, metrics }: Block,
  unreadable: UnreadableItems,
  only?: readonly string[],
): Rollup[] {
  const steps = times.map((after): { at: string; values: Record<SeriesKey, Spread> } => ({
    at: new Date(from + after).toISOString(),
    values: {},
  }));
  for (const { name, bytes, key } of metrics) {
    if (only && !only.includes(name)) continue;
    const columns = unreadable.read(KIND, key, () => columnsSchema.parse(unpack(bytes)), name);
    for (const [series, [least, mean = least, greatest = least]] of Object.entries(columns ?? {})) {
      for (const [i, { values }] of steps.entries()) {
        const [low, middle, high] = [least[i] ?? null, mean[i] ?? null, greatest[i] ?? null];
        if (low !== null && middle !== null && high !== null) values[series] = [low, middle, high];
      }
    }
  }
  return steps;
}

function indexOf({ sk }: Key): number {
  return sk.includes('#') ? Number(sk.split('#').at(-1)) : 0;
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

/** The metric of a series. */
export function metricOf(key: SeriesKey): string {
  return key.slice(0, key.indexOf('{'));
}

/** Seven digits of a mean: what is left out is no part of what was measured, and most of its bytes. */
function short(value: number): number {
  return Number(value.toPrecision(7));
}
