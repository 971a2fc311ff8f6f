import { severityOf } from '../alerts/severities.ts';
import type { Transition } from '../alerts/transition.ts';
import type { Rules } from '../incidents/cause.ts';
import { type Acknowledged, type Correlated, correlate } from '../incidents/correlate.ts';
import { folded, lostMembers } from '../incidents/fold.ts';
import { type Incident, isOpen } from '../incidents/incident.ts';
import type { SessionsNow } from '../incidents/session.ts';
import { type Delivery, messageEntry } from '../notify/delivery.ts';
import type { AcknowledgementStore } from '../store/acknowledgements.ts';
import type { AlertStore } from '../store/alerts.ts';
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
  readonly alerts: AlertStore;
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
  /** When incidents were last compared with the alerts, epoch milliseconds. */
  readonly comparedAt: number;
  /** What was found out and is not written yet. */
  readonly pending?: Pending | undefined;
}

interface Pending extends Pick<Correlated, 'ended' | 'forgotten' | 'changed'> {
  readonly state: IncidentState;
  readonly messages: readonly OutboxEntry[];
  /** Of other loops. */
  readonly taken: readonly OutboxEntry[];
}

/** So often open incidents are compared with the alerts themselves. */
const COMPARE_MS = 10 * 60_000;

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
    // What a message was made of, of other loops too, which are still to be taken.
    const until = messages.map(({ transition }) => transition.at).reduce((a, b) => (a > b ? a : b), '');
    const others = messages.length === 0 ? [] : (await this.#options.outbox.all(cluster)).entries.filter(isWaiting);
    const seen = [...own, ...others.filter(({ transition }) => transition.at <= until)];
    const again = folded(
      stored.incidents,
      seen.map(({ transition }) => transition),
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
      comparedAt: Number.NEGATIVE_INFINITY,
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
    const { outbox, delivery } = this.#options;
    if (this.#known.get(cluster)?.pending) await this.#persist(cluster, now);
    const { entries } = await outbox.all(cluster);
    const known = this.#known.get(cluster);
    if (!known) return;
    const { state, fresh, sessions, acknowledged } = known;
    const taken = entries.filter(isWaiting);
    const news = taken.flatMap(({ transition }) =>
      now.getTime() - Date.parse(transition.at) < OLD_MS ? [transition] : [],
    );
    const compares = state.incidents.some(isOpen) && now.getTime() - known.comparedAt >= COMPARE_MS;
    const before = compares ? await this.#compared(cluster, state.incidents, now) : state.incidents;
    const { incidents, announcements, changed, ...rest } = correlate(before, [...fresh, ...news], {
      ...this.#options,
      at: now.getTime() / 1_000,
      channelsFor: (clusters, severity) => delivery.channelsFor(clusters, severity),
      sessions,
      acknowledged,
    });
    const next = { revision: state.revision + 1, folded: revision, incidents };
    const messages = announcements.flatMap(({ incident: { notified }, announcement }): OutboxEntry[] => {
      if (!notified || announcement.channels.length === 0) return [];
      return [messageEntry(cluster, next.revision, notified, announcement)];
    });
    const isNew = changed || known.behind || before !== state.incidents;
    const comparedAt = compares ? now.getTime() : known.comparedAt;
    const pending = { ...rest, changed: isNew, state: next, messages, taken };
    this.#known.set(cluster, { ...known, fresh: [], comparedAt, pending });
    await this.#persist(cluster, now);
  }

  /** Nothing stays open of which no alert is: an end that got lost is made up for. */
  async #compared(cluster: string, incidents: readonly Incident[], now: Date): Promise<readonly Incident[]> {
    const alerts = await this.#options.alerts.all(cluster);
    const fires = (fingerprint: string) => severityOf(alerts[fingerprint]?.severities ?? []) !== undefined;
    return lostMembers(incidents, fires, now.getTime() / 1_000);
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
}

/** Whether it has still to be found out to which incident it belongs. */
function isWaiting({ waiting }: OutboxEntry): boolean {
  return waiting.includes(INCIDENTS);
}

/** The incidents with what a message said that the state does not know of. */
function withMessage(incidents: Incident[], { transition, notified }: OutboxEntry): Incident[] {
  const lead = transition.incident?.alert;
  const its =
    incidents.find(({ id }) => id === transition.fingerprint) ??
    incidents.find(({ members }) => lead !== undefined && members[lead] !== undefined);
  return incidents.map((incident) =>
    incident === its ? { ...incident, id: transition.fingerprint, notified } : incident,
  );
}
