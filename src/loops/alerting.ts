import { evaluateRules } from '../alerts/engine.ts';
import { offenderOf, type Scene } from '../alerts/offender.ts';
import type { PreparedRule, RuleFault } from '../alerts/prepare.ts';
import { SEVERITIES } from '../alerts/rule.ts';
import { severityOf } from '../alerts/severities.ts';
import { type Alerts, emptyRuleHistory, type RuleHistory } from '../alerts/state.ts';
import { type Silence, suppression } from '../alerts/suppression.ts';
import type { FoundOffender } from '../alerts/transition.ts';
import { activity } from '../collectors/activity/activity.ts';
import type { Catalog } from '../collectors/catalog.ts';
import { xminHorizon } from '../collectors/xmin-horizon.ts';
import type { Loop } from '../config/loop.ts';
import type { MaintenanceWindow } from '../config/maintenance.ts';
import type { TargetConfig } from '../config/target.ts';
import { isOver, type SessionsNow } from '../incidents/session.ts';
import { type Labels, type Sample, seriesKey } from '../metrics/sample.ts';
import { ALERTS_FIRING } from '../metrics/self.ts';
import type { Finding, Snapshot } from '../metrics/snapshot.ts';
import { type Delivery, entryOf } from '../notify/delivery.ts';
import type { Acknowledgement, AcknowledgementStore } from '../store/acknowledgements.ts';
import type { AlertStore } from '../store/alerts.ts';
import type { IncidentStore } from '../store/incidents.ts';
import type { OutboxEntry, OutboxStore } from '../store/outbox.ts';
import type { SilenceStore } from '../store/silences.ts';
import type { Correlation } from './correlation.ts';
import { hasData } from './has-data.ts';
import type { Log } from './log.ts';
import type { Pass } from './pass-output.ts';
import { replayed } from './replayed.ts';
import type { Sink } from './sinks.ts';

/** What rules know of the past is written this often; what a new process lacks of it is at most so much. */
const HISTORY_MS = 5 * 60_000;

/**
 * Where each loop runs in a process of its own: whose outbox a loop looks after. The two that come every minute look after
 * each other, so that what a loop wrote is sent even where it never runs again.
 */
const LOOKS_AFTER: Readonly<Record<Loop, readonly Loop[]>> = {
  hot: ['workload', 'storage', 'hourly'],
  workload: ['hot'],
  storage: [],
  hourly: [],
};

/** It does so this often. */
const OTHERS_MS = 5 * 60_000;

/** What is younger its own loop is about to send. */
const OWN_MS = 2 * 60_000;

export interface AlertingOptions {
  readonly loop: Loop;
  readonly intervalMs: number;
  /** Rules of this loop that are enabled. */
  readonly rules: readonly PreparedRule[];
  readonly catalog: Catalog;
  readonly alerts: AlertStore;
  readonly incidents: IncidentStore;
  readonly outbox: OutboxStore;
  readonly silences: SilenceStore;
  readonly acknowledgements: AcknowledgementStore;
  readonly delivery: Delivery;
  /** Of the hot loop: puts the alerts of all loops together to incidents. */
  readonly correlation?: Correlation | undefined;
  /** How long a pass waits for its messages, milliseconds; 0 where they are sent beside the passes. */
  readonly deliverMs: () => number;
  /** Whether the loops run in processes of their own: then one also sends what another could not. */
  readonly sharesOutbox: boolean;
  readonly maintenance: readonly MaintenanceWindow[];
  readonly repeatMs: number;
  readonly showQueries: boolean;
  readonly showUsers: boolean;
  readonly log: Log;
}

/** What is known of the alerts of a target; everything of one evaluation is assigned together. */
interface Known {
  readonly alerts: Alerts;
  readonly revision: number;
  readonly history: RuleHistory;
  /** Entries that the outbox does not have yet; none is sent before it is written there. */
  readonly unwritten: readonly OutboxEntry[];
  /** Entries that another loop sent, and left in the outbox for the state that lacks them; deleted once it is written. */
  readonly sent: readonly OutboxEntry[];
  /** Acknowledged alerts that are over. */
  readonly ended: readonly string[];
  /** Whether the table has any alert. */
  readonly stored: boolean;
  readonly historyAt: number;
  readonly othersAt: number;
  /** What was last logged of rules without a result. */
  readonly faults: string;
}

