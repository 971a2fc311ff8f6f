import { expect, test } from 'vitest';
import { SnapshotStore } from '../../../src/store/snapshots.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { snapshotWith } from '../../support/snapshot.ts';

test('who asks for a snapshot while it is read shares the read; who asks later reads again, and a consistent read is its own', async () => {
  const table = SqliteTable.inMemory(() => new Date('2026-03-02T03:01:00Z'));
  let reads = 0;
  const get = table.get.bind(table);
  table.get = async (...args) => {
    reads += 1;
    return await get(...args);
  };
  const store = new SnapshotStore(table);
  const at = async (second: number) => {
    await store.put(snapshotWith({ takenAt: `2026-03-02T03:00:0${second}.000Z` }));
    reads = 0;
  };
  const taken = async (options = {}) => (await store.get('shop', 'hot', options))?.takenAt;
  await at(1);
  expect(await Promise.all([taken(), taken(), taken()])).toEqual(Array(3).fill('2026-03-02T03:00:01.000Z'));
  expect(reads).toBe(1);
  await at(2);
  expect(await taken()).toBe('2026-03-02T03:00:02.000Z');
  expect(await Promise.all([taken({ consistent: true }), taken({ consistent: true })])).toHaveLength(2);
  expect(reads).toBe(3);
});

test('a read that fails is not what the next one gets', async () => {
  const table = SqliteTable.inMemory(() => new Date('2026-03-02T03:01:00Z'));
  const store = new SnapshotStore(table);
  await store.put(snapshotWith());
  const get = table.get.bind(table);
  table.get = async () => {
    throw new Error('throttled');
  };
  await expect(Promise.all([store.get('shop', 'hot'), store.get('shop', 'hot')])).rejects.toThrow('throttled');
  table.get = get;
  expect((await store.get('shop', 'hot'))?.up).toBe(true);
});
