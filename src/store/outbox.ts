import * as z from 'zod';
import { alertSchema } from '../alerts/state.ts';
import { transitionSchema } from '../alerts/transition.ts';
import { LOOPS, type Loop } from '../config/loop.ts';
import { notifiedSchema } from '../incidents/incident.ts';
import { pack, unpack } from './codec.ts';
import { keys } from './keys.ts';
import type { ReadOptions, Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

/** A transition that channels have still to be notified of. */
export const outboxEntrySchema = z.object({
  cluster: z.string(),
  loop: z.enum(LOOPS),
  transition: transitionSchema,
  /** Channels that have not taken it yet. */
  waiting: z.array(z.string()),
  attempts: z.number(),
  /** Not before this time, epoch seconds, by channel. */
  notBefore: z.record(z.string(), z.number()),
  /**
   * The alert after the transition, absent where it is over, and the revision of the state that has it: entries are
   * written before the state, and of what a process had no time to write there this is what is known.
   */
  revision: z.number(),
  alert: alertSchema.optional(),
  /** Of a message about an incident: what its receivers know after it. */
  notified: notifiedSchema.optional(),
});
export type OutboxEntry = z.output<typeof outboxEntrySchema>;

/** Not a channel: the hot loop of the target has still to find out to which incident it belongs. */
export const INCIDENTS = 'incidents';

const bytesSchema = z.instanceof(Uint8Array);

/** Longer than anything waits: it expires after a day. */
const KEEP_SECONDS = 7 * 86_400;

export interface Outbox {
  /** Oldest first. */
  readonly entries: readonly OutboxEntry[];
  /** Notifications that expired since watching began, by loop. */
  readonly expired: ReadonlyMap<Loop, number>;
}

/** Notifications on their way: an item each, those of a target in one partition. */
export class OutboxStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /**
   * What waits of a target, of one loop or of all.
   *
   * @param options consistent for the loop that continues from it
   */
  async all(cluster: string, loop?: Loop, options: ReadOptions = {}): Promise<Outbox> {
    const range = loop ? { from: `${loop} `, to: `${loop} ~` } : {};
    const { pk } = keys.outbox(cluster, '');
    const entries: OutboxEntry[] = [];
    const expired = new Map<Loop, number>();
    for (const { sk, data, expired: count } of await this.#table.query(pk, { ...range, ...options })) {
      const owner = LOOPS.find((one) => sk === `${one} ${EXPIRED}`);
      if (owner) {
        if (typeof count === 'number') expired.set(owner, count);
        continue;
      }
      const parse = () => outboxEntrySchema.parse(unpack(bytesSchema.parse(data)));
      const entry = this.#unreadable.read('notification', { pk, sk: String(sk) }, parse);
      if (entry) entries.push(entry);
    }
    return { entries: entries.sort((a, b) => (a.transition.at < b.transition.at ? -1 : 1)), expired };
  }

  /** Writes entries, new ones or such whose channels have changed. Where it fails some may have been written. */
  async putAll(entries: readonly OutboxEntry[]): Promise<void> {
    await this.#table.putAll(
      entries.map((entry) => ({
        key: keyOf(entry),
        attributes: {
          data: pack(entry),
          expires: Math.floor(Date.parse(entry.transition.at) / 1_000) + KEEP_SECONDS,
        },
      })),
    );
  }

  async delete(entry: OutboxEntry): Promise<void> {
    await this.#table.delete(keyOf(entry));
  }

  /** Keeps how many notifications of a loop have expired. */
  async putExpired(cluster: string, loop: Loop, expired: number): Promise<void> {
    await this.#table.put(keys.outbox(cluster, `${loop} ${EXPIRED}`), { expired });
  }
}

/** Behind every time of an entry. */
const EXPIRED = 'expired';

function keyOf({ cluster, loop, transition: { at, id } }: OutboxEntry) {
  return keys.outbox(cluster, `${loop} ${at} ${id}`);
}
