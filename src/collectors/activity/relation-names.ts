import type { SessionRow } from './session-row.ts';

/** Names of relations by database and OID, as the last storage pass saw them. */
export type RelationNames = ReadonlyMap<string, string>;

/** @param rows of `table_sizes` as a snapshot keeps them, each with its database; those of an earlier version have no OID */
export function relationNames(rows: readonly Readonly<Record<string, unknown>>[]): RelationNames {
  return new Map(
    rows.flatMap(({ db, oid, relation }) =>
      typeof oid === 'string' && typeof relation === 'string' ? [[`${db} ${oid}`, relation] as const] : [],
    ),
  );
}

/**
 * What a session waits for, by name: the server names relations of the connected database only; those of others have the
 * name that they had at the last storage pass, or none: `relation 16444 in shop`.
 */
export function lockedRelation(
  { lock_relation, db, lock_oid }: Pick<SessionRow, 'lock_relation' | 'db' | 'lock_oid'>,
  names: RelationNames,
): string | null {
  if (lock_relation !== null || lock_oid === null) return lock_relation;
  return names.get(`${db} ${lock_oid}`) ?? `relation ${lock_oid} in ${db || 'another database'}`;
}
