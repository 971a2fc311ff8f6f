import * as z from 'zod';
import { coverage, isTime, parseRange, type Range } from './coverage.ts';
import type { PartitionRow } from './row.ts';

/** A partitioned table as the snapshot keeps it. Bounds are epoch seconds where the key is a time, else its numbers. */
export const partitionedTableSchema = z.object({
  parent: z.string(),
  strategy: z.enum(['range', 'list', 'hash']),
  partition_key: z.string().nullable(),
  is_time: z.boolean(),
  /** All partitions beside the default one are ranges that can be compared. */
  has_ranges: z.boolean(),
  partitions: z.number(),
  /** Partitions that were looked at, the newest ones; fewer than all above the cap. */
  listed: z.number(),
  oldest: z.number().nullable(),
  newest: z.number().nullable(),
  /** Null where the key has no distances (lists, hashes, texts), or not all partitions were looked at. */
  holes: z.array(z.object({ from: z.number(), to: z.number() })).nullable(),
  /** End of the unbroken stretch that holds the present; null where there is none. */
  covered_until: z.number().nullable(),
  /** Length in seconds of the partition that holds the present; null where there is none, or it has no end. */
  period: z.number().nullable().default(null),
  /** It reaches to the end of its own bound in the table that it is itself a partition of: none can follow. */
  is_complete: z.boolean(),
  /** Null where there is no default partition. */
  default_rows: z.number().nullable(),
  /** Partitions by name, the newest first: all of a table with up to 20, else the 10 newest and the 10 oldest. */
  ends: z.array(z.string()).default([]),
});

export type PartitionedTable = z.output<typeof partitionedTableSchema>;

const STRATEGIES = { r: 'range', l: 'list', h: 'hash' } as const;

/** So many partitions are named at either end. */
export const NAMED = 10;

/** Most holes listed of one table. */
const HOLES = 20;

/** Nothing is urgent in a table whose partitions reach so far ahead. */
const AHEAD_SECONDS = 30 * 86_400;

/**
 * Partitioned tables, those with most to say first: the soonest to run out, holes, a filling default, then the number of
 * partitions.
 */
export function summarize(rows: readonly PartitionRow[], now: number): PartitionedTable[] {
  const groups = Map.groupBy(rows, ({ parent }) => parent);
  const own = new Map(
    rows.flatMap((row) => (row.partition !== null && groups.has(row.partition) ? [[row.partition, row]] : [])),
  );
  const tables = [...groups].map(([parent, group]) => table(parent, group, own.get(parent), now));
  const urgency = (one: PartitionedTable) => Math.min(aheadOf(one, now) ?? AHEAD_SECONDS, AHEAD_SECONDS);
  return tables.sort(
    (a, b) =>
      urgency(a) - urgency(b) ||
      (b.holes?.length ?? 0) - (a.holes?.length ?? 0) ||
      (b.default_rows ?? 0) - (a.default_rows ?? 0) ||
      b.partitions - a.partitions ||
      (a.parent < b.parent ? -1 : 1),
  );
}

/** A table whose last partition ended a month ago is an archive: nobody makes the next one, and nobody has to. */
const RETIRED_SECONDS = 30 * 86_400;

/**
 * Seconds that the partitions reach into the future; 0 where there is none for now. Undefined where that is no question:
 * the key is no time, the table is an archive, its own bound ends there, or a partition without an end holds what comes.
 */
export function aheadOf(table: PartitionedTable, now: number): number | undefined {
  const { is_time, covered_until, newest, is_complete, partitions, has_ranges } = table;
  if (!is_time || is_complete || !(has_ranges || partitions === 0)) return undefined;
  if (covered_until === FOREVER) return undefined;
  if (covered_until !== null) return covered_until - now;
  return newest !== null && now - newest > RETIRED_SECONDS ? undefined : 0;
}

/** Length of the shortest range that holds `now`: a day for daily partitions. */
function periodAt(ranges: readonly Range[], now: number): number | null {
  const lengths = ranges.flatMap(({ from: [from = now], to: [to = now] }) =>
    from <= now && now < to && Number.isFinite(to - from) ? [to - from] : [],
  );
  return lengths.length > 0 ? Math.min(...lengths) : null;
}

function table(
  parent: string,
  group: readonly PartitionRow[],
  own: PartitionRow | undefined,
  now: number,
): PartitionedTable {
  const { strategy = 'r', partition_key = null, partitions: all = 0 } = group[0] ?? {};
  const key_types = group[0]?.key_types ?? [];
  const partitions = group.filter(({ partition }) => partition !== null);
  const bounded = partitions.filter(({ is_default, bound }) => !is_default && bound !== null);
  const ranges = bounded.flatMap(({ bound }) => parseRange(bound ?? '', key_types) ?? []);
  const is_time = strategy === 'r' && isTime(key_types[0] ?? '');
  // Unreadable bounds would look like gaps.
  const comparable = strategy === 'r' && ranges.length === bounded.length && ranges.length > 0;
  const covered = comparable ? coverage(ranges, is_time ? now : undefined) : undefined;
  const isCut = partitions.length < all;
  const newest = finite(covered?.newest);
  const fallback = partitions.find(({ is_default }) => is_default);
  return {
    parent,
    strategy: STRATEGIES[strategy === 'l' || strategy === 'h' ? strategy : 'r'],
    partition_key,
    is_time,
    partitions: all,
    listed: partitions.length,
    has_ranges: comparable,
    oldest: isCut ? null : finite(covered?.oldest),
    newest,
    // Above the cap a hole may be a partition that was not looked at.
    holes: covered && !isCut ? covered.holes.slice(0, HOLES) : null,
    covered_until: covered?.coveredUntil === Number.POSITIVE_INFINITY ? FOREVER : (covered?.coveredUntil ?? null),
    period: comparable && is_time ? periodAt(ranges, now) : null,
    is_complete: newest !== null && newest >= endOf(own, group[0]?.key_columns?.[0]),
    default_rows: fallback ? (fallback.rows_estimate ?? 0) : null,
    ends: endsOf(partitions.flatMap(({ partition }) => partition ?? [])),
  };
}

/** @param names the newest first */
function endsOf(names: readonly string[]): string[] {
  return names.length <= 2 * NAMED ? [...names] : [...names.slice(0, NAMED), ...names.slice(-NAMED)];
}

/** Where a partition's own range of the column ends; infinite where it is no range of it. */
function endOf(own: PartitionRow | undefined, column: string | undefined): number {
  if (own?.strategy !== 'r' || !column || own.key_columns?.[0] !== column) return Number.POSITIVE_INFINITY;
  return parseRange(own.bound ?? '', own.key_types ?? [])?.to[0] ?? Number.POSITIVE_INFINITY;
}

/** Year 9999 in epoch seconds: MAXVALUE, in a form that JSON can carry. */
const FOREVER = 253_402_300_800;

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
