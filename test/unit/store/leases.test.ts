import { beforeEach, expect, test } from 'vitest';
import { LeaseStore } from '../../../src/store/leases.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));
const tick = (second: number) => at(second).toISOString();

let leases: LeaseStore;
beforeEach(() => {
  leases = new LeaseStore(SqliteTable.inMemory(() => at(0)));
});
const ask = (owner: string, ofTick: number, now: number, until = now + 30, shard = 'default-1') =>
  leases.acquire('hot', shard, owner, tick(ofTick), at(now), at(until));

test('nobody else gets it before its end, and everybody after it', async () => {
  expect(await ask('a', 0, 0, 30)).toEqual({ got: true, changed: false });
  expect(await ask('b', 5, 29)).toEqual({ got: false, why: 'held', until: at(30) });
  expect(await ask('b', 5, 30)).toEqual({ got: true, changed: true });
  expect(await ask('b', 6, 31)).toEqual({ got: true, changed: false });
});

test('a tick is served once, also after the lease has ended or was given back, and so is every earlier one', async () => {
  await ask('a', 10, 10, 20);
  expect(await ask('b', 10, 25)).toEqual({ got: false, why: 'served' });
  expect(await ask('b', 9, 25)).toEqual({ got: false, why: 'served' });
  await leases.release('hot', 'default-1', 'a');
  expect(await ask('a', 10, 26)).toEqual({ got: false, why: 'served' });
  expect(await ask('b', 11, 26)).toEqual({ got: true, changed: true });
});

test('only its owner gives it back; each shard has its own', async () => {
  await ask('a', 0, 0, 30);
  await leases.release('hot', 'default-1', 'b');
  expect(await ask('b', 1, 1)).toMatchObject({ got: false, why: 'held' });
  expect(await ask('b', 1, 1, 31, 'default-2')).toEqual({ got: true, changed: false });
  await leases.release('hot', 'default-1', 'a');
  expect(await ask('b', 2, 2)).toEqual({ got: true, changed: true });
});

test('its owner gets it again before its end, for a later tick, and has changed nothing by that', async () => {
  await ask('a', 0, 0, 30);
  expect(await ask('a', 5, 5, 35)).toEqual({ got: true, changed: false });
  expect(await ask('a', 5, 6, 36)).toEqual({ got: false, why: 'served' });
  // What was refused has written nothing: it ends when it did.
  expect(await ask('b', 6, 7)).toEqual({ got: false, why: 'held', until: at(35) });
});
