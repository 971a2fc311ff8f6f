import * as z from 'zod';
import { pack, unpack } from './codec.ts';
import { keys, topDay } from './keys.ts';
import type { Attributes, Table } from './table.ts';

const KEEP_SECONDS = 7 * 86_400;
const DAY_MS = 86_400_000;

/** Kinds of rows that are kept as they were, minute by minute. */
export const TOP_KINDS = ['statements', 'sessions'] as const;
export type TopKind = (typeof TOP_KINDS)[number];

const topSchema = z.object({ at: z.string(), rows: z.array(z.record(z.string(), z.unknown())) });

/** The rows of one kind at one time (RFC 3339 by pgmon's clock). */
export type Top = z.output<typeof topSchema>;

/** Top-N snapshots by time, kept 7 days: which statements and which sessions there were at a moment. */
export class TopStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Adds what passes saw; those of one minute go into one item, each pass an attribute of its own. */
  async append(cluster: string, kind: TopKind, tops: readonly Top[]): Promise<void> {
    for (const [minute, group] of Map.groupBy(tops, ({ at }) => at.slice(0, 16))) {
      const at = new Date(`${minute}:00Z`);
      await this.#table.set(keys.top(cluster, kind, at), {
        [`at ${group[0]?.at.slice(17, 23) ?? ''}`]: pack(group),
        expires: Math.floor(at.getTime() / 1_000) + KEEP_SECONDS,
      });
    }
  }

  /** Snapshots between two times, both included, oldest first. */
  async between(cluster: string, kind: TopKind, from: Date, to: Date): Promise<Top[]> {
    const items: Attributes[] = [];
    for (let day = Math.floor(from.getTime() / DAY_MS) * DAY_MS; day <= to.getTime(); day += DAY_MS) {
      items.push(
        ...(await this.#table.query(topDay(cluster, kind, new Date(day)), {
          from: from.toISOString().slice(0, 16),
          to: to.toISOString().slice(0, 16),
        })),
      );
    }
    const tops: Top[] = [];
    for (const value of items.flatMap((item) => Object.values(item))) {
      if (value instanceof Uint8Array) tops.push(...z.array(topSchema).parse(unpack(value)));
    }
    const [first, last] = [from.toISOString(), to.toISOString()];
    return tops.filter(({ at }) => at >= first && at <= last).sort((a, b) => (a.at < b.at ? -1 : 1));
  }
}
