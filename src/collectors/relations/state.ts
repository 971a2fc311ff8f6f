import * as z from 'zod';

/** What relations a database had, from pass to pass. Large: kept apart, and written to the table when it changes. */
export const relationStateSchema = z.object({
  /** See `sql/relations`: if neither moved, nothing has come or gone. Null before 15. */
  catalogWrites: z.number().nullable(),
  newestOid: z.number(),
  /** Of the list; see `sql/relation_list`. */
  digest: z.string(),
  /** When list and digest were last compared, database clock, epoch seconds. */
  listedAt: z.number(),
  /** One text each: see {@link packed}. Undefined where there are too many of them. */
  list: z.array(z.string()).optional(),
});
export type RelationState = z.output<typeof relationStateSchema>;

/** A relation as the list gives it. */
export interface Relation {
  readonly oid: string;
  /** As in `pg_class.relkind`. */
  readonly relkind: string;
  readonly isPartition: boolean;
  /** Of an index its table, of others empty. */
  readonly parent: string;
  /** As SQL would have to name it. */
  readonly name: string;
}

/** A text in place of an object: 30,000 of them take 2 MB in place of 5. The name is last, since it may contain anything. */
export function packed({ oid, relkind, isPartition, parent, name }: Relation): string {
  return `${oid} ${relkind}${isPartition ? '+' : ''} ${parent} ${name}`;
}

export function unpacked(text: string): Relation {
  const [, oid = '', relkind = '', partition, parent = '', name = ''] =
    /^(\d+) (\w)(\+?) (\d*) (.*)$/s.exec(text) ?? [];
  return { oid, relkind, isPartition: partition === '+', parent, name };
}
