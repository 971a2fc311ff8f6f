import type { Notice } from '../alerts/alert.ts';
import { culpritOf } from '../alerts/culprit.ts';
import { evaluateRules } from '../alerts/engine.ts';
import type { PreparedRule, RuleFault } from '../alerts/prepare.ts';
import { SEVERITIES } from '../alerts/rule.ts';
import { severityOf } from '../alerts/severities.ts';
import { type Alerts, emptyRuleHistory, type RuleHistory } from '../alerts/state.ts';
import { type Silence, suppression } from '../alerts/suppression.ts';
import { activity } from '../collectors/activity/activity.ts';
import type { Catalog } from '../collectors/catalog.ts';
import { xminHorizon } from '../collectors/xmin-horizon.ts';
import type { Loop } from '../config/loop.ts';
import type { MaintenanceWindow } from '../config/maintenance.ts';
import type { TargetConfig } from '../config/target.ts';
import type { Labels, Sample } from '../metrics/sample.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import type { Delivery } from '../notify/delivery.ts';
import type { AcknowledgementStore } from '../store/acknowledgements.ts';
import type { AlertStore, Outgoing } from '../store/alerts.ts';
import type { SilenceStore } from '../store/silences.ts';
import type { Keeper } from './keepers.ts';
import type { Log } from './log.ts';
import type { Pass } from './pass-output.ts';

/** What rules remember is written this often; what a new process lacks of it is at most so much. */
const MEMORY_MS = 5 * 60_000;

export interface AlertingOptions {
  readonly loop: Loop;
  readonly intervalMs: number;
  /** Rules of this loop that are enabled. */
  readonly rules: readonly PreparedRule[];
  readonly catalog: Catalog;
  readonly alerts: AlertStore;
  readonly silences: SilenceStore;
  readonly acknowledgements: AcknowledgementStore;
  readonly delivery: Delivery;
  readonly maintenance: readonly MaintenanceWindow[];
  readonly repeatMs: number;
  readonly showQueries: boolean;
  readonly showUsers: boolean;
  readonly log: Log;
}

interface Known {
  alerts: Alerts;
  history: RuleHistory;
  historyAt: number;
  outgoing: readonly Outgoing[];
  /** What the table does not have yet: it is not sent before it is kept. */
  unsaved: readonly Outgoing[];
  givenUp: number;
  /** Acknowledged alerts that are over. */
  ended: readonly string[];
  /** What was last logged of rules without a result. */
  faults: string;
}

/** Judges every pass of a loop, keeps what is known of its alerts, and sends what is owed. */
export class Alerting implements Keeper {
  readonly what = 'alerts';
  readonly #options: AlertingOptions;
  readonly #known = new Map<string, Known>();

  constructor(options: AlertingOptions) {
    this.#options = options;
  }

  async keep({ cluster }: TargetConfig, passes: readonly Pass[], now: Date): Promise<void> {
    const { loop, alerts, silences, acknowledgements, delivery } = this.#options;
    const known = await this.#load(cluster);
    const [active, taken] = await Promise.all([silences.active(now), acknowledgements.all(now)]);
    const had = Object.keys(known.alerts).length > 0;
    let { alerts: next, history } = known;
    const notices: Notice[] = [];
    for (const pass of passes) {
      const evaluated = this.#evaluate(pass, next, history, active, taken);
      ({ alerts: next, history } = evaluated);
      notices.push(...evaluated.notices);
      this.#report(cluster, known, evaluated.faults);
    }
    // Together: what fails later finds all of it known, or nothing.
    Object.assign(known, {
      alerts: next,
      history,
      unsaved: [...known.unsaved, ...notices.map((one) => delivery.owed(one))],
      ended: [
        ...known.ended,
        ...notices.flatMap(({ transition: { kind, fingerprint } }) =>
          kind === 'resolved' && taken.has(fingerprint) ? [fingerprint] : [],
        ),
      ],
    });
    if (had || Object.keys(known.alerts).length > 0 || known.unsaved.length > 0)
      await alerts.put(cluster, loop, known.alerts, known.unsaved, now);
    known.outgoing = [...known.outgoing, ...known.unsaved];
    known.unsaved = [];
    if (now.getTime() - known.historyAt >= MEMORY_MS) {
      await alerts.putRuleHistory(cluster, loop, known.history, now);
      known.historyAt = now.getTime();
    }
    const { left, givenUp } = await delivery.deliver(cluster, loop, known.outgoing, known.givenUp, now);
    known.outgoing = left;
    known.givenUp = givenUp;
    // Last: an acknowledgment that cannot be deleted now is deleted at the next pass.
    while (known.ended[0] !== undefined) {
      await acknowledgements.delete(known.ended[0]);
      known.ended = known.ended.slice(1);
    }
  }

