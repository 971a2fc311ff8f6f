import { expect, test } from 'vitest';
import { lockedRelation, relationNames } from '../../../src/collectors/activity/relation-names.ts';

const names = relationNames([
  { db: 'shop', oid: '16444', relation: 'public.orders' },
  { db: 'other', oid: '16444', relation: 'public.elsewhere' },
  { db: 'shop', relation: 'public.of_an_earlier_version' },
]);

test.each([
  ['orders', 'postgres', null, 'orders'],
  [null, 'postgres', null, null],
  [null, 'shop', '16444', 'public.orders'],
  [null, 'other', '16444', 'public.elsewhere'],
  [null, 'shop', '1', 'relation 1 in shop'],
  [null, '', '1', 'relation 1 in another database'],
])('[A12] %s, OID %s of %s is called %s', (lock_relation, db, lock_oid, name) => {
  expect(lockedRelation({ lock_relation, db, lock_oid }, names)).toBe(name);
});
