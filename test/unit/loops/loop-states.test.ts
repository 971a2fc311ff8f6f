import { expect, test } from 'vitest';
import { relations } from '../../../src/collectors/relations/relations.ts';
import type { RelationState } from '../../../src/collectors/relations/state.ts';
import type { StatementTable } from '../../../src/collectors/statements/deltas.ts';
import { noWork } from '../../../src/collectors/statements/period.ts';
import { statements } from '../../../src/collectors/statements/statements.ts';
import { emptyState, type LoopState } from '../../../src/loops/loop-state.ts';
import { LoopStates } from '../../../src/loops/loop-states.ts';
import { LoopStateStore } from '../../../src/store/loop-states.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

test('a large state is written when it changed, and otherwise once a day; a new process continues from it', async () => {
  let now = Date.parse('2026-03-01T10:00:00Z');
  const table = SqliteTable.inMemory(() => new Date(now));
  const store = new LoopStateStore(table);
  let writes = 0;
  const put = store.put.bind(store);
  store.put = async (...args) => {
    if (args[2] === 'bulk') writes += 1;
    await put(...args);
  };
  const list = ['16390 r  public.orders'];
  const stateOf = (value: RelationState): LoopState => ({
    ...emptyState,
    collectors: {
      'relations in shop': { moment: { at: value.listedAt, startedAt: 0, role: 'primary' }, counters: [], value },
    },
  });
  const known = { catalogWrites: 1, newestOid: 16_390, digest: '1 5', listedAt: 1, list };
  const states = new LoopStates('storage', [relations], store, silent);
  const save = async (value: RelationState, minutes: number) => {
    now += minutes * 60_000;
    states.set('orders', stateOf(value));
    await states.save('orders', new Date(now));
  };
  await save(known, 0);
  expect(writes).toBe(1);
  // A temporary table came and went.
  for (let pass = 0; pass < 20; pass++) await save({ ...known, catalogWrites: 2 + pass }, 10);
  expect(writes).toBe(1);
  // A kill right after it would otherwise find it once more.
  const killed = { ...known, digest: '2 7', list: [...list, '16395 v  public.brief'] };
  await save(killed, 10);
  await save({ ...killed, digest: '1 5', list }, 1);
  expect(writes).toBe(3);
  const grown = { ...known, digest: '2 9', list: [...list, '16400 v  public.seen'] };
  await save(grown, 1);
  expect(writes).toBe(4);
  const again = await new LoopStates('storage', [relations], store, silent).get('orders');
  expect(again.collectors['relations in shop']?.value).toMatchObject({ digest: '2 9', list: { length: 2 } });
  for (let pass = 0; pass < 144; pass++) await save({ ...grown }, 10);
  expect(writes).toBe(5);
});

test('the large state of a database that was dropped is not left in the table', async () => {
  const store = new LoopStateStore(SqliteTable.inMemory(() => new Date()));
  const states = new LoopStates('storage', [relations], store, silent);
  const save = async (...databases: string[]) => {
    const value = { catalogWrites: 1, newestOid: 16_390, digest: '1 5', listedAt: 1, list: [] };
    const state = { moment: { at: 1, startedAt: 0, role: 'primary' as const }, counters: [], value };
    const collectors = Object.fromEntries(databases.map((name) => [`relations in ${name}`, state]));
    states.set('orders', { ...emptyState, collectors });
    await states.save('orders', new Date());
    const stored = await new LoopStates('storage', [relations], store, silent).get('orders');
    return Object.keys(stored.collectors);
  };
  expect(await save('shop', 'stock')).toEqual(['relations in shop', 'relations in stock']);
  expect(await save('shop')).toEqual(['relations in shop']);
});

test('of the statements of an hour the process has all, and the table the first and the sum of the others', async () => {
  const table = SqliteTable.inMemory(() => new Date());
  const store = new LoopStateStore(table);
  const one = (i: number) => ({ ...noWork(), calls: 1 + i, seconds: (1 + i) / 1_000 });
  const value: StatementTable = {
    at: 1,
    entries: 0,
    reset: null,
    evictions: null,
    seesAll: true,
    rows: [],
    tally: {
      start: 0,
      coveredSeconds: 60,
      statements: Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`${i} shop`, one(i)])),
      rest: { statements: 0, work: noWork() },
    },
  };
  const state: LoopState = {
    ...emptyState,
    collectors: { statements: { moment: { at: 1, startedAt: 0, role: 'primary' }, counters: [], value } },
  };
  const states = new LoopStates('workload', [statements], store, silent);
  states.set('orders', state);
  await states.save('orders', new Date());
  const there = await new LoopStates('workload', [statements], store, silent).get('orders');
  expect(states.of('orders')).toBe(state);
  expect(there.collectors['statements']?.value).toMatchObject({
    tally: { rest: { statements: 1_500, work: { calls: (1_500 * 1_501) / 2 } } },
  });
  await states.flush(new Date());
  expect(await new LoopStates('workload', [statements], store, silent).get('orders')).toEqual(there);
});
