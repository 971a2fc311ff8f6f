import { partitions } from '../../collectors/partitions/partitions.ts';
import { NAMED } from '../../collectors/partitions/summary.ts';
import { type Comparison, comparable, defineEventKind, difference } from '../kind.ts';

interface Table {
  readonly parent: string;
  readonly partitions: number;
  readonly ends: readonly string[];
}

/** How many partitions came and went, with their names where these are known. */
interface Change {
  readonly attached: number;
  readonly detached: number;
  readonly attachedNames: readonly string[];
  readonly detachedNames: readonly string[];
}

/**
 * By the names at both ends, since the newest are added and the oldest removed; where that does not account for the number of
 * partitions, as when one in the middle goes, by the number alone.
 */
function changeOf(before: Table, after: Table): Change {
  const isWhole = [before, after].every((table) => table.ends.length === table.partitions);
  const newest = isWhole ? after.ends : after.ends.slice(0, NAMED);
  const oldest = isWhole ? before.ends : before.ends.slice(-NAMED);
  const attachedNames = newest.filter((name) => !before.ends.includes(name));
  const detachedNames = oldest.filter((name) => !after.ends.includes(name));
  const more = after.partitions - before.partitions;
  if (attachedNames.length - detachedNames.length === more)
    return { attached: attachedNames.length, detached: detachedNames.length, attachedNames, detachedNames };
  return { attached: Math.max(0, more), detached: Math.max(0, -more), attachedNames: [], detachedNames: [] };
}

function changes(comparison: Comparison) {
  return comparable(comparison, partitions).flatMap((place) =>
    difference(place, ({ parent }) => parent).both.map(([before, after]) => ({
      of: {
        db: place.db,
        object: after.parent,
        from: `${before.partitions} partitions`,
        to: `${after.partitions} partitions`,
      },
      change: changeOf(before, after),
    })),
  );
}

/** A table has partitions that it did not have before. */
export const partitionAttached = defineEventKind({
  name: 'partition_attached',
  loop: 'storage',
  title: 'Partition attached',
  reads: [partitions],
  many: (count) => `${count} tables got partitions`,
  compare: (comparison) =>
    changes(comparison).flatMap(({ of, change: { attached, attachedNames } }) =>
      attached > 0 ? [{ ...of, text: `${of.object} got ${named(attached, attachedNames)}.` }] : [],
    ),
});

/** A table lacks partitions that it had: they were detached or dropped. */
export const partitionDetached = defineEventKind({
  name: 'partition_detached',
  loop: 'storage',
  title: 'Partition detached',
  reads: [partitions],
  many: (count) => `${count} tables lost partitions`,
  compare: (comparison) =>
    changes(comparison).flatMap(({ of, change: { detached, detachedNames } }) =>
      detached > 0
        ? [{ ...of, text: `${of.object} lost ${named(detached, detachedNames)}, detached or dropped.` }]
        : [],
    ),
});

function named(count: number, names: readonly string[]): string {
  const what = count === 1 ? 'partition' : `${count.toLocaleString('en-US')} partitions`;
  return names.length > 0 ? `${what} ${names.slice(0, NAMED).join(', ')}` : count === 1 ? 'a partition' : what;
}
