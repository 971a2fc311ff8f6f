import type { Rule, Severity } from '../alerts/rule.ts';
import type { Transition } from '../alerts/transition.ts';
import type { Loop } from '../config/loop.ts';
import type { Announcement } from '../incidents/announce.ts';
import type { Notified } from '../incidents/incident.ts';
import type { AlertHistoryStore } from '../store/alerts.ts';
import { INCIDENTS, type OutboxEntry, type OutboxStore } from '../store/outbox.ts';
import { type Channel, SendError, wants } from './channel.ts';
import { Lane } from './lane.ts';
import { messageOf } from './message.ts';

/** The history is a channel like others: nothing that happened is missing in it. */
const HISTORY = 'history';

/** Entries of a storm that leave the outbox at the same time: one by one, ten thousand take minutes. */
const AT_ONCE = 25;

/** A notification undelivered for a day is useless. */
const EXPIRE_SECONDS = 86_400;

export interface DeliveryLog {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}

export interface DeliveryOptions {
  readonly channels: readonly Channel[];
  readonly outbox: OutboxStore;
  readonly history: AlertHistoryStore;
  readonly unitOf: (rule: string) => Rule['unit'];
  readonly pageUrl: string;
  readonly log: DeliveryLog;
  readonly now: () => Date;
}