/** Evaluates the rules over every pass of a loop, writes the alerts and hands their transitions to the outbox. */
export class Alerting implements Sink {
  readonly what = 'alerts';
  readonly #options: AlertingOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: AlertingOptions) {
    this.#options = options;
  }

  /** The passes with what the rules say of them: how many alerts fire now, and which rules have no full result. */
  async evaluate({ cluster }: TargetConfig, passes: readonly Pass[], now: Date): Promise<Pass[]> {
    const { silences, acknowledgements } = this.#options;
    await this.#load(cluster);
    const [active, acknowledged] = await Promise.all([silences.active(now), acknowledgements.all(now)]);
    return passes.map((pass) => this.#evaluatePass(pass, active, acknowledged));
  }

  /** Writes what the last evaluation found, and sends it. */
  async write({ cluster }: TargetConfig, _: readonly Pass[], now: Date): Promise<void> {
    const { delivery, deliverMs } = this.#options;
    await this.#refreshOutbox(cluster, now);
    await this.#persist(cluster, now);
    await delivery.deliver(deliverMs());
    await this.#forgetAcknowledgements(cluster);
  }

  /** Alerts and outbox are read from the table again; unwritten entries stay here and are written next. */
  forget(): void {
    for (const [cluster, { unwritten }] of this.#known) {
      if (unwritten.length > 0) continue;
      this.#known.delete(cluster);
      this.#options.correlation?.forget(cluster);
      this.#options.delivery.forget(cluster, this.#options.loop);
    }
  }

  /** What alerting says of itself. */
  samples(cluster: string): Sample[] {
    const { loop, delivery } = this.#options;
    const known = this.#known.get(cluster);
    if (!known) return [];
    return [
      ...firingSamples(loop, known.alerts),
      {
        metric: 'pgmon_notifications_waiting',
        labels: { loop },
        value: delivery.waiting(cluster, loop) + known.unwritten.length,
      },
      { metric: 'pgmon_notifications_given_up_total', labels: { loop }, value: delivery.expired(cluster, loop) },
    ];
  }

  #evaluatePass(pass: Pass, active: readonly Silence[], acknowledged: ReadonlyMap<string, Acknowledgement>): Pass {
    const { loop } = this.#options;
    const { snapshot } = pass;
    const { cluster } = snapshot;
    const known = this.#known.get(cluster);
    if (!known) return pass;
    const { alerts, history, transitions, faults } = this.#evaluate(pass, known, active, acknowledged);
    const revision = known.revision + (transitions.length > 0 ? 1 : 0);
    const fresh = transitions.map((transition) => {
      const alert = alerts[transition.fingerprint];
      return entryOf(transition, { cluster, loop, revision, ...(alert ? { alert } : {}) });
    });
    const ended = transitions.flatMap(({ kind, fingerprint }) =>
      kind === 'resolved' && acknowledged.has(fingerprint) ? [fingerprint] : [],
    );
    this.#options.correlation?.bring(cluster, {
      transitions,
      sessions: this.#sessionsOf(pass, alerts),
      acknowledged,
    });
    this.#change(cluster, {
      alerts,
      history,
      faults: this.#report(cluster, known.faults, faults),
      revision,
      unwritten: [...known.unwritten, ...fresh],
      ended: [...known.ended, ...ended],
    });
    return { ...pass, snapshot: completed(snapshot, alerts, faults) };
  }

  /** The outbox before the state: a process that ends in between finds there what the state lacks. */
  async #persist(cluster: string, now: Date): Promise<void> {
    const { loop, alerts: store, outbox, delivery } = this.#options;
    const { alerts, revision, unwritten, sent, stored, history, historyAt } = await this.#load(cluster);
    if (unwritten.length > 0) await outbox.putAll(unwritten);
    await this.#options.correlation?.advance(cluster, revision, now);
    const open = Object.keys(alerts).length > 0;
    if (open || stored || unwritten.length > 0 || sent.length > 0)
      await store.put(cluster, loop, { alerts, revision }, now);
    for (const entry of sent) await outbox.delete(entry);
    this.#change(cluster, { unwritten: [], sent: [], stored: open });
    delivery.add(unwritten);
    if (now.getTime() - historyAt < HISTORY_MS) return;
    await store.putRuleHistory(cluster, loop, history, now);
    this.#change(cluster, { historyAt: now.getTime() });
  }

  /**
   * Where several processes send: leaves to the others what they have sent meanwhile, and takes what waits for some minutes
   * of the loops that this one looks after.
   */
  async #refreshOutbox(cluster: string, now: Date): Promise<void> {
    const { sharesOutbox, alerts: store, incidents, outbox, delivery, loop } = this.#options;
    const { othersAt } = await this.#load(cluster);
    if (!sharesOutbox) return;
    if (delivery.waiting(cluster, loop) > 0) {
      const { entries } = await outbox.all(cluster, loop, { consistent: true });
      delivery.forget(cluster, loop);
      delivery.add(entries);
    }
    const others = LOOKS_AFTER[loop];
    if (others.length === 0 || now.getTime() - othersAt < OTHERS_MS) return;
    const { entries } = await outbox.all(cluster, others.length === 1 ? others[0] : undefined);
    for (const other of others) {
      delivery.forget(cluster, other);
      const old = entries.filter(
        (entry) => entry.loop === other && now.getTime() - Date.parse(entry.transition.at) > OWN_MS,
      );
      if (old.length === 0) continue;
      const { revision } = await store.get(cluster, other);
      const { revision: ofIncidents } = await incidents.open(cluster);
      delivery.add(old, (entry) => entry.revision > (entry.notified ? ofIncidents : revision));
    }
    this.#change(cluster, { othersAt: now.getTime() });
  }

  /** Last: if deleting an acknowledgment fails, the next pass repeats it. */
  async #forgetAcknowledgements(cluster: string): Promise<void> {
    const { ended } = await this.#load(cluster);
    for (const [i, fingerprint] of ended.entries()) {
      await this.#options.acknowledgements.delete(fingerprint);
      this.#change(cluster, { ended: ended.slice(i + 1) });
    }
  }

  /** Logs what rules could not find out, once until it changes. */
  #report(cluster: string, before: string, faults: readonly RuleFault[]): string {
    const { log, loop } = this.#options;
    const text = faults.map(({ rule, reason }) => `${rule}: ${reason}`).join('; ');
    if (text !== before && text !== '') log.warn({ cluster, loop }, `${cluster}: rules without a full result: ${text}`);
    return text;
  }

  #change(cluster: string, change: Partial<Known>): void {
    const known = this.#known.get(cluster);
    if (known) this.#known.set(cluster, { ...known, ...change });
  }

  /** The state with what the outbox has of later revisions: the process before ended between the two writes. */
  async #load(cluster: string): Promise<Known> {
    const known = this.#known.get(cluster);
    if (known) return known;
    const { loop, alerts: store, outbox, delivery } = this.#options;
    const [state, waiting, history] = await Promise.all([
      store.get(cluster, loop, { consistent: true }),
      outbox.all(cluster, loop, { consistent: true }),
      store.ruleHistory(cluster, loop),
    ]);
    const { alerts, revision } = replayed(state, waiting.entries);
    await this.#options.correlation?.load(cluster, waiting.entries);
    delivery.add(waiting.entries);
    delivery.setExpired(cluster, loop, waiting.expired.get(loop) ?? 0);
    const loaded: Known = {
      alerts,
      revision,
      history: history ?? emptyRuleHistory,
      unwritten: [],
      sent: waiting.entries.filter((entry) => entry.waiting.length === 0),
      ended: [],
      stored: Object.keys(state.alerts).length > 0,
      historyAt: Number.NEGATIVE_INFINITY,
      othersAt: Number.NEGATIVE_INFINITY,
      faults: '',
    };
    this.#known.set(cluster, loaded);
    return loaded;
  }

  #evaluate(
    { snapshot, rows }: Pass,
    { alerts, history }: Known,
    silences: readonly Silence[],
    acknowledged: ReadonlyMap<string, Acknowledgement>,
  ) {
    const { rules, catalog, intervalMs, repeatMs, maintenance, showQueries, showUsers } = this.#options;
    const { cluster } = snapshot;
    const at = Date.parse(snapshot.takenAt) / 1_000;
    const scene = { sessions: rows.of(activity), holders: rows.of(xminHorizon), showQueries, showUsers };
    return evaluateRules({
      cluster,
      rules,
      samples: snapshot.samples,
      up: snapshot.up,
      problem: this.#problemOf(snapshot),
      hasData: (metric, labels) => hasData(snapshot, catalog, metric, labels),
      alerts,
      history,
      at,
      intervalSeconds: intervalMs / 1_000,
      repeatSeconds: repeatMs / 1_000,
      suppressedBy: ({ id }, labels) => suppression({ cluster, rule: id, labels }, maintenance, silences, at),
      acknowledged: (fingerprint) => acknowledged.has(fingerprint),
      offenderOf: offenderFinder(scene),
    });
  }

  /** What a pass saw of sessions; undefined where it did not see them. */
  #sessionsOf({ snapshot, rows }: Pass, alerts: Alerts): SessionsNow | undefined {
    const { rules, showQueries, showUsers } = this.#options;
    const sessions = rows.of(activity);
    if (sessions.length === 0) return undefined;
    const scene = { sessions, holders: rows.of(xminHorizon), showQueries, showUsers };
    return {
      at: Date.parse(snapshot.takenAt) / 1_000,
      isOver: (pid) => isOver(pid, sessions),
      offenderOf: ({ rule: id, fingerprint, labels }) => {
        const alert = alerts[fingerprint];
        const kind = rules.find((rule) => rule.id === id)?.offender;
        return kind && alert && alert.clearSince === undefined ? offenderOf(kind, labels, scene) : undefined;
      },
    };
  }

  /** Why the target does not answer; with the role that pgmon logs in as only where names of users may be shown. */
  #problemOf({ problem }: Snapshot): string | undefined {
    return this.#options.showUsers ? problem?.message : problem?.message.replace(/ as [^ ]+: /, ': ');
  }
}

