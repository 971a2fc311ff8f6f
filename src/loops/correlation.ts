import type { Severity } from '../alerts/rule.ts';
import type { Transition } from '../alerts/transition.ts';
import type { Rules } from '../incidents/cause.ts';
import { type Acknowledged, type Correlated, correlate } from '../incidents/correlate.ts';
import { folded } from '../incidents/fold.ts';
import type { Incident } from '../incidents/incident.ts';
import type { SessionsNow } from '../incidents/session.ts';
import { type Delivery, messageEntry } from '../notify/delivery.ts';
import type { AcknowledgementStore } from '../store/acknowledgements.ts';
import type { IncidentState, IncidentStore } from '../store/incidents.ts';
import { INCIDENTS, type OutboxEntry, type OutboxStore } from '../store/outbox.ts';

export interface Grouping {
  /** Labels that group in place of causes. */
  readonly groupBy?: readonly string[] | undefined;
  readonly waitSeconds: number;
  readonly groupSeconds: number;
}

export interface CorrelationOptions extends Grouping {
  readonly intervalSeconds: number;
  readonly repeatSeconds: number;
  readonly rules: Rules;
  /** Seconds between passes of the loop of a rule. */
  readonly paceOf: (rule: string) => number;
  readonly incidents: IncidentStore;
  readonly outbox: OutboxStore;
  readonly acknowledgements: AcknowledgementStore;
  readonly delivery: Delivery;
}

/** What a pass of the hot loop brings for the incidents of its target. */
export interface Brought {
  readonly transitions: readonly Transition[];
  readonly sessions: SessionsNow | undefined;
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
}

interface Known {
  readonly state: IncidentState;
  /** Transitions of the hot loop that belong to no incident yet. */
  readonly fresh: readonly Transition[];
  readonly sessions: SessionsNow | undefined;
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  /** The table lacks what the outbox had. */
  readonly behind: boolean;
  /** What was found out and is not written yet. */
  readonly pending?: Pending | undefined;
}

interface Pending extends Pick<Correlated, 'ended' | 'forgotten' | 'changed'> {
  readonly state: IncidentState;
  readonly messages: readonly OutboxEntry[];
  /** Of other loops. */
  readonly taken: readonly OutboxEntry[];
}

/** A transition that nobody took for a day is no news. */
const OLD_MS = 86_400_000;

/**
 * Puts the transitions of a target's alerts together to incidents. The hot loop alone does: other loops, which on AWS are
 * other processes, leave theirs in the outbox. Messages are written to the outbox before the incidents, and say what
 * receivers know after them: a process that ends in between loses nothing and says nothing twice.
 */
export class Correlation {
  readonly #options: CorrelationOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: CorrelationOptions) {
    this.#options = options;
  }

  /** @param entries the hot loop's own of the outbox */
  async load(cluster: string, entries: readonly OutboxEntry[]): Promise<void> {
    const stored = await this.#options.incidents.open(cluster, { consistent: true });
    const own = entries.filter(({ notified, revision }) => !notified && revision > stored.folded);
    const messages = entries.filter(({ notified, revision }) => notified && revision > stored.revision);
    const again = folded(
      stored.incidents,
      own.map(({ transition }) => transition),
      this.#options,
    );
    this.#known.set(cluster, {
      state: {
        revision: Math.max(stored.revision, ...messages.map(({ revision }) => revision)),
        folded: Math.max(stored.folded, ...own.map(({ revision }) => revision)),
        incidents: messages.reduce(withMessage, again),
      },
      fresh: own.map(({ transition }) => transition),
      sessions: undefined,
      acknowledged: new Map(),
      behind: own.length + messages.length > 0,
    });
  }

  bring(cluster: string, { transitions, sessions, acknowledged }: Brought): void {
    const known = this.#known.get(cluster);
    if (!known) return;
    this.#known.set(cluster, { ...known, fresh: [...known.fresh, ...transitions], sessions, acknowledged });
  }

  forget(cluster: string): void {
    this.#known.delete(cluster);
  }

  /** @param revision of the alerts whose transitions were brought */
  async advance(cluster: string, revision: number, now: Date): Promise<void> {
    const { outbox } = this.#options;
    if (this.#known.get(cluster)?.pending) await this.#persist(cluster, now);
    const { entries } = await outbox.all(cluster);
    const known = this.#known.get(cluster);
    if (!known) return;
    const { state, fresh, sessions, acknowledged } = known;
    const taken = entries.filter(({ waiting }) => waiting.includes(INCIDENTS));
    const news = taken.flatMap(({ transition }) =>
      now.getTime() - Date.parse(transition.at) < OLD_MS ? [transition] : [],
    );
    const { incidents, announcements, changed, ...rest } = correlate(state.incidents, [...fresh, ...news], {
      ...this.#options,
      at: now.getTime() / 1_000,
      channelsFor: (clusters, severity) => this.#channelsFor(clusters, severity),
      sessions,
      acknowledged,
    });
    const next = { revision: state.revision + 1, folded: revision, incidents };
    const messages = announcements.flatMap(({ incident: { notified }, announcement }): OutboxEntry[] => {
      if (!notified || announcement.channels.length === 0) return [];
      return [messageEntry(cluster, next.revision, notified, announcement)];
    });
    const pending = { ...rest, changed: changed || known.behind, state: next, messages, taken };
    this.#known.set(cluster, { ...known, fresh: [], pending });
    await this.#persist(cluster, now);
  }

  /** The messages before the incidents, those that are over before they are forgotten. */
  async #persist(cluster: string, now: Date): Promise<void> {
    const { incidents, outbox, delivery, acknowledgements } = this.#options;
    const known = this.#known.get(cluster);
    if (!known?.pending) return;
    const { state, messages, taken, ended, forgotten, changed } = known.pending;
    if (messages.length > 0) await outbox.putAll(messages);
    for (const incident of ended) await incidents.putPast(cluster, incident);
    if (changed) await incidents.putOpen(cluster, state, now);
    const { fresh } = this.#known.get(cluster) ?? known;
    this.#known.set(cluster, {
      ...known,
      fresh,
      state: changed ? state : known.state,
      behind: false,
      pending: undefined,
    });
    delivery.add(messages);
    await delivery.correlated(taken);
    for (const id of forgotten) await acknowledgements.delete(id);
  }

  #channelsFor(clusters: readonly string[], severity: Severity): string[] {
    return [...new Set(clusters.flatMap((cluster) => this.#options.delivery.channelsFor(cluster, severity)))];
  }
}

/** The incidents with what a message said that the state does not know of. */
function withMessage(incidents: Incident[], { transition, notified }: OutboxEntry): Incident[] {
  const [lead] = transition.incident?.worst ?? [];
  const its =
    incidents.find(({ id }) => id === transition.fingerprint) ??
    incidents.find(({ members }) => lead !== undefined && members[lead.fingerprint] !== undefined);
  return incidents.map((incident) =>
    incident === its ? { ...incident, id: transition.fingerprint, notified } : incident,
  );
}
