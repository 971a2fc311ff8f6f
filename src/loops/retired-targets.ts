import { retired } from '../alerts/alert.ts';
import type { PreparedRule } from '../alerts/prepare.ts';
import type { Transition } from '../alerts/transition.ts';
import { LOOPS, type Loop } from '../config/loop.ts';
import { announced } from '../incidents/announce.ts';
import { folded } from '../incidents/fold.ts';
import { type Incident, isOpen, noted } from '../incidents/incident.ts';
import { type Delivery, entryOf, messageEntry } from '../notify/delivery.ts';
import type { Stores } from '../store/stores.ts';
import { replayed } from './replayed.ts';

export interface RetiredTargetsOptions {
  readonly stores: Pick<Stores, 'snapshots' | 'alerts' | 'incidents' | 'outbox'>;
  readonly delivery: Delivery;
  readonly rules: readonly PreparedRule[];
  /** Every target of the configuration, of all shards. */
  readonly clusters: readonly string[];
}

const REASON = 'No longer monitored: the target was removed from the configuration';

/**
 * Ends the alerts of targets that were removed from the configuration: their receivers hear that the target is no
 * longer monitored. Their undelivered notifications are sent, too.
 *
 * @returns the targets that had alerts
 */
export async function endRetiredTargets(options: RetiredTargetsOptions, now: Date): Promise<string[]> {
  const { stores, delivery, clusters } = options;
  const gone = (await stores.snapshots.clusters()).filter((cluster) => !clusters.includes(cluster));
  const ended: string[] = [];
  for (const cluster of gone) {
    const transitions = await Promise.all(LOOPS.map((loop) => endAlerts(options, cluster, loop, now)));
    if (transitions.some((one) => one !== undefined)) ended.push(cluster);
    await endIncidents(
      options,
      cluster,
      transitions.flatMap((one) => one ?? []),
      now,
    );
    delivery.add((await stores.outbox.all(cluster)).entries);
  }
  return ended;
}

async function endAlerts(
  { stores, rules }: RetiredTargetsOptions,
  cluster: string,
  loop: Loop,
  now: Date,
): Promise<Transition[] | undefined> {
  const state = await stores.alerts.get(cluster, loop, { consistent: true });
  const { entries: waiting } = await stores.outbox.all(cluster, loop, { consistent: true });
  const { alerts, revision } = replayed(state, waiting);
  const open = Object.entries(alerts);
  if (open.length === 0) return undefined;
  const at = now.getTime() / 1_000;
  const entries = open.flatMap(([fingerprint, alert]) => {
    const rule = rules.find(({ id }) => id === alert.rule) ?? { id: alert.rule };
    const transition = retired(alert, rule, REASON, { cluster, fingerprint, at });
    return transition ? [entryOf(transition, { cluster, loop, revision: revision + 1 })] : [];
  });
  await stores.outbox.putAll(entries);
  await stores.alerts.put(cluster, loop, { alerts: {}, revision: revision + 1 }, now);
  return entries.map(({ transition }) => transition);
}

/** Who heard of an incident hears its end. */
async function endIncidents(
  { stores }: RetiredTargetsOptions,
  cluster: string,
  transitions: readonly Transition[],
  now: Date,
): Promise<void> {
  const state = await stores.incidents.open(cluster, { consistent: true });
  if (state.incidents.length === 0) return;
  const revision = state.revision + 1;
  const over = folded(state.incidents, transitions, { rules: new Map(), groupSeconds: 0, paceOf: () => 0 });
  const ended = over.map((incident) => endedNow(incident, now.getTime() / 1_000));
  await stores.outbox.putAll(
    ended.flatMap(({ incident: { notified }, announcement }) =>
      notified && announcement && announcement.channels.length > 0
        ? [messageEntry(cluster, revision, notified, announcement)]
        : [],
    ),
  );
  for (const { incident } of ended) await stores.incidents.putPast(cluster, incident);
  await stores.incidents.putOpen(cluster, { ...state, revision, incidents: [] }, now);
}

function endedNow(incident: Incident, at: number): ReturnType<typeof announced> {
  const over: Incident = isOpen(incident)
    ? noted({ ...incident, endedAt: at, closedAt: at, ending: REASON }, { at, kind: 'ended', text: REASON })
    : incident;
  return announced(
    { ...over, reopened: 0 },
    {
      at,
      intervalSeconds: 0,
      waitSeconds: 0,
      groupSeconds: 0,
      repeatSeconds: 0,
      rules: new Map(),
      channelsFor: () => [],
    },
  );
}