/** Who causes an alert, looked for once a pass: the rows of a thousand waiting sessions take milliseconds. */
function offenderFinder(scene: Scene): (rule: PreparedRule, labels: Labels) => FoundOffender | undefined {
  const found = new Map<string, FoundOffender | undefined>();
  return ({ offender }, labels) => {
    if (!offender) return undefined;
    const key = seriesKey(offender, labels);
    if (!found.has(key)) found.set(key, offenderOf(offender, labels, scene));
    return found.get(key);
  };
}

function firingSamples(loop: Loop, alerts: Alerts): Sample[] {
  const severities = Object.values(alerts).map((alert) => severityOf(alert.severities));
  return SEVERITIES.map((severity) => ({
    metric: ALERTS_FIRING,
    labels: { loop, severity },
    value: severities.filter((one) => one === severity).length,
  }));
}

/** A snapshot with the alerts that fire after it, in place of those before it, which its rules were evaluated over. */
function completed(snapshot: Snapshot, alerts: Alerts, faults: readonly RuleFault[]): Snapshot {
  const { samples, findings, loop } = snapshot;
  return {
    ...snapshot,
    samples: [...samples.filter(({ metric }) => metric !== ALERTS_FIRING), ...firingSamples(loop, alerts)],
    findings: [
      ...findings,
      ...faults.map(
        ({ rule, reason }): Finding => ({ aspect: 'rules', severity: 'warning', message: `rule ${rule}: ${reason}` }),
      ),
    ],
  };
}
