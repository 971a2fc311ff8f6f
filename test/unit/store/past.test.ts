import { describe, expect, test } from 'vitest';
import type { Loop } from '../../../src/config/loop.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { keys } from '../../../src/store/keys.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { storesIn } from '../../../src/store/stores.ts';
import { snapshotWith } from '../../support/snapshot.ts';

const snapshot = (loop: Loop, takenAt: string, rows: Snapshot['rows'] = {}): Snapshot =>
  snapshotWith({ loop, takenAt, rows });
const down = (takenAt: string, lastGoodAt?: string) => ({
  ...snapshot('hot', takenAt),
  up: false,
  problem: { kind: 'unreachable', message: 'connect ECONNREFUSED', hint: '' },
  ...(lastGoodAt ? { lastGoodAt } : {}),
});

/** A store whose table is at a time of its own: expiry goes by it. */
function storeAt(time: string) {
  const clock = { now: new Date(time) };
  const table = SqliteTable.inMemory(() => clock.now);
  return { clock, table, past: storesIn(table).past };
}

describe('hot passes', () => {
  test('the last one up to a moment, also of the minute or the day before; a quiet one is one', async () => {
    const { past } = storeAt('2026-11-21T12:00:00Z');
    const passes = [
      snapshot('hot', '2026-11-19T23:59:58.000Z', { activity: [{ pid: 1 }] }),
      snapshot('hot', '2026-11-20T03:12:10.000Z', { activity: [{ pid: 2 }] }),
      snapshot('hot', '2026-11-20T03:12:25.000Z', { activity: [] }),
      snapshot('hot', '2026-11-20T03:12:40.000Z', { activity: [{ pid: 3 }] }),
    ];
    await past.append('shop', passes);
    const at = async (time: string) => (await past.at('shop', 'hot', new Date(time)))?.takenAt;
    expect(await at('2026-11-20T03:12:10.000Z')).toBe(passes[1]?.takenAt);
    expect(await at('2026-11-20T03:12:39.999Z')).toBe(passes[2]?.takenAt);
    expect((await past.at('shop', 'hot', new Date('2026-11-20T03:12:30Z')))?.rows['activity']).toEqual([]);
    expect(await at('2026-11-20T03:12:09.999Z')).toBe(passes[0]?.takenAt);
    expect(await at('2026-11-20T20:00:00.000Z')).toBe(passes[3]?.takenAt);
    expect(await at('2026-11-19T23:59:57.999Z')).toBeUndefined();
    expect(await past.since('shop', 'hot', new Date('2026-11-21T12:00:00Z'))).toEqual(
      new Date('2026-11-19T23:59:58.000Z'),
    );
    expect(await past.at('other', 'hot', new Date('2026-11-20T20:00:00Z'))).toBeUndefined();
  });

  test('one without an answer comes with the last one that had', async () => {
    const { past } = storeAt('2026-11-21T12:00:00Z');
    const good = snapshot('hot', '2026-11-20T03:11:45.000Z', { activity: [{ pid: 7 }] });
    await past.append('shop', [good]);
    await past.append('shop', [down('2026-11-20T03:12:00.000Z', good.takenAt)]);
    await past.append('shop', [down('2026-11-20T09:12:00.000Z', good.takenAt)]);
    await past.append('other', [down('2026-11-20T09:12:00.000Z')]);
    const seen = await past.at('shop', 'hot', new Date('2026-11-20T09:12:20Z'));
    expect(seen).toMatchObject({ up: false, problem: { message: 'connect ECONNREFUSED' }, lastGood: good });
    const never = await past.at('other', 'hot', new Date('2026-11-20T09:12:20Z'));
    expect(never).toMatchObject({ up: false });
    expect(never?.lastGood).toBeUndefined();
  });

  test('they go after 7 days', async () => {
    const { past, clock } = storeAt('2026-11-20T03:12:00Z');
    await past.append('shop', [snapshot('hot', '2026-11-20T03:12:00.000Z')]);
    clock.now = new Date('2026-11-27T03:11:00Z');
    expect(await past.at('shop', 'hot', clock.now)).toBeDefined();
    clock.now = new Date('2026-11-27T03:13:00Z');
    expect(await past.at('shop', 'hot', clock.now)).toBeUndefined();
    expect(await past.since('shop', 'hot', clock.now)).toBeUndefined();
  });
});

describe('lists', () => {
  const noise = Array.from({ length: 60_000 }, () => Math.random().toString(36).slice(2)).join('');

  test('the first of an hour, whatever their size, up to the moment; the first of a day for 400 days', async () => {
    const { past, clock, table } = storeAt('2026-11-20T00:00:00Z');
    const times = ['00:05:00', '00:15:00', '01:05:00', '02:05:00'].map((time) => `2026-11-20T${time}.000Z`);
    for (const [i, time] of times.entries()) {
      clock.now = new Date(time);
      await past.putLists(snapshot('storage', time, { table_sizes: [{ i, name: i === 2 ? noise : 'small' }] }));
    }
    const at = async (time: string) => (await past.at('shop', 'storage', new Date(time)))?.takenAt;
    expect(await at('2026-11-20T00:04:59Z')).toBeUndefined();
    expect(await at('2026-11-20T00:59:59Z')).toBe(times[0]);
    expect(await at('2026-11-20T01:04:59Z')).toBe(times[0]);
    expect((await past.at('shop', 'storage', new Date('2026-11-20T01:05:00Z')))?.rows['table_sizes']).toEqual([
      { i: 2, name: noise },
    ]);
    expect(await at('2026-11-20T23:00:00Z')).toBe(times[3]);
    expect(await past.at('shop', 'hourly', new Date('2026-11-20T23:00:00Z'))).toBeUndefined();
    expect(await past.since('shop', 'storage')).toEqual(new Date('2026-11-20T00:05:00Z'));
    expect(await past.since('shop')).toEqual(new Date('2026-11-20T00:05:00Z'));
    clock.now = new Date('2026-11-28T00:00:00Z');
    expect(await at('2026-11-20T23:00:00Z')).toBe(times[0]);
    expect(await table.query('PAST#shop#storage')).toHaveLength(1);
    clock.now = new Date('2027-12-25T00:00:00Z');
    expect(await at('2026-11-20T23:00:00Z')).toBe(times[0]);
    clock.now = new Date('2027-12-26T00:00:00Z');
    expect(await at('2026-11-20T23:00:00Z')).toBeUndefined();
  });

  test('lists whose head was never written are passed over', async () => {
    const { past, table } = storeAt('2026-11-20T03:00:00Z');
    await past.putLists(snapshot('storage', '2026-11-20T00:05:00.000Z'));
    const { pk, sk } = keys.lists('shop', 'storage', new Date('2026-11-20T01:05:00Z'));
    const part = { data: new Uint8Array(9), parts: 2, stamp: 'x', takenAt: '2026-11-20T01:05:00.000Z' };
    await table.put({ pk, sk: `${sk}#x#1` }, part);
    const found = await past.at('shop', 'storage', new Date('2026-11-20T02:00:00Z'));
    expect(found?.takenAt).toBe('2026-11-20T00:05:00.000Z');
  });
});
