import * as z from 'zod';
import { type Alert, type Alerts, alertSchema, type RuleHistory, ruleHistorySchema } from '../alerts/state.ts';
import { type Transition, transitionSchema } from '../alerts/transition.ts';
import type { Loop } from '../config/loop.ts';
import { pack, unpack } from './codec.ts';
import { type Key, keys, partitionsOf, transitionMonth } from './keys.ts';
import { newestOf } from './newest.ts';
import { putValue, readValue } from './parts.ts';
import type { ReadOptions, Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

/** A transition that somebody has still to be told of. */
export const outgoingSchema = z.object({
  transition: transitionSchema,
  /** Channels that have not taken it yet. */
  waiting: z.array(z.string()),
  attempts: z.number(),
  /** Not before this time, epoch seconds, by channel. */
  notBefore: z.record(z.string(), z.number()),
});
export type Outgoing = z.output<typeof outgoingSchema>;

const KEEP_SECONDS = 30 * 86_400;
const OUT = 'out ';
const bytesSchema = z.instanceof(Uint8Array);

export interface AlertItem {
  readonly alerts: Alerts;
  readonly outgoing: readonly Outgoing[];
  /** Notifications given up since watching began. */
  readonly givenUp: number;
}

/**
 * Alerts of a target and loop, and in the same item what is still to be sent: both are written at once, so that no
 * process can die between knowing of a change and owing its notification.
 */
export class AlertStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** @param options consistent for the loop that goes on from them */
  async get(cluster: string, loop: Loop, options: ReadOptions = {}): Promise<AlertItem> {
    const key = keys.alerts(cluster, loop);
    const item = (await this.#table.get(key, options)) ?? {};
    const outgoing: Outgoing[] = [];
    for (const [name, value] of Object.entries(item)) {
      if (!name.startsWith(OUT)) continue;
      const parse = () => outgoingSchema.parse(unpack(bytesSchema.parse(value)));
      const read = this.#unreadable.read('notification', key, parse, name);
      if (read) outgoing.push(read);
    }
    const alertsOf = () => this.#alertsIn(key, unpack(bytesSchema.parse(item['alerts'])));
    return {
      alerts: (item['alerts'] !== undefined && this.#unreadable.read('alerts', key, alertsOf, 'alerts')) || {},
      outgoing: outgoing.sort((a, b) => (a.transition.at < b.transition.at ? -1 : 1)),
      givenUp: typeof item['givenUp'] === 'number' ? item['givenUp'] : 0,
    };
  }

  /** One alert that is unreadable is left out: it must not take the others with it. */
  #alertsIn(key: Key, stored: unknown): Alerts {
    const parsed = Object.entries(z.record(z.string(), z.unknown()).parse(stored)).map(
      ([fingerprint, value]) => [fingerprint, alertSchema.safeParse(value)] as const,
    );
    const bad = parsed.find(([, { success }]) => !success)?.[1];
    this.#unreadable.read('alert', key, () => z.never().optional().parse(bad?.error), 'at least one');
    return Object.fromEntries(
      parsed.flatMap(([fingerprint, { data }]): [string, Alert][] => (data ? [[fingerprint, data]] : [])),
    );
  }

  /** Writes the alerts with what is newly owed, in one write. */
  async put(cluster: string, loop: Loop, alerts: Alerts, fresh: readonly Outgoing[], now: Date): Promise<void> {
    const owed: Record<string, Uint8Array> = {};
    for (const outgoing of fresh) owed[OUT + outgoing.transition.id] = pack(outgoing);
    await this.#table.set(keys.alerts(cluster, loop), {
      alerts: pack(alerts),
      ...owed,
      expires: Math.floor(now.getTime() / 1_000) + KEEP_SECONDS,
    });
  }

  /** Marks what a channel took, or when it is to be tried again. */
  async update(cluster: string, loop: Loop, outgoing: Outgoing): Promise<void> {
    const name = OUT + outgoing.transition.id;
    if (outgoing.waiting.length === 0) await this.#table.remove(keys.alerts(cluster, loop), [name]);
    else await this.#table.set(keys.alerts(cluster, loop), { [name]: pack(outgoing) });
  }

  /** Forgets what could not be sent for too long, and counts it. */
  async giveUp(cluster: string, loop: Loop, outgoing: Outgoing, givenUp: number): Promise<void> {
    await this.#table.set(keys.alerts(cluster, loop), { givenUp });
    await this.#table.remove(keys.alerts(cluster, loop), [OUT + outgoing.transition.id]);
  }

  async ruleHistory(cluster: string, loop: Loop): Promise<RuleHistory | undefined> {
    const kind = { kind: 'past of the rules', schema: ruleHistorySchema, unreadable: this.#unreadable };
    return await readValue(this.#table, keys.alertMemory(cluster, loop), kind, { consistent: true });
  }

  async putRuleHistory(cluster: string, loop: Loop, history: RuleHistory, now: Date): Promise<void> {
    const expires = Math.floor(now.getTime() / 1_000) + KEEP_SECONDS;
    await putValue(this.#table, keys.alertMemory(cluster, loop), history, { expires });
  }
}

/** Where a page ends: a time, and of the transitions of that time the id; without an id all of that time come before. */
export interface HistoryCursor {
  readonly at: Date;
  readonly id?: string | undefined;
}

/** What happened to alerts of all targets, kept 400 days. */
export class AlertHistoryStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** Writing one twice leaves one. */
  async put(transition: Transition): Promise<void> {
    const at = new Date(transition.at);
    const expires = Math.floor(at.getTime() / 1_000) + 400 * 86_400;
    await this.#table.put(keys.transition(transition.cluster, at, transition.id), { data: pack(transition), expires });
  }

  /**
   * The newest first, by time and id, before a cursor, for at most 400 days. The cursor's own is not among them: pages
   * have each transition once, however many are of one time.
   */
  async newest(
    limit: number,
    { at: before, id }: HistoryCursor,
    matches: (transition: Transition) => boolean = () => true,
  ): Promise<Transition[]> {
    const found: Transition[] = [];
    const month = new Date(Date.UTC(before.getUTCFullYear(), before.getUTCMonth()));
    const end = id === undefined ? before.toISOString() : keys.transition('', before, id).sk;
    for (let i = 0; i < 14 && found.length < limit; i++) {
      for await (const item of newestOf(this.#table, partitionsOf(transitionMonth(month)), end)) {
        if (item['sk'] === end) continue;
        const key = { pk: String(item['pk']), sk: String(item['sk']) };
        const parse = () => transitionSchema.parse(unpack(bytesSchema.parse(item['data'])));
        const transition = this.#unreadable.read('change of an alert', key, parse);
        if (transition && matches(transition)) found.push(transition);
        if (found.length === limit) return found;
      }
      month.setUTCMonth(month.getUTCMonth() - 1);
    }
    return found;
  }
}
