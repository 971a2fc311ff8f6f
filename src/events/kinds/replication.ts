import { replication } from '../../collectors/replication.ts';
import { replicationSlots } from '../../collectors/replication-slots.ts';
import { type Comparison, comparable, defineEventKind, difference } from '../kind.ts';

/** Made and dropped by the initial copy of a table of a subscription, and by a base backup: no change of a setup. */
const PASSING = /(^|_)\d+_sync_\d+(_|$)|^pg_basebackup_\d+$/;

function replicaChanges(comparison: Comparison) {
  return comparable(comparison, replication).map((place) => {
    const wanted = ({ replica }: { replica: string }) => !PASSING.test(replica);
    const own = { ...place, before: place.before.filter(wanted), after: place.after.filter(wanted) };
    return difference(own, ({ replica, client, slot }) => JSON.stringify([replica, client, slot]));
  });
}

function placeText({ client, slot }: { readonly client: string; readonly slot: string }): string {
  return `${client}${slot ? `, slot ${slot}` : ''}`;
}

/** A receiver of WAL that was not there before, by its name, address and slot; two of one name are numbered. */
export const replicaConnected = defineEventKind({
  name: 'replica_connected',
  loop: 'workload',
  title: 'Replica connected',
  reads: [replication],
  many: (count) => `${count} replicas connected`,
  compare: (comparison) =>
    replicaChanges(comparison).flatMap(({ come }) =>
      come.map((row) => ({
        object: row.replica,
        to: placeText(row),
        text: `Replica ${row.replica} (${placeText(row)}) is connected.`,
      })),
    ),
});

/** One that is no longer there. */
export const replicaGone = defineEventKind({
  name: 'replica_gone',
  loop: 'workload',
  title: 'Replica gone',
  severity: 'warning',
  reads: [replication],
  many: (count) => `${count} replicas are gone`,
  compare: (comparison) =>
    replicaChanges(comparison).flatMap(({ gone }) =>
      gone.map((row) => ({
        object: row.replica,
        from: placeText(row),
        text: `Replica ${row.replica} (${placeText(row)}) is no longer connected.`,
      })),
    ),
});

function slotChanges(comparison: Comparison) {
  return comparable(comparison, replicationSlots).map((place) => {
    const wanted = ({ slot }: { slot: string }) => !PASSING.test(slot);
    return difference(
      { ...place, before: place.before.filter(wanted), after: place.after.filter(wanted) },
      ({ slot }) => slot,
    );
  });
}

export const slotCreated = defineEventKind({
  name: 'slot_created',
  loop: 'workload',
  title: 'Slot created',
  reads: [replicationSlots],
  many: (count) => `${count} replication slots were created`,
  compare: (comparison) =>
    slotChanges(comparison).flatMap(({ come }) =>
      come.map(({ slot, slot_type, db }) => ({
        ...(db ? { db } : {}),
        object: slot,
        to: slot_type,
        text: `The ${slot_type} replication slot ${slot} was created.`,
      })),
    ),
});

export const slotDropped = defineEventKind({
  name: 'slot_dropped',
  loop: 'workload',
  title: 'Slot dropped',
  reads: [replicationSlots],
  many: (count) => `${count} replication slots were dropped`,
  compare: (comparison) =>
    slotChanges(comparison).flatMap(({ gone }) =>
      gone.map(({ slot, slot_type, db }) => ({
        ...(db ? { db } : {}),
        object: slot,
        from: slot_type,
        text: `The ${slot_type} replication slot ${slot} was dropped.`,
      })),
    ),
});

/** Its consumer left, came back, or the slot lost WAL that it needs. */
export const slotChanged = defineEventKind({
  name: 'slot_changed',
  loop: 'workload',
  title: 'Slot changed',
  reads: [replicationSlots],
  many: (count) => `${count} replication slots changed their state`,
  compare: (comparison) =>
    slotChanges(comparison).flatMap(({ both }) =>
      both.flatMap(([before, after]) => {
        const [from, to] = [slotState(before), slotState(after)];
        if (from === to) return [];
        const of = { ...(after.db ? { db: after.db } : {}), object: after.slot, from, to };
        if (to === 'lost')
          return [
            {
              ...of,
              severity: 'warning' as const,
              text: `Slot ${after.slot} has lost WAL that it needs; it cannot be used again.`,
            },
          ];
        if (to === 'inactive')
          return [
            {
              ...of,
              severity: 'warning' as const,
              text: `Slot ${after.slot} has no consumer any more, and retains WAL.`,
            },
          ];
        return [{ ...of, text: `Slot ${after.slot} has a consumer.` }];
      }),
    ),
});

function slotState({ lost, active }: { readonly lost: number | null; readonly active: number | null }): string {
  return lost === 1 ? 'lost' : active === 1 ? 'active' : 'inactive';
}