  /** Logs what rules could not find out, once until it changes. */
  #report(cluster: string, known: Known, faults: readonly RuleFault[]): void {
    const { log, loop } = this.#options;
    const said = faults.map(({ rule, reason }) => `${rule}: ${reason}`).join('; ');
    if (said !== known.faults && said !== '')
      log.warn({ cluster, loop }, `${cluster}: rules without a full result: ${said}`);
    known.faults = said;
  }

  /** Alerts and outbox are read from the table again; what could not be saved stays here, and is saved next. */
  forget(): void {
    for (const [cluster, { unsaved }] of this.#known) if (unsaved.length === 0) this.#known.delete(cluster);
  }

  /** What alerting says of itself. */
  samples(cluster: string): Sample[] {
    const { loop } = this.#options;
    const known = this.#known.get(cluster);
    if (!known) return [];
    const severities = Object.values(known.alerts).map((alert) => severityOf(alert.severities));
    return [
      ...SEVERITIES.map((severity) => ({
        metric: 'pgmon_alerts_firing',
        labels: { loop, severity },
        value: severities.filter((one) => one === severity).length,
      })),
      { metric: 'pgmon_notifications_waiting', labels: { loop }, value: known.outgoing.length },
      { metric: 'pgmon_notifications_given_up_total', labels: { loop }, value: known.givenUp },
    ];
  }

  async #load(cluster: string): Promise<Known> {
    const known = this.#known.get(cluster);
    if (known) return known;
    const { loop, alerts } = this.#options;
    const item = await alerts.get(cluster, loop, { consistent: true });
    const history = (await alerts.ruleHistory(cluster, loop)) ?? emptyRuleHistory;
    const loaded: Known = { ...item, history, historyAt: Number.NEGATIVE_INFINITY, unsaved: [], ended: [], faults: '' };
    this.#known.set(cluster, loaded);
    return loaded;
  }

  #evaluate(
    { snapshot, rows }: Pass,
    alerts: Alerts,
    history: RuleHistory,
    silences: readonly Silence[],
    acknowledged: ReadonlyMap<string, unknown>,
  ) {
    const { rules, intervalMs, repeatMs, maintenance, delivery, showQueries, showUsers } = this.#options;
    const { cluster } = snapshot;
    const at = Date.parse(snapshot.takenAt) / 1_000;
    const scene = {
      sessions: rows.of(activity),
      holders: rows.of(xminHorizon),
      showQueries,
      showUsers,
    };
    return evaluateRules({
      cluster,
      rules,
      samples: snapshot.samples,
      up: snapshot.up,
      problem: this.#problemOf(snapshot),
      hasData: (metric, labels) => this.#hasData(snapshot, metric, labels),
      alerts,
      history,
      at,
      intervalSeconds: intervalMs / 1_000,
      repeatSeconds: repeatMs / 1_000,
      suppressedBy: ({ id }, labels) => suppression({ cluster, rule: id, labels }, maintenance, silences, at),
      acknowledged: (fingerprint) => acknowledged.has(fingerprint),
      culpritOf: ({ culprit }, labels) => (culprit ? culpritOf(culprit, labels, scene) : undefined),
      channelsFor: (severity) => delivery.channelsFor(cluster, severity),
    });
  }

  /** Why the target does not answer; with the role that pgmon logs in as only where names of users may be shown. */
  #problemOf({ problem }: Snapshot): string | undefined {
    return this.#options.showUsers ? problem?.message : problem?.message.replace(/ as [^ ]+: /, ': ');
  }

  /** A metric can be told where its collector answered, in the database that the labels name, and it was not withheld. */
  #hasData({ outcomes, samples, withheld }: Snapshot, metric: string, labels: Labels): boolean {
    const collector = this.#options.catalog.get(metric)?.collector;
    if (collector === 'pgmon') return true;
    const own = outcomes.filter((outcome) => outcome.collector === collector && outcome.status === 'ok');
    const place = own.filter(({ database }) => !database || !labels['db'] || database === labels['db']);
    if (place.length === 0) return false;
    if (samples.some((sample) => sample.metric === metric)) return true;
    return !Object.keys(withheld).some((key) => key.startsWith(`${metric}{`));
  }
}