/**
 * Sends what waits in the outbox: at least once, each channel at its own pace and each alert in its own order. It does
 * so beside the passes: whoever starts it says how long it waits.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #entries = new Map<string, OutboxEntry>();
  readonly #lanes = new Map<string, Lane>();
  /** Entries that stay in the outbox, for nobody, when all channels have taken them. */
  readonly #kept = new Set<string>();
  /** Entries that some channels took and others did not: written when there is nothing more to send just now. */
  readonly #dirty = new Set<string>();
  readonly #expired = new Map<string, number>();
  #last: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  /** By the clock of `performance`: nothing begins after it. */
  #until = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #attempts = 0;
  #failure: unknown;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** The channels that want to hear of incidents of these targets and severity. */
  channelsFor(clusters: readonly string[], severity: Severity): string[] {
    return this.#options.channels.filter((one) => wants(one, clusters, severity)).map(({ name }) => name);
  }

  /**
   * Takes entries that are in the outbox, oldest first; those that it has already stay as they are.
   *
   * @param isKept whether it stays in the outbox when all channels have taken it: the state of its loop lacks it, and the
   *   loop finds there what happened
   */
  add(entries: readonly OutboxEntry[], isKept: (entry: OutboxEntry) => boolean = () => false): void {
    for (const entry of entries) {
      const key = keyOf(entry);
      const channels = entry.waiting.filter((name) => name !== INCIDENTS);
      if (this.#entries.has(key) || channels.length === 0) continue;
      this.#entries.set(key, entry);
      if (isKept(entry)) this.#kept.add(key);
      for (const name of channels) this.#lane(name).add(entry.transition.fingerprint, key);
    }
  }

  /** How many notifications of a target and loop are not with all of their channels yet. */
  waiting(cluster: string, loop: Loop): number {
    return [...this.#entries.values()].filter((entry) => entry.cluster === cluster && entry.loop === loop).length;
  }

  /** How many notifications of a target and loop have expired since watching began. */
  expired(cluster: string, loop: Loop): number {
    return this.#expired.get(`${cluster} ${loop}`) ?? 0;
  }

  setExpired(cluster: string, loop: Loop, count: number): void {
    this.#expired.set(`${cluster} ${loop}`, Math.max(count, this.expired(cluster, loop)));
  }

  /** An incident has these transitions: who still waits for one is a channel. */
  async correlated(entries: readonly OutboxEntry[]): Promise<void> {
    for (let i = 0; i < entries.length; i += AT_ONCE)
      await Promise.all(entries.slice(i, i + AT_ONCE).map((entry) => this.#correlatedOne(entry)));
  }

  async #correlatedOne(entry: OutboxEntry): Promise<void> {
    const key = keyOf(entry);
    const own = this.#entries.get(key);
    const waiting = (own ?? entry).waiting.filter((name) => name !== INCIDENTS);
    if (own) this.#set(key, { waiting });
    else if (waiting.length > 0) await this.#options.outbox.putAll([{ ...entry, waiting }]);
    else await this.#options.outbox.delete(entry);
  }

  /** Another process may have gone on with these: what waits is read from the outbox again. */
  forget(cluster: string, loop: Loop): void {
    for (const [key, entry] of this.#entries) {
      if (entry.cluster === cluster && entry.loop === loop) this.#drop(key);
    }
  }

  /**
   * Sends everything that is due, and returns when that is done or the time is over; what is under way continues, and
   * nothing more begins after it.
   *
   * @param limitMs how long to wait; with 0 it continues by itself
   */
  async deliver(limitMs: number): Promise<void> {
    this.#until = Math.max(this.#until, performance.now() + (limitMs || Number.POSITIVE_INFINITY));
    const running = this.#start();
    if (limitMs === 0) {
      running.catch((error) => this.#options.log.error({ err: error }, 'failed to write the outbox'));
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, Number.isFinite(limitMs) ? limitMs : 2 ** 31 - 1);
    });
    await Promise.race([running, over]).finally(() => clearTimeout(timer));
  }

  /** Begins nothing more, and waits for what is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await (this.#next ?? this.#last).catch(() => {});
  }

  /** One after the other; what is asked for while one is under way is one more after it. */
  #start(): Promise<void> {
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      const run = this.#drain();
      this.#last = run.catch(() => {});
      return run;
    });
    return this.#next;
  }

  async #drain(): Promise<void> {
    this.#failure = undefined;
    for (let before = -1; before !== this.#attempts && !this.#isOver(); ) {
      before = this.#attempts;
      await Promise.all([...this.#lanes].map(([name, lane]) => this.#drainLane(name, lane)));
    }
    await this.#expire();
    const dirty = [...this.#dirty].flatMap((key) => this.#entries.get(key) ?? []);
    if (dirty.length > 0) await this.#options.outbox.putAll(dirty);
    this.#dirty.clear();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Several at once; one by one while the channel fails, until it takes one again. */
  async #drainLane(name: string, lane: Lane): Promise<void> {
    while (!this.#isOver()) {
      const now = this.#seconds();
      const width = lane.width(now);
      const keys = lane.take(width, (key) => (this.#entries.get(key)?.notBefore[name] ?? 0) <= now);
      if (keys.length === 0) return;
      await Promise.all(keys.map((key) => this.#try(name, lane, key)));
    }
  }

  async #try(name: string, lane: Lane, key: string): Promise<void> {
    this.#attempts += 1;
    const entry = this.#entries.get(key);
    if (!entry) return;
    const { transition } = entry;
    try {
      await this.#send(name, transition);
    } catch (error) {
      const asked = error instanceof SendError ? error.retryAfterSeconds : undefined;
      const pause = lane.failed(transition.fingerprint, this.#seconds(), asked);
      const notBefore = { ...this.#entries.get(key)?.notBefore, [name]: this.#seconds() + pause };
      this.#set(key, { notBefore, attempts: entry.attempts + 1 });
      this.#options.log.warn(
        { cluster: transition.cluster, channel: name, id: transition.id },
        `${transition.cluster}: ${name} did not take "${transition.title}": ${error instanceof Error ? error.message : error}`,
      );
      return;
    }
    lane.took(key, transition.fingerprint);
    await this.#taken(name, key);
  }

  /** The last channel that takes it removes it from the outbox, if it belongs to its incident by then. */
  async #taken(name: string, key: string): Promise<void> {
    const waiting = (this.#entries.get(key)?.waiting ?? []).filter((one) => one !== name);
    this.#set(key, { waiting });
    const entry = this.#entries.get(key);
    if (!entry || waiting.some((one) => one !== INCIDENTS)) return;
    const kept = this.#kept.has(key) || waiting.length > 0;
    this.#drop(key);
    try {
      if (kept) await this.#options.outbox.putAll([entry]);
      else await this.#options.outbox.delete(entry);
    } catch (error) {
      // It has been sent: a process that finds it in the outbox sends it again, under the same id.
      this.#failure = error;
    }
  }

  async #send(name: string, transition: Transition): Promise<void> {
    if (name === HISTORY) {
      await this.#options.history.put(transition);
      this.#say(transition);
      return;
    }
    const channel = this.#options.channels.find((one) => one.name === name);
    // A channel that the configuration no longer has takes nothing, and nothing waits for it.
    if (!channel) return;
    await channel.send(messageOf(transition, this.#options.unitOf(transition.rule), this.#options.pageUrl));
  }

  /** Expires entries that were undelivered for too long, and counts them. */
  async #expire(): Promise<void> {
    for (const [key, entry] of this.#entries) {
      const { cluster, loop, waiting, transition } = entry;
      if (this.#seconds() - Date.parse(transition.at) / 1_000 <= EXPIRE_SECONDS) continue;
      this.#options.log.error(
        { cluster, id: transition.id, channels: waiting },
        `${cluster}: expired after a day: ${transition.title} was not delivered to ${waiting.join(', ')}`,
      );
      this.#drop(key);
      this.setExpired(cluster, loop, this.expired(cluster, loop) + 1);
      await this.#options.outbox.putExpired(cluster, loop, this.expired(cluster, loop));
      await this.#options.outbox.delete(entry);
    }
  }

  #set(key: string, change: Partial<OutboxEntry>): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.set(key, { ...entry, ...change });
    this.#dirty.add(key);
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    this.#entries.delete(key);
    this.#dirty.delete(key);
    this.#kept.delete(key);
    for (const name of entry?.waiting ?? []) this.#lanes.get(name)?.remove(entry?.transition.fingerprint ?? '', key);
  }

  #lane(name: string): Lane {
    const lane = this.#lanes.get(name) ?? new Lane();
    this.#lanes.set(name, lane);
    return lane;
  }

  #isOver(): boolean {
    return this.#stopped || performance.now() >= this.#until;
  }

  #seconds(): number {
    return this.#options.now().getTime() / 1_000;
  }

  /** Everything goes to the log, once. */
  #say(transition: Transition): void {
    const { cluster, rule, kind, severity, labels, value, suppressed, message } = transition;
    const quiet = kind === 'resolved' || severity === 'info' || suppressed !== undefined;
    this.#options.log[quiet ? 'info' : 'warn'](
      { cluster, rule, kind, severity, labels, value, suppressed },
      `${cluster}: ${kind} ${severity}: ${message}${suppressed ? ` (${suppressed})` : ''}`,
    );
  }
}

/** A transition of an alert as an entry of the outbox: for the history, and for the incident that it belongs to. */
export function entryOf(
  transition: Transition,
  place: Pick<OutboxEntry, 'cluster' | 'loop' | 'revision' | 'alert'>,
): OutboxEntry {
  // The hot loop has its own transitions in hand.
  const others = place.loop === 'hot' ? [] : [INCIDENTS];
  return { ...place, transition, waiting: [HISTORY, ...others], attempts: 0, notBefore: {} };
}

/** A message about an incident as an entry of the outbox. @param revision of the incidents that know of it */
export function messageEntry(
  cluster: string,
  revision: number,
  notified: Notified,
  { transition, channels }: Announcement,
): OutboxEntry {
  return { cluster, loop: 'hot', revision, transition, waiting: [...channels], attempts: 0, notBefore: {}, notified };
}

function keyOf({ cluster, loop, transition }: OutboxEntry): string {
  return `${cluster} ${loop} ${transition.id}`;
}
