import * as z from 'zod';
import { rowSchema } from '../metrics/snapshot.ts';
import { keys, topDay } from './keys.ts';
import { appendToMinute, readMinutes } from './minutes.ts';
import type { Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

/** A day more than a week, so that all of today has the same time of a week before beside it. */
export const TOP_DAYS = 8;
const KEEP_SECONDS = TOP_DAYS * 86_400;

/** Kinds of rows that are kept as they were, minute by minute. */
export const TOP_KINDS = ['statements'] as const;
export type TopKind = (typeof TOP_KINDS)[number];

/** Whoever takes a row checks its columns. */
const topSchema = z.object({ at: z.string(), rows: z.array(rowSchema) });

const topsSchema = z.array(topSchema);

/** The rows of one kind at one time (RFC 3339 by pgmon's clock). */
export type Top = z.output<typeof topSchema>;

/** Top-N snapshots by time, kept 8 days: which statements there were at a moment. */
export class TopStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** Adds what passes saw; those of one minute go into one item, each pass an attribute of its own. */
  async append(cluster: string, kind: TopKind, tops: readonly Top[]): Promise<void> {
    for (const [minute, group] of Map.groupBy(tops, ({ at }) => at.slice(0, 16))) {
      const at = new Date(`${minute}:00Z`);
      const name = `at ${group[0]?.at.slice(17, 23) ?? ''}`;
      const expires = Math.floor(at.getTime() / 1_000) + KEEP_SECONDS;
      await appendToMinute(this.#table, keys.top(cluster, kind, at), name, group, expires);
    }
  }

  /** Snapshots between two times, both included, oldest first. */
  async between(cluster: string, kind: TopKind, from: Date, to: Date): Promise<Top[]> {
    const stored = { kind: `top ${kind}`, schema: topsSchema, unreadable: this.#unreadable };
    const tops = (await readMinutes(this.#table, (day) => topDay(cluster, kind, day), from, to, stored)).flat();
    const [first, last] = [from.toISOString(), to.toISOString()];
    return tops.filter(({ at }) => at >= first && at <= last).sort((a, b) => (a.at < b.at ? -1 : 1));
  }
}
