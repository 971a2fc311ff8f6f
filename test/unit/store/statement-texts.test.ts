import { expect, test } from 'vitest';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { StatementStore } from '../../../src/store/statements.ts';

test('texts of a list are found among few and among many, with as few reads as there may be', async () => {
  const table = SqliteTable.inMemory();
  const store = new StatementStore(table);
  const id = (i: number) => String(i % 2 ? -(10 ** 18) - i * 7_919 : 10 ** 17 + i * 104_729);
  await store.put('shop', new Map(Array.from({ length: 400 }, (_, i) => [id(i), `SELECT ${i}`])), new Date());
  await store.put('other', new Map([[id(3), 'SELECT of another']]), new Date());
  let reads = 0;
  const [get, query] = [table.get.bind(table), table.query.bind(table)];
  table.get = (...parameters) => {
    reads += 1;
    return get(...parameters);
  };
  table.query = (...parameters) => {
    reads += 1;
    return query(...parameters);
  };
  for (const [wanted, most] of [
    [[3], 1],
    [[7, 400], 2],
    [Array.from({ length: 100 }, (_, i) => 4 * i), 1],
    [[0, 1, 2, 398, 399], 6],
    [Array.from({ length: 50 }, (_, i) => 8 * i + 1), 51],
  ] as const) {
    reads = 0;
    const found = await store.get('shop', wanted.map(id));
    expect([...found].toSorted()).toEqual(
      wanted
        .filter((i) => i < 400)
        .map((i) => [id(i), `SELECT ${i}`])
        .toSorted(),
    );
    expect(reads).toBeLessThanOrEqual(most);
  }
  expect(await store.get('shop', [])).toEqual(new Map());
});
