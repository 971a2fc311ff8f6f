import { describe, expect, test } from 'vitest';
import { changesBetween } from '../../../src/collectors/relations/changes.ts';
import { relations } from '../../../src/collectors/relations/relations.ts';
import { packed, type Relation, unpacked } from '../../../src/collectors/relations/state.ts';

const relation = (oid: number, name: string, over: Partial<Relation> = {}): Relation => ({
  oid: String(oid),
  relkind: 'r',
  isPartition: false,
  parent: '',
  name,
  ...over,
});
const index = (oid: number, name: string, table: number) =>
  relation(oid, name, { relkind: 'i', parent: String(table) });

test('a relation is packed and comes back, whatever its name', () => {
  for (const one of [
    relation(1, 'public.t'),
    relation(2, 's."a b\n+ 3 c\t"', { isPartition: true }),
    index(3, 'public." "', 2),
    relation(4, 'v.v', { relkind: 'v' }),
  ])
    expect(unpacked(packed(one))).toEqual(one);
});

describe('changes', () => {
  const said = (before: Relation[], after: Relation[]) =>
    changesBetween(before, after).map(({ change, kind, relation: name, was }) =>
      [change, kind, name, was].filter(Boolean).join(' '),
    );

  test.each<[string, Relation[], Relation[], string[]]>([
    ['none', [relation(1, 'a')], [relation(1, 'a')], []],
    ['an index goes with its table', [relation(1, 'a'), index(2, 'a_i', 1)], [], ['dropped table a']],
    ['an index comes with its table', [], [index(2, 'a_i', 1), relation(1, 'a')], ['created table a']],
    [
      'names that two tables swap',
      [relation(1, 'a'), relation(2, 'b')],
      [relation(1, 'b'), relation(2, 'a')],
      ['renamed table b a', 'renamed table a b'],
    ],
    [
      'a new table takes the name of one that continues as another',
      [relation(1, 'a')],
      [relation(1, 'a_old'), relation(2, 'a')],
      ['created table a', 'renamed table a_old a'],
    ],
    [
      'a table that is made again, with its index',
      [relation(1, 'a'), index(2, 'a_i', 1)],
      [relation(3, 'a'), index(4, 'a_i', 3)],
      ['rebuilt table a'],
    ],
    [
      'an index built beside the old one',
      [relation(1, 'a'), index(2, 'i', 1)],
      [relation(1, 'a'), index(3, 'i', 1)],
      ['rebuilt index i'],
    ],
    ['a partition comes', [relation(1, 'p')], [relation(1, 'p'), relation(2, 'p1', { isPartition: true })], []],
    ['a partition is detached', [relation(2, 'p1', { isPartition: true })], [relation(2, 'p1')], []],
  ])('%s', (_, before, after, expected) => {
    expect(said(before, after)).toEqual(expected);
  });
});

describe('when the list is read', () => {
  const wanted = (row: { catalog_writes: number | null; newest_oid: number }, previous: unknown, now = 1_000) =>
    relations.details?.wanted({ answer: [row], previous, now });
  const known = { catalogWrites: 5, newestOid: 20_000, digest: '3 7', listedAt: 900, list: [] };

  test('the first time, and if the catalog was written to', () => {
    expect(wanted({ catalog_writes: 5, newest_oid: 20_000 }, undefined)).toEqual(['']);
    expect(wanted({ catalog_writes: 5, newest_oid: 20_000 }, known)).toEqual([]);
    expect(wanted({ catalog_writes: 5, newest_oid: 20_000 }, known, 100_000)).toEqual([]);
    expect(wanted({ catalog_writes: 6, newest_oid: 20_000 }, known)).toEqual(['3 7']);
    // Statistics that were reset.
    expect(wanted({ catalog_writes: 0, newest_oid: 20_000 }, known)).toEqual(['3 7']);
  });

  test('before 15 with what is created, and every hour', () => {
    const old = { ...known, catalogWrites: null };
    expect(wanted({ catalog_writes: null, newest_oid: 20_000 }, old, 4_399)).toEqual([]);
    expect(wanted({ catalog_writes: null, newest_oid: 20_000 }, old, 4_400)).toEqual(['3 7']);
    expect(wanted({ catalog_writes: null, newest_oid: 20_001 }, old)).toEqual(['3 7']);
  });
});
