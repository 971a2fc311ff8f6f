import * as z from 'zod';
import { coverage, isTime, parseRange } from './coverage.ts';
import type { PartitionRow } from './row.ts';

/** A partitioned table as the snapshot keeps it. Bounds are epoch seconds where the key is a time, else its numbers. */
export const partitionedTableSchema = z.object({
  parent: z.string(),
  strategy: z.enum(['range', 'list', 'hash']),
  partition_key: z.string().nullable(),
  is_time: z.boolean(),
  partitions: z.number(),
  oldest: z.number().nullable(),
  newest: z.number().nullable(),
  /** Null where the key has no distances: lists, hashes, texts, several columns. */
  holes: z.array(z.object({ from: z.number(), to: z.number() })).nullable(),
  /** End of the unbroken stretch that holds the present; null where there is none. */
  covered_until: z.number().nullable(),
  /** Null where there is no default partition. */
  default_rows: z.number().nullable(),
});

export type PartitionedTable = z.output<typeof partitionedTableSchema>;

const STRATEGIES = { r: 'range', l: 'list', h: 'hash' } as const;

/** Most holes listed of one table. */
const HOLES = 20;

/** Partitioned tables, those with most to say first: holes, a filling default, then the number of partitions. */
export function summarize(rows: readonly PartitionRow[], now: number): PartitionedTable[] {
  const tables = [...Map.groupBy(rows, ({ parent }) => parent)].map(([parent, group]) => table(parent, group, now));
  return tables.sort(
    (a, b) =>
      (b.holes?.length ?? 0) - (a.holes?.length ?? 0) ||
      (b.default_rows ?? 0) - (a.default_rows ?? 0) ||
      b.partitions - a.partitions ||
      (a.parent < b.parent ? -1 : 1),
  );
}

function table(parent: string, group: readonly PartitionRow[], now: number): PartitionedTable {
  const { strategy = 'r', partition_key = null, key_type } = group[0] ?? {};
  const partitions = group.filter(({ partition }) => partition !== null);
  const bounded = partitions.filter(({ is_default, bound }) => !is_default && bound !== null);
  const ranges = bounded.flatMap(({ bound }) => parseRange(bound ?? '', key_type ?? '') ?? []);
  const is_time = strategy === 'r' && isTime(key_type ?? '');
  // Bounds that cannot be told make holes that are not there.
  const comparable = strategy === 'r' && ranges.length === bounded.length && ranges.length > 0;
  const covered = comparable ? coverage(ranges, is_time ? now : undefined) : undefined;
  const fallback = partitions.find(({ is_default }) => is_default);
  return {
    parent,
    strategy: STRATEGIES[strategy === 'l' || strategy === 'h' ? strategy : 'r'],
    partition_key,
    is_time,
    partitions: partitions.length,
    oldest: finite(covered?.oldest),
    newest: finite(covered?.newest),
    holes: covered ? covered.holes.slice(0, HOLES) : null,
    covered_until: covered?.coveredUntil === Number.POSITIVE_INFINITY ? FOREVER : (covered?.coveredUntil ?? null),
    default_rows: fallback ? (fallback.rows_estimate ?? 0) : null,
  };
}

/** Year 9999 in epoch seconds: MAXVALUE, in a form that JSON can carry. */
const FOREVER = 253_402_300_800;

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
