import * as z from 'zod';
import { olderHoursMonth } from './keys.ts';
import { valuesIn } from './parts.ts';
import type { Rollup } from './rollups.ts';
import type { Table } from './table.ts';
import type { UnreadableItems } from './unreadable.ts';

const spread = z.tuple([z.number(), z.number(), z.number()]);
const hourSchema = z.object({ at: z.string(), values: z.record(z.string(), spread) });

/**
 * Hours of a target between two times, oldest first, as versions before the blocks kept them: an item each, for 400 days. They
 * are read for as long as there are any, and written no more.
 */
export async function olderHours(
  table: Table,
  cluster: string,
  from: Date,
  to: Date,
  unreadable: UnreadableItems,
): Promise<Rollup[]> {
  const range = { from: from.toISOString().slice(0, 13), to: `${to.toISOString().slice(0, 13)}~` };
  const months: Date[] = [];
  for (const month = monthOf(from); month <= to; month.setUTCMonth(month.getUTCMonth() + 1))
    months.push(new Date(month));
  const items = await Promise.all(months.map((month) => table.query(olderHoursMonth(cluster, month), range)));
  return valuesIn(items.flat(), { kind: 'roll-up', schema: hourSchema, unreadable });
}

/** When the oldest of them began; undefined where there is none. */
export async function olderHoursSince(table: Table, cluster: string, from: Date, to: Date): Promise<Date | undefined> {
  for (const month = monthOf(from); month <= to; month.setUTCMonth(month.getUTCMonth() + 1)) {
    const [oldest] = await table.query(olderHoursMonth(cluster, month), { limit: 1 });
    if (oldest) return new Date(`${String(oldest['sk']).slice(0, 13)}:00:00Z`);
  }
  return undefined;
}

function monthOf(at: Date): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth()));
}
