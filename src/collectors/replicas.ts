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
export const replicasSchema = z.array(replicaSchema.extend({ since: z.number(), seen: z.number() }));
export type Replicas = z.output<typeof replicasSchema>;

/** All that are connected now, and those that were and are still expected. */
export function replicasSeen(known: Replicas, connected: readonly Replica[], now: number): Replicas {
  const keys = new Set(connected.map(keyOf));
  const since = new Map(known.map((one) => [keyOf(one), one.since]));
  const missing = known.filter(
    (one) =>
      !keys.has(keyOf(one)) &&
      one.seen - one.since >= EXPECTED_AFTER_SECONDS &&
      now - one.seen < FORGOTTEN_AFTER_SECONDS,
  );
  return [
    ...connected.map(({ replica, client, slot }) => {
      const one = { replica, client, slot };
      return { ...one, since: since.get(keyOf(one)) ?? now, seen: now };
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
