import { beforeEach, expect, test } from 'vitest';
import type { Loop } from '../../../src/config/loop.ts';
import { type OutboxEntry, OutboxStore } from '../../../src/store/outbox.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';

const NOW = Date.parse('2026-03-02T03:12:00Z');
const DAY = 86_400_000;
let now: number;
let outbox: OutboxStore;
beforeEach(() => {
  now = NOW;
  outbox = new OutboxStore(SqliteTable.inMemory(() => new Date(now)));
});

function entry(id: string, loop: Loop, seconds = 0, more: Partial<OutboxEntry> = {}): OutboxEntry {
  const at = new Date(NOW + seconds * 1_000).toISOString();
  return {
    cluster: 'shop',
    loop,
    transition: {
      id,
      fingerprint: id,
      kind: 'firing',
      at,
      cluster: 'shop',
      rule: 'bloat',
      title: 'Bloat',
      severity: 'warning',
      labels: {},
      since: at,
      message: 'm',
      action: 'a',
      panel: 'storage',
    },
    waiting: ['pager'],
    attempts: 0,
    notBefore: {},
    revision: 1,
    ...more,
  };
}
const ids = async (loop?: Loop, cluster = 'shop') =>
  (await outbox.all(cluster, loop)).entries.map(({ transition }) => transition.id);

test('what waits is read oldest first, whichever loop it is of, and by loop only its own', async () => {
  await outbox.putAll([entry('c', 'hot', 20), entry('b', 'workload', 10), entry('a', 'storage', 0)]);
  expect(await ids()).toEqual(['a', 'b', 'c']);
  expect(await ids('hot')).toEqual(['c']);
  expect(await ids('workload')).toEqual(['b']);
  expect(await ids('hourly')).toEqual([]);
  expect(await ids(undefined, 'other')).toEqual([]);
});

test('an entry is written again in its place, and gone once it is deleted', async () => {
  const waits = entry('a', 'hot');
  await outbox.putAll([waits, entry('b', 'hot', 1)]);
  const tried = { ...waits, waiting: ['mail'], attempts: 3, notBefore: { mail: NOW / 1_000 + 60 } };
  await outbox.putAll([tried]);
  expect((await outbox.all('shop')).entries).toEqual([tried, entry('b', 'hot', 1)]);
  await outbox.delete(tried);
  expect(await ids()).toEqual(['b']);
});

test('120 entries of one pass, of one time, are all there', async () => {
  await outbox.putAll(Array.from({ length: 120 }, (_, i) => entry(`id-${i}`, 'hot')));
  expect(new Set(await ids('hot')).size).toBe(120);
});

test('an entry is kept for seven days from its transition', async () => {
  await outbox.putAll([entry('a', 'hot')]);
  now = NOW + 7 * DAY - 1_000;
  expect(await ids()).toEqual(['a']);
  now = NOW + 7 * DAY + 1_000;
  expect(await ids()).toEqual([]);
});

test('the count of expired ones is of its loop, and no entry', async () => {
  await outbox.putExpired('shop', 'hot', 3);
  await outbox.putExpired('shop', 'workload', 5);
  await outbox.putExpired('other', 'hot', 7);
  await outbox.putAll([entry('a', 'hot')]);
  const { entries, expired } = await outbox.all('shop');
  expect(entries).toHaveLength(1);
  expect([...expired].toSorted()).toEqual([
    ['hot', 3],
    ['workload', 5],
  ]);
  const hot = await outbox.all('shop', 'hot');
  expect([hot.entries.length, [...hot.expired]]).toEqual([1, [['hot', 3]]]);
});
