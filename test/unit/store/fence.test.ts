import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { absent, present } from '../../../src/store/condition.ts';
import { Fence, FencedOff, fenced } from '../../../src/store/fence.ts';
import { keys } from '../../../src/store/keys.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import type { Table } from '../../../src/store/table.ts';

const [first, second] = ['2026-11-21T12:00:00Z', '2026-11-21T12:01:00Z'];
const state = keys.loopState('shop', 'hot', 'state');
const shared = keys.target('shop');

describe('[C9] a run that is over writes nothing more', () => {
  let inner: SqliteTable;
  let fence: Fence;
  let table: Table;
  beforeEach(() => {
    inner = SqliteTable.inMemory();
    fence = new Fence();
    table = fenced(inner, fence);
  });
  const by = async () => (await inner.get(state))?.['by'];

  test.each([
    ['put', (on: Table) => on.put(state, { by: 'late' })],
    ['set', (on: Table) => on.set(state, { by: 'late' })],
    ['putAll', (on: Table) => on.putAll([{ key: state, attributes: { by: 'late' } }])],
    ['remove', (on: Table) => on.remove(state, ['by'])],
    ['delete', (on: Table) => on.delete(state)],
    ['putIf', (on: Table) => on.putIf(state, { by: 'late' }, present('by'))],
    ['setIf', (on: Table) => on.setIf(state, { by: 'late' }, present('by'))],
    ['put of an item without a lease', (on: Table) => on.put(shared, { by: 'late' })],
    ['set of an item without a lease', (on: Table) => on.set(shared, { by: 'late' })],
    ['putAll of items without a lease', (on: Table) => on.putAll([{ key: shared, attributes: { by: 'late' } }])],
  ])('%s of a run that thaws after it failed, beside the next run of the same process', async (_, write) => {
    const { promise: thaw, resolve } = Promise.withResolvers<void>();
    let late: Promise<unknown> = Promise.resolve();
    await expect(
      fence.run(first, async () => {
        await table.put(state, { by: 'first' });
        late = thaw.then((): Promise<unknown> => write(table)).catch((error: unknown) => error);
        throw new Error('failed');
      }),
    ).rejects.toThrow('failed');
    await fence.run(second, async () => {
      await table.put(state, { by: 'second' });
      resolve();
      await turn();
      expect(await late).toBeInstanceOf(FencedOff);
    });
    expect([await by(), await inner.get(shared)]).toEqual(['second', undefined]);
  });

  test('a write of another process that was on its way is refused by the table', async () => {
    const other = new Fence();
    await other.run(first, async () => {
      const frozen = fenced(inner, other);
      await fence.run(second, () => table.put(state, { by: 'second' }));
      await expect(frozen.put(state, { by: 'late' })).rejects.toThrow(FencedOff);
      await expect(frozen.set(state, { by: 'late' })).rejects.toThrow('was written by a later run');
      // What all loops share is nobody's: each sets attributes of its own.
      await frozen.set(shared, { 'seen hot': 'x' });
    });
    expect(await by()).toBe('second');
  });

  test('runs one after the other, and what is outside of a run, write as they like', async () => {
    await fence.run(first, () => table.put(state, { by: 'first' }));
    await fence.run(first, () => table.set(state, { by: 'first again' }));
    await fence.run(second, () => table.set(state, { by: 'second' }));
    expect(await by()).toBe('second');
    await fence.run(undefined, () => table.put(state, { by: 'without a lease' }));
    await table.put(shared, {});
    expect(await by()).toBe('without a lease');
  });

  test('a batch larger than 25 is written whole, and all of it is refused to an earlier run', async () => {
    const all = (by: string) =>
      [...Array.from({ length: 60 }, (_, i) => keys.outbox('shop', `hot ${i}`)), shared].map((key) => ({
        key,
        attributes: { by },
      }));
    await fence.run(second, () => table.putAll(all('second')));
    const { pk } = keys.outbox('shop', '');
    const written = await inner.query(pk);
    expect(written).toHaveLength(60);
    expect(new Set(written.map(({ by }) => by))).toEqual(new Set(['second']));
    expect((await inner.get(shared))?.['by']).toBe('second');
    await expect(fence.run(first, () => table.putAll(all('late')))).rejects.toThrow(FencedOff);
    expect(new Set((await inner.query(pk)).map(({ by }) => by))).toEqual(new Set(['second']));
  });

  test('conditions of the caller hold within a run as they do outside', async () => {
    await fence.run(first, async () => {
      expect(await table.putIf(state, { by: 'a' }, present('by'))).toBe(false);
      expect(await table.setIf(state, { by: 'b' }, absent('by'))).toEqual({});
      expect(await table.setIf(state, { by: 'c' }, absent('by'))).toBe(false);
      expect(await table.putIf(state, { by: 'd' }, present('by'))).toBe(true);
      await table.remove(state, ['by']);
      expect(await table.get(state)).toEqual(state);
      await table.delete(state);
      expect(await table.query(state.pk)).toEqual([]);
    });
  });

  test('what all loops share is written by an earlier run beside a later one', async () => {
    await fence.run(second, () => table.set(shared, { 'seen hot': 'second' }));
    await fence.run(first, () => table.set(shared, { 'seen workload': 'first' }));
    expect(await inner.get(shared)).toEqual({ ...shared, 'seen hot': 'second', 'seen workload': 'first' });
    await fence.run(second, () => table.put(shared, { by: 'second' }));
    await fence.run(first, () => table.put(shared, { by: 'first' }));
    expect(await inner.get(shared)).toEqual({ ...shared, by: 'first' });
  });
});
