import { historyDay, rollupMonth, topDay } from './keys.ts';
import type { Table } from './table.ts';
import { TOP_KINDS } from './top.ts';

const DAY_MS = 86_400_000;

/** Days that points and top-N snapshots are kept, and one more, since partitions go whole. */
const POINT_DAYS = 8;
const ROLLUP_DAYS = 400;

/**
 * Deletes what is past its time, for a table that has no TTL of its own: the partitions of the week, and of the three
 * months, before what is kept. Whoever was away for longer leaves something behind.
 *
 * @returns how many items went
 */
export async function prune(table: Table, cluster: string, now: Date): Promise<number> {
  const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS);
  const partitions = new Set<string>();
  for (let i = 0; i < 7; i++) {
    const day = daysAgo(POINT_DAYS + i);
    partitions.add(historyDay(cluster, day));
    for (const kind of TOP_KINDS) partitions.add(topDay(cluster, kind, day));
  }
  for (let i = 1; i <= 3; i++) partitions.add(rollupMonth(cluster, daysAgo(ROLLUP_DAYS + 31 * i)));
  let gone = 0;
  for (const partition of partitions) {
    for (const { pk, sk } of await table.query(partition)) {
      if (typeof pk !== 'string' || typeof sk !== 'string') continue;
      await table.delete({ pk, sk });
      gone += 1;
    }
  }
  return gone;
}
