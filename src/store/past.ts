import * as z from 'zod';
import type { Loop } from '../config/loop.ts';
import { LOOPS } from '../config/loop.ts';
import { type LatestSnapshot, type Snapshot, snapshotSchema } from '../metrics/snapshot.ts';
import { keys, pastDay, pastPartition } from './keys.ts';
import { appendToMinute, minuteOf, readMinutes } from './minutes.ts';
import { putValue, readValue, valuesIn } from './parts.ts';
import type { Attributes, Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Every hot pass, and lists of every hour, are kept for so many days. */
export const PASS_DAYS = 7;
/** The first lists of a day are kept for so many days. */
export const LIST_DAYS = 400;

/** A pass as it is kept; of one that the target did not answer, when the last one before it was that it did. */
const pastSchema = snapshotSchema.extend({ lastGoodAt: z.string().optional() });
export type PastSnapshot = z.output<typeof pastSchema>;
const passesSchema = z.array(pastSchema);

/**
 * What was seen at a moment: every pass of the hot loop for 7 days (sessions, locks, running vacuums), also those that saw
 * nothing or failed, and the lists of the other loops hourly for 7 days and one a day for 400.
 */
export class PastStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** Adds hot passes; those of a minute go into one item and one write. */
  async append(cluster: string, passes: readonly PastSnapshot[]): Promise<void> {
    for (const [minute, group] of Map.groupBy(passes, ({ takenAt }) => takenAt.slice(0, 16))) {
      const at = new Date(`${minute}:00Z`);
      const name = `at ${group[0]?.takenAt.slice(17, 23) ?? ''}`;
      await appendToMinute(this.#table, keys.pass(cluster, at), name, group, expiryOf(at, PASS_DAYS));
    }
  }

  /** Keeps the lists of a pass as those of its hour, where there are none yet; the first ones of a day for 400 days. */
  async putLists(snapshot: Snapshot): Promise<void> {
    const { cluster, loop, takenAt } = snapshot;
    const key = keys.lists(cluster, loop, new Date(takenAt));
    const before = await this.#newest(cluster, loop, key.sk);
    if (before?.sk === key.sk) return;
    const days = before?.takenAt.slice(0, 10) === takenAt.slice(0, 10) ? PASS_DAYS : LIST_DAYS;
    await putValue(this.#table, key, snapshot, { takenAt, expires: expiryOf(new Date(takenAt), days) });
  }

  /**
   * The last snapshot of a loop up to a moment: of hot the last pass, of the others the last that is kept. One that the
   * target did not answer has the last good one before it beside it.
   */
  async at(cluster: string, loop: Loop, moment: Date): Promise<LatestSnapshot | undefined> {
    if (loop !== 'hot') return await this.#listsAt(cluster, loop, moment);
    const pass = await this.#passAt(cluster, moment);
    if (!pass) return undefined;
    const { lastGoodAt, ...snapshot } = pass;
    const good = lastGoodAt === undefined ? undefined : await this.#passAt(cluster, new Date(lastGoodAt));
    return good?.up ? { ...snapshot, lastGood: good } : snapshot;
  }

  /** Hot passes between two times, both included, oldest first. */
  async between(cluster: string, from: Date, to: Date): Promise<PastSnapshot[]> {
    const kind = { kind: 'pass', schema: passesSchema, unreadable: this.#unreadable };
    const passes = (await readMinutes(this.#table, (day) => pastDay(cluster, day), from, to, kind)).flat();
    const [first, last] = [from.toISOString(), to.toISOString()];
    return passes
      .filter(({ takenAt }) => takenAt >= first && takenAt <= last)
      .sort((a, b) => (a.takenAt < b.takenAt ? -1 : 1));
  }

  /** When the data of a target begins, of one loop or of all; undefined where there is none. */
  async since(cluster: string, loop?: Loop, now = new Date()): Promise<Date | undefined> {
    const loops = loop === undefined ? LOOPS : [loop];
    const firsts = await Promise.all(
      loops.map((one) => (one === 'hot' ? this.#firstPass(cluster, now) : this.#firstLists(cluster, one))),
    );
    const oldest = Math.min(...firsts.flatMap((first) => (first === undefined ? [] : [first.getTime()])));
    return Number.isFinite(oldest) ? new Date(oldest) : undefined;
  }

  async #passAt(cluster: string, moment: Date): Promise<PastSnapshot | undefined> {
    const recent = (await this.between(cluster, new Date(moment.getTime() - 60_000), moment)).at(-1);
    if (recent) return recent;
    // Nothing was measured just before: the last pass that there is, a day after the other.
    let end = new Date(moment.getTime() - 60_000);
    for (let days = 0; days <= PASS_DAYS; days++) {
      const partition = pastDay(cluster, new Date(moment.getTime() - days * DAY_MS));
      for (;;) {
        const range = { to: `${minuteOf(end)}~`, newestFirst: true, limit: 1 };
        const [newest] = await this.#table.query(partition, range);
        if (!newest) break;
        const minute = new Date(`${String(newest['sk']).slice(0, 16)}Z`);
        const pass = (await this.between(cluster, minute, new Date(minute.getTime() + 59_999))).at(-1);
        if (pass) return pass;
        end = new Date(minute.getTime() - 60_000);
      }
    }
    return undefined;
  }

  async #listsAt(cluster: string, loop: Loop, moment: Date): Promise<Snapshot | undefined> {
    const kind = { kind: 'lists', schema: snapshotSchema, unreadable: this.#unreadable };
    let hour = moment;
    for (;;) {
      const found = await this.#newest(cluster, loop, hour.toISOString().slice(0, 13));
      if (!found) return undefined;
      if (found.takenAt <= moment.toISOString()) {
        const [whole] = found.item ? valuesIn([found.item], kind) : [];
        const lists = whole ?? (await readValue(this.#table, { pk: pastPartition(cluster, loop), sk: found.sk }, kind));
        if (lists) return lists;
      }
      hour = new Date(Date.parse(`${found.sk}:00:00Z`) - HOUR_MS);
    }
  }

  /** The newest lists up to an hour, with their item where it holds all of them. */
  async #newest(cluster: string, loop: Loop, hour: string): Promise<Newest | undefined> {
    const range = { to: `${hour}~`, newestFirst: true, limit: 1 };
    const [item] = await this.#table.query(pastPartition(cluster, loop), range);
    if (!item) return undefined;
    const sk = String(item['sk']).slice(0, 13);
    const takenAt = String(item['takenAt']);
    return item['sk'] === sk && item['parts'] === undefined ? { sk, takenAt, item } : { sk, takenAt };
  }

  async #firstPass(cluster: string, now: Date): Promise<Date | undefined> {
    for (let days = PASS_DAYS; days >= 0; days--) {
      const [item] = await this.#table.query(pastDay(cluster, new Date(now.getTime() - days * DAY_MS)), { limit: 1 });
      if (!item) continue;
      const minute = new Date(`${String(item['sk']).slice(0, 16)}Z`);
      const [first] = await this.between(cluster, minute, new Date(minute.getTime() + 59_999));
      if (first) return new Date(first.takenAt);
    }
    return undefined;
  }

  async #firstLists(cluster: string, loop: Loop): Promise<Date | undefined> {
    const [item] = await this.#table.query(pastPartition(cluster, loop), { limit: 1 });
    return item && new Date(String(item['takenAt']));
  }
}

interface Newest {
  readonly sk: string;
  readonly takenAt: string;
  readonly item?: Attributes;
}

function expiryOf(at: Date, days: number): number {
  return Math.floor(at.getTime() / 1_000) + days * (DAY_MS / 1_000);
}
