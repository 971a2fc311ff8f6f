import * as z from 'zod';
import type { Relation } from './state.ts';

/** What became of a table, view or index since the list before. */
export const relationChangeSchema = z.object({
  /** `rebuilt`: another one has its name now, as after REINDEX CONCURRENTLY or DROP and CREATE. */
  change: z.enum(['created', 'dropped', 'renamed', 'rebuilt']),
  kind: z.enum(['table', 'view', 'materialized view', 'index']),
  relation: z.string(),
  /** The name before, of one that was renamed. */
  was: z.string().nullable(),
  /** Of an index its table. */
  parent: z.string().nullable(),
});
export type RelationChange = z.output<typeof relationChangeSchema>;

const KINDS: Readonly<Record<string, RelationChange['kind']>> = {
  i: 'index',
  I: 'index',
  v: 'view',
  m: 'materialized view',
};

/**
 * What came and went between two lists. A partition is part of its table, and an index that comes or goes with its table is
 * part of that: neither is a change of its own.
 */
export function changesBetween(before: readonly Relation[], after: readonly Relation[]): RelationChange[] {
  const [old, fresh] = [byOid(before), byOid(after)];
  const parentOf = (one: Relation) => (one.parent ? (fresh.get(one.parent) ?? old.get(one.parent)) : undefined);
  const change = (what: RelationChange['change'], one: Relation, was: string | null = null): RelationChange => ({
    change: what,
    kind: KINDS[one.relkind] ?? 'table',
    relation: one.name,
    was,
    parent: parentOf(one)?.name ?? null,
  });
  const isOwn = (one: Relation, others: ReadonlyMap<string, Relation>) =>
    !one.isPartition && (!one.parent || others.has(one.parent));
  const come = after.filter((one) => !old.has(one.oid));
  const gone = before.filter((one) => !fresh.has(one.oid));
  const newNames = new Map(come.map((one) => [one.name, one]));
  const oldNames = new Map(gone.map((one) => [one.name, one]));
  // An index of a table that is rebuilt itself goes with it.
  const rebuilt = come.filter((one) => oldNames.has(one.name) && isOwn(one, old));
  return [
    ...come.filter((one) => !oldNames.has(one.name) && isOwn(one, old)).map((one) => change('created', one)),
    ...gone.filter((one) => !newNames.has(one.name) && isOwn(one, fresh)).map((one) => change('dropped', one)),
    ...rebuilt.map((one) => change('rebuilt', one)),
    ...after.flatMap((one) => {
      const was = old.get(one.oid);
      return was && was.name !== one.name && !one.isPartition ? [change('renamed', one, was.name)] : [];
    }),
  ];
}

function byOid(relations: readonly Relation[]): Map<string, Relation> {
  return new Map(relations.map((one) => [one.oid, one]));
}
