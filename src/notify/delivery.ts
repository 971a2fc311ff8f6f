import type { Notice } from '../alerts/alert.ts';
import type { Rule, Severity } from '../alerts/rule.ts';
import type { Transition } from '../alerts/transition.ts';
import type { Loop } from '../config/loop.ts';
import type { AlertHistoryStore, AlertStore, Outgoing } from '../store/alerts.ts';
import { type Channel, SendError, wants } from './channel.ts';
import { messageOf } from './message.ts';

/** The history is the first that is told, by the same way: nothing that happened is missing in it. */
const HISTORY = 'history';

/** What could not be sent for a day is of no use any more. */
const GIVE_UP_SECONDS = 86_400;

const FIRST_PAUSE = 15;
const LONGEST_PAUSE = 600;

export interface DeliveryLog {
  info(context: object, message: string): void;
  warn(context: object, message: string): void;
  error(context: object, message: string): void;
}

export interface DeliveryOptions {
  readonly channels: readonly Channel[];
  readonly alerts: AlertStore;
  readonly history: AlertHistoryStore;
  readonly unitOf: (rule: string) => Rule['unit'];
  readonly pageUrl: string;
  readonly log: DeliveryLog;
}

export interface Delivered {
  /** What is still to be sent. */
  readonly left: readonly Outgoing[];
  readonly givenUp: number;
}

/**
 * Sends what is owed: at least once, each channel in its own order. A channel that does not take a message holds back
 * the later ones of the same target, and is left alone for a while, or for as long as it asks.
 */
export class Delivery {
  readonly #options: DeliveryOptions;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  /** The channels that want alerts of this target and severity. */
  channelsFor(cluster: string, severity: Severity): string[] {
    return this.#options.channels.filter((one) => wants(one, cluster, severity)).map(({ name }) => name);
  }

  /** A notice for the outbox; one that is suppressed has no channels and is only kept. */
  owed({ transition, channels }: Notice): Outgoing {
    return { transition, waiting: [HISTORY, ...channels], attempts: 0, notBefore: {} };
  }

  /** Tries everything that is owed for a target and loop, oldest first. */
  async deliver(
    cluster: string,
    loop: Loop,
    owed: readonly Outgoing[],
    givenUp: number,
    now: Date,
  ): Promise<Delivered> {
    const stuck = new Set<string>();
    const left: Outgoing[] = [];
    let lost = givenUp;
    for (const outgoing of owed) {
      const next = await this.#tryAll(outgoing, stuck, now);
      const age = now.getTime() / 1_000 - Date.parse(next.transition.at) / 1_000;
      if (next.waiting.length > 0 && age > GIVE_UP_SECONDS) {
        lost += 1;
        const { id, cluster: where, title } = next.transition;
        this.#options.log.error(
          { cluster: where, id, channels: next.waiting },
          `${where}: given up after a day: ${title} could not be sent to ${next.waiting.join(', ')}`,
        );
        await this.#options.alerts.giveUp(cluster, loop, next, lost);
        continue;
      }
      if (next !== outgoing) await this.#options.alerts.update(cluster, loop, next);
      if (next.waiting.length > 0) left.push(next);
    }
    return { left, givenUp: lost };
  }

  async #tryAll(outgoing: Outgoing, stuck: Set<string>, now: Date): Promise<Outgoing> {
    const seconds = now.getTime() / 1_000;
    const { transition } = outgoing;
    const ready = outgoing.waiting.filter((name) => !stuck.has(name) && (outgoing.notBefore[name] ?? 0) <= seconds);
    for (const name of outgoing.waiting) if (!ready.includes(name)) stuck.add(name);
    if (ready.length === 0) return outgoing;
    const taken = new Set<string>();
    const notBefore: Record<string, number> = { ...outgoing.notBefore };
    await Promise.all(
      ready.map(async (name) => {
        try {
          await this.#send(name, transition);
          taken.add(name);
        } catch (error) {
          stuck.add(name);
          const asked = error instanceof SendError ? error.retryAfterSeconds : undefined;
          notBefore[name] = seconds + (asked ?? Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** outgoing.attempts));
          this.#options.log.warn(
            { cluster: transition.cluster, channel: name, id: transition.id },
            `${transition.cluster}: ${name} did not take "${transition.title}": ${error instanceof Error ? error.message : error}`,
          );
        }
      }),
    );
    const waiting = outgoing.waiting.filter((name) => !taken.has(name));
    return { ...outgoing, waiting, attempts: outgoing.attempts + 1, notBefore };
  }

  async #send(name: string, transition: Transition): Promise<void> {
    if (name === HISTORY) {
      await this.#options.history.put(transition);
      this.#say(transition);
      return;
    }
    const channel = this.#options.channels.find((one) => one.name === name);
    // A channel that the configuration no longer has takes nothing, and owes nothing.
    if (!channel) return;
    await channel.send(messageOf(transition, this.#options.unitOf(transition.rule), this.#options.pageUrl));
  }

  /** The log is told of everything, once. */
  #say(transition: Transition): void {
    const { cluster, rule, kind, severity, labels, value, suppressed, message } = transition;
    const quiet = kind === 'resolved' || severity === 'info' || suppressed !== undefined;
    this.#options.log[quiet ? 'info' : 'warn'](
      { cluster, rule, kind, severity, labels, value, ...(suppressed ? { suppressed } : {}) },
      `${cluster}: ${kind} ${severity}: ${message}${suppressed ? ` (${suppressed})` : ''}`,
    );
  }
}
