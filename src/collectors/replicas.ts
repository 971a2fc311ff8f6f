import * as z from 'zod';
import type { Sample } from '../metrics/sample.ts';
import type { NoRateSample } from './transform.ts';

/** A replica that was seen for this long is expected to stay: a table synchronization or `pg_receivewal` by hand is not. */
const EXPECTED_AFTER_SECONDS = 600;

/** A replica that is gone for a day was taken away on purpose. */
const FORGOTTEN_AFTER_SECONDS = 86_400;

const LAG_METRICS = ['pg_replication_lag_bytes', 'pg_replication_lag_seconds', 'pg_replication_streaming'];

const replicaSchema = z.object({ replica: z.string(), client: z.string(), slot: z.string() });
export type Replica = z.output<typeof replicaSchema>;

/** When each replica was first and last seen, by the database's clock in epoch seconds. */
export const replicasSchema = z.array(
  replicaSchema.extend({ since: z.number(), seen: z.number(), session: z.string().optional() }),
);
export type Replicas = z.output<typeof replicasSchema>;

/** A receiver with its session. */
export interface Receiver extends Replica {
  readonly pid: number | null;
  /** Epoch seconds. */
  readonly started_at: number | null;
}

/**
 * Receivers of one name, place and slot distinguished: `twin`, `twin #2`. A number stays with its session while that lasts; a
 * new session takes the lowest one that is free, so that one that connects again gets its own back. New ones in the order
 * in which they came.
 */
export function numbered<R extends Receiver>(known: Replicas, connected: readonly R[]): R[] {
  const namesOf = new Map(known.flatMap((one) => (one.session === undefined ? [] : [[one.session, one.replica]])));
  const groups = Map.groupBy(connected, keyOf);
  const names = new Map<R, string>();
  for (const group of groups.values()) {
    const kept = group.filter((row) => isNameOf(namesOf.get(sessionOf(row)), row.replica));
    for (const row of kept) names.set(row, namesOf.get(sessionOf(row)) ?? row.replica);
    const taken = new Set(kept.map((row) => names.get(row)));
    const others = group.filter((row) => !names.has(row));
    for (const row of others.toSorted(
      (a, b) => (a.started_at ?? 0) - (b.started_at ?? 0) || (a.pid ?? 0) - (b.pid ?? 0),
    )) {
      let place = 1;
      while (taken.has(nameAt(row.replica, place))) place += 1;
      names.set(row, nameAt(row.replica, place));
      taken.add(nameAt(row.replica, place));
    }
  }
  return connected.map((row) => ({ ...row, replica: names.get(row) ?? row.replica }));
}

const nameAt = (name: string, place: number): string => (place === 1 ? name : `${name} #${place}`);

/** Whether a number was given to a receiver that still calls itself so: a session may change its application_name. */
const isNameOf = (given: string | undefined, name: string): boolean =>
  given !== undefined &&
  (given === name || (given.startsWith(`${name} #`) && /^\d+$/.test(given.slice(name.length + 2))));

const sessionOf = ({ pid, started_at }: Receiver): string => `${pid} ${started_at}`;

/** All that are connected now, and those that were and are still expected. */
export function replicasSeen(
  known: Replicas,
  connected: readonly (Replica & Partial<Receiver>)[],
  now: number,
): Replicas {
  const keys = new Set(connected.map(keyOf));
  const since = new Map(known.map((one) => [keyOf(one), one.since]));
  const missing = known.filter(
    (one) =>
      !keys.has(keyOf(one)) &&
      one.seen - one.since >= EXPECTED_AFTER_SECONDS &&
      now - one.seen < FORGOTTEN_AFTER_SECONDS,
  );
  return [
    ...connected.map(({ replica, client, slot, pid = null, started_at = null }) => {
      const one = { replica, client, slot };
      const session = sessionOf({ ...one, pid, started_at });
      return { ...one, since: since.get(keyOf(one)) ?? now, seen: now, session };
    }),
    ...missing,
  ];
}

/**
 * 1 for each replica that is connected, 0 for one that was and is not. What is no longer measured of one that is gone has no
 * value and a reason, so that its disappearance does not look like the end of its lag.
 */
export function replicaSamples(replicas: Replicas, now: number): (Sample | NoRateSample)[] {
  return replicas.flatMap(({ replica, client, slot, seen }) => {
    const labels = { replica, client, slot };
    const connected = seen === now;
    return [
      { metric: 'pg_replication_connected', labels, value: connected ? 1 : 0 },
      ...(connected ? [] : LAG_METRICS.map((metric) => ({ metric, labels, noRate: 'gone' as const }))),
    ];
  });
}

function keyOf({ replica, client, slot }: Replica): string {
  return JSON.stringify([replica, client, slot]);
}
