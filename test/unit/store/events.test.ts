import { expect, test } from 'vitest';
import { EventStore } from '../../../src/store/events.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { eventAt } from '../events/support.ts';

const now = new Date('2026-03-02T12:00:00Z');
const all = { from: new Date('2025-02-01T00:00:00Z'), to: now, routine: true, limit: 500 };

function storeNow() {
  const table = SqliteTable.inMemory(() => now);
  return { table, store: new EventStore(table) };
}

test('events come back newest first, over months, and those that were written twice once', async () => {
  const { store, table } = storeNow();
  const events = [
    '2025-12-31T23:59:59.999Z',
    '2026-01-01T00:00:00.000Z',
    '2026-03-02T11:59:59.500Z',
    '2026-03-02T11:59:10.000Z',
  ].map((at) => eventAt(at));
  await store.append('shop', events);
  await store.append('shop', events);
  const { events: found, next } = await store.between('shop', all);
  expect(found.map(({ at }) => at)).toEqual(
    events
      .map(({ at }) => at)
      .toSorted()
      .toReversed(),
  );
  expect(next).toBeUndefined();
  const exact = { ...all, from: new Date('2025-12-31T23:59:59.999Z'), to: new Date('2026-01-01T00:00:00.000Z') };
  expect((await store.between('shop', exact)).events).toHaveLength(2);
  expect((await store.between('other', all)).events).toEqual([]);
  table.close();
});

test('pages have each event once, however many are of one time', async () => {
  const { store, table } = storeNow();
  const at = '2026-03-02T10:00:00.000Z';
  const events = Array.from({ length: 25 }, (_, i) => eventAt(at, { id: `id${String(i).padStart(2, '0')}` }));
  await store.append('shop', events.slice(0, 20));
  for (const event of events.slice(20)) await store.append('shop', [event]);
  const ids: string[] = [];
  for (let after: { at: string; id: string } | undefined, i = 0; i < 10; i++) {
    const page = await store.between('shop', { ...all, limit: 10, after });
    ids.push(...page.events.map(({ id }) => id));
    after = page.next;
    if (!after) break;
  }
  expect(ids).toEqual(events.map(({ id }) => id).toReversed());
  table.close();
});

test('the routine of a server is read only where it is wanted; a rare kind among it is found page by page', async () => {
  const { store, table } = storeNow();
  const minute = (i: number) => new Date(Date.UTC(2026, 2, 1, 0, i)).toISOString();
  await store.append('shop', [eventAt(minute(0), { kind: 'rare', severity: 'info' })]);
  for (let i = 1; i < 2_030; i++) await store.append('shop', [eventAt(minute(i), { severity: 'info' })]);
  await store.append('shop', [eventAt(minute(5), { kind: 'restart', severity: 'warning' })]);
  expect((await store.between('shop', { ...all, routine: false })).events).toHaveLength(1);
  const rare = { ...all, matches: ({ kind }: { kind: string }) => kind === 'rare' };
  const first = await store.between('shop', rare);
  expect(first.events).toEqual([]);
  expect(first.next).toBeDefined();
  const second = await store.between('shop', { ...rare, after: first.next });
  expect(second.events).toHaveLength(1);
  expect(second.next).toBeUndefined();
  table.close();
});

test('no item is over 300 kB, whatever one pass finds', async () => {
  const { store, table } = storeNow();
  const sizes: number[] = [];
  const put = table.put.bind(table);
  table.put = async (key, attributes) => {
    const { data } = attributes;
    if (data instanceof Uint8Array) sizes.push(data.length);
    await put(key, attributes);
  };
  const noise = () => Array.from({ length: 2_000 }, () => String.fromCharCode(33 + Math.random() * 90)).join('');
  const events = Array.from({ length: 400 }, (_, i) =>
    eventAt('2026-03-02T10:00:00.000Z', { id: `${i}`, text: noise() }),
  );
  await store.append('shop', events);
  expect(Math.max(...sizes)).toBeLessThan(300_000);
  expect(sizes.length).toBeGreaterThan(1);
  expect((await store.between('shop', all)).events).toHaveLength(400);
  table.close();
});
