import * as z from 'zod';
import { type Alert, type Alerts, alertSchema, type RuleHistory, ruleHistorySchema } from '../alerts/state.ts';
import { type Transition, transitionSchema } from '../alerts/transition.ts';
import type { Loop } from '../config/loop.ts';
import { pack, unpack } from './codec.ts';
import { type Key, keys, partitionsOf, transitionMonth } from './keys.ts';
import { newestOf } from './newest.ts';
import { putValue, readValue, valuesIn } from './parts.ts';
import type { ReadOptions, Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

const KEEP_SECONDS = 30 * 86_400;
const bytesSchema = z.instanceof(Uint8Array);
const storedSchema = z.object({ alerts: z.record(z.string(), z.unknown()), revision: z.number() });

/** The alerts of a target and loop after a write. */
export interface AlertState {
  readonly alerts: Alerts;
  /** Grows with every write that has transitions; the outbox has what is newer. */
  readonly revision: number;
}

/** Alerts of a target and loop, and what their rules know of the past. */
export class AlertStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** @param options consistent for the loop that continues from them */
  async get(cluster: string, loop: Loop, options: ReadOptions = {}): Promise<AlertState> {
    const key = keys.alerts(cluster, loop);
    const kind = { kind: 'alerts', schema: storedSchema, unreadable: this.#unreadable };
    const stored = await readValue(this.#table, key, kind, options);
    return stored ? { ...stored, alerts: this.#alertsIn(key, stored.alerts) } : { alerts: {}, revision: 0 };
  }

  /** Those of all loops of a target, by fingerprint. */
  async all(cluster: string): Promise<Alerts> {
    const kind = { kind: 'alerts', schema: storedSchema, unreadable: this.#unreadable };
    const { pk } = keys.alerts(cluster, 'hot');
    const stored = valuesIn(await this.#table.query(pk), kind);
    return Object.assign({}, ...stored.map(({ alerts }) => this.#alertsIn({ pk, sk: '' }, alerts)));
  }

  /** One alert that is unreadable is left out: it must not take the others with it. */
  #alertsIn(key: Key, stored: Readonly<Record<string, unknown>>): Alerts {
    const parsed = Object.entries(stored).map(
      ([fingerprint, value]) => [fingerprint, alertSchema.safeParse(value)] as const,
    );
    const bad = parsed.find(([, { success }]) => !success)?.[1];
    this.#unreadable.read('alert', key, () => z.never().optional().parse(bad?.error), 'at least one');
    return Object.fromEntries(
      parsed.flatMap(([fingerprint, { data }]): [string, Alert][] => (data ? [[fingerprint, data]] : [])),
    );
  }

  async put(cluster: string, loop: Loop, state: AlertState, now: Date): Promise<void> {
    const expires = Math.floor(now.getTime() / 1_000) + KEEP_SECONDS;
    await putValue(this.#table, keys.alerts(cluster, loop), state, { expires });
  }

  async ruleHistory(cluster: string, loop: Loop): Promise<RuleHistory | undefined> {
    const kind = { kind: 'rule history', schema: ruleHistorySchema, unreadable: this.#unreadable };
    return await readValue(this.#table, keys.ruleHistory(cluster, loop), kind, { consistent: true });
  }

  async putRuleHistory(cluster: string, loop: Loop, history: RuleHistory, now: Date): Promise<void> {
    const expires = Math.floor(now.getTime() / 1_000) + KEEP_SECONDS;
    await putValue(this.#table, keys.ruleHistory(cluster, loop), history, { expires });
  }
}

/** Where a page ends: a time, and of the transitions of that time the id; without an id all of that time come before. */
export interface HistoryCursor {
  readonly at: Date;
  readonly id?: string | undefined;
}

export interface HistoryRange {
  readonly from?: Date;
  readonly clusters?: readonly string[];
}

/** Calendar months in which 400 days can be: on 2 March, 399 days ago is in January, fourteen months before. */
const KEPT_MONTHS = 15;

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
   *
   * @param within only the partitions of these targets are read, and none before that time
   */
  async newest(
    limit: number,
    cursor: HistoryCursor,
    matches: (transition: Transition) => boolean = () => true,
    within: HistoryRange = {},
  ): Promise<Transition[]> {
    const found: Transition[] = [];
    for await (const transition of this.walk(cursor, within)) {
      if (matches(transition)) found.push(transition);
      if (found.length === limit) break;
    }
    return found;
  }

  /** All between two times, both included, of targets that may have others beside them; the newest first. */
  async between(from: Date, to: Date, clusters: readonly string[]): Promise<Transition[]> {
    const end = { at: new Date(to.getTime() + 1) };
    return await this.newest(Number.POSITIVE_INFINITY, end, () => true, { from, clusters });
  }

  /** Like {@link newest}, one after the other, for as long as somebody takes them. */
  async *walk({ at: before, id }: HistoryCursor, { from, clusters }: HistoryRange): AsyncGenerator<Transition> {
    const first = from?.toISOString() ?? '';
    const month = new Date(Date.UTC(before.getUTCFullYear(), before.getUTCMonth()));
    const oldest = from ? new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth())) : new Date(0);
    const end = id === undefined ? before.toISOString() : keys.transition('', before, id).sk;
    for (let i = 0; i < KEPT_MONTHS && month >= oldest; i++) {
      for await (const item of newestOf(this.#table, partitionsIn(month, clusters), end)) {
        if (item['sk'] === end) continue;
        const key = { pk: String(item['pk']), sk: String(item['sk']) };
        const parse = () => transitionSchema.parse(unpack(bytesSchema.parse(item['data'])));
        const transition = this.#unreadable.read('change of an alert', key, parse);
        if (String(item['sk']) < first) return;
        if (transition) yield transition;
      }
      month.setUTCMonth(month.getUTCMonth() - 1);
    }
  }
}

/** Partitions of a month in which the transitions of targets are: their own, and the one that all shared once. */
function partitionsIn(month: Date, clusters: readonly string[] | undefined): readonly string[] {
  const name = transitionMonth(month);
  if (!clusters) return partitionsOf(name);
  return [...new Set([name, ...clusters.map((cluster) => keys.transition(cluster, month, '').pk)])];
}
