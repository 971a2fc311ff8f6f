import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { absent, all, any, compare, present } from '../../src/store/condition.ts';
import { LIMITS, LimitExceeded } from '../../src/store/limits.ts';
import { getValue, putValue } from '../../src/store/parts.ts';
import type { Attributes, Table } from '../../src/store/table.ts';

/** An adapter to hold to the contract. */
export interface TableUnderTest {
  /** The one table by another clock, in seconds from now; expiry goes by it. */
  at(seconds: number): Table;
  close(): Promise<void>;
}

/** Where an emulator is not as the service is. */
export interface KnownFaults {
  /** Compares texts in conditions by UTF-16; sort keys it does order by their bytes. */
  readonly comparesUtf16?: boolean;
}

/** What every adapter of the table does alike. Uses partitions of its own: the table may hold anything else. */
export function tableContract(name: string, makeTable: () => Promise<TableUnderTest>, known: KnownFaults = {}): void {
  describe(`the table on ${name}`, () => {
    let made: TableUnderTest;
    let table: Table;
    let pk: string;
    beforeAll(async () => {
      made = await makeTable();
      table = made.at(0);
    });
    afterAll(() => made.close());
    beforeEach(() => {
      pk = `CONTRACT#${randomUUID()}`;
    });
    const seconds = () => Math.floor(Date.now() / 1_000);
    const sortKeys = (items: readonly Attributes[]) => items.map(({ sk }) => sk);

    test('an item comes back as it was written, in every type', async () => {
      const key = { pk, sk: 'types' };
      const attributes = {
        text: 'a "b"\n\u0000 ü 漢 🐘',
        empty: '',
        integer: Number.MAX_SAFE_INTEGER,
        negative: -12.5,
        small: 1.5e-100,
        zero: -0,
        yes: true,
        nothing: null,
        bytes: new Uint8Array([0, 255, 128, 10]),
        none: new Uint8Array(),
        texts: new Set(['b', 'a']),
        numbers: new Set([1, 2.5]),
        list: [1, 'two', [3], { four: 4 }],
        map: { a: { b: [new Uint8Array([7])] } },
      };
      await table.put(key, attributes);
      expect(await table.get(key)).toEqual({ ...attributes, zero: 0, ...key });
      expect(await table.query(pk)).toEqual([{ ...attributes, zero: 0, ...key }]);
    });

    test('what is undefined is not there', async () => {
      const key = { pk, sk: 'undefined' };
      await table.put(key, { a: 1, b: undefined, c: { d: undefined, e: [1, undefined, 2] } });
      expect(await table.get(key)).toStrictEqual({ ...key, a: 1, c: { e: [1, 2] } });
      await table.set(key, { a: undefined, f: 2 });
      expect(await table.get(key)).toStrictEqual({ ...key, a: 1, c: { e: [1, 2] }, f: 2 });
      expect(await table.get({ pk, sk: 'none' })).toBeUndefined();
      expect(await table.query(`${pk} none`)).toEqual([]);
    });

    test('names and keys may have quotes, dots, spaces, line breaks, reserved words and any letter', async () => {
      const names = [
        'a.b',
        "it's",
        'say "x"',
        'two words',
        'line\nbreak',
        'size',
        '#0',
        ':0',
        '漢字',
        '🐘',
        '__proto__x',
        'SET',
      ];
      const attributes = Object.fromEntries(names.map((one, i) => [one, i]));
      const key = { pk: `${pk} 'quoted".dotted\n漢🐘`, sk: `it's "one"\n.#:🐘` };
      await table.put(key, attributes);
      await table.set(key, { 'a.b': 'changed', 'new one': 1 });
      await table.remove(key, ["it's", 'line\nbreak']);
      const { "it's": _, 'line\nbreak': __, ...kept } = attributes;
      expect(await table.get(key)).toEqual({ ...kept, 'a.b': 'changed', 'new one': 1, ...key });
      expect(sortKeys(await table.query(key.pk))).toEqual([key.sk]);
    });

    test('put replaces, set merges, remove and delete take away; what is not there cannot be removed from', async () => {
      const key = { pk, sk: 'one' };
      await table.put(key, { a: 1, b: 1 });
      await table.put(key, { a: 2 });
      expect(await table.get(key)).toEqual({ ...key, a: 2 });
      await table.set(key, { b: 3 });
      expect(await table.get(key)).toEqual({ ...key, a: 2, b: 3 });
      await table.remove(key, ['a', 'never']);
      expect(await table.get(key)).toEqual({ ...key, b: 3 });
      await table.delete(key);
      await table.delete(key);
      expect(await table.get(key)).toBeUndefined();
      await table.remove(key, ['a']);
      expect(await table.query(pk)).toEqual([]);
      await table.set(key, { c: 1 });
      expect(await table.get(key)).toEqual({ ...key, c: 1 });
    });

    test('a write goes through where its condition holds, and says what was there', async () => {
      const key = { pk, sk: 'lease' };
      const free = (now: number, owner: string) =>
        all(any(absent('until'), compare('until', '<=', now), compare('owner', '=', owner)));
      expect(await table.setIf(key, { owner: 'a', until: 10 }, free(0, 'a'))).toEqual({});
      expect(await table.setIf(key, { owner: 'b', until: 20 }, free(9, 'b'))).toBe(false);
      expect(await table.get(key, { consistent: true })).toEqual({ ...key, owner: 'a', until: 10 });
      expect(await table.setIf(key, { owner: 'b', until: 20 }, free(10, 'b'))).toEqual({
        ...key,
        owner: 'a',
        until: 10,
      });
      expect(await table.putIf(key, { owner: 'c' }, absent('owner'))).toBe(false);
      expect(await table.putIf(key, { owner: 'c' }, all(present('owner'), compare('until', '>', 19)))).toBe(true);
      expect(await table.get(key, { consistent: true })).toEqual({ ...key, owner: 'c' });
      // A text is no number, and what is missing is neither less nor greater.
      expect(await table.putIf(key, {}, compare('owner', '<', 5))).toBe(false);
      expect(await table.putIf(key, {}, compare('missing', '<', 5))).toBe(false);
      expect(await table.putIf(key, {}, compare('missing', '>=', 'a'))).toBe(false);
    });

    test.skipIf(known.comparesUtf16)('texts in conditions are ordered by their bytes', async () => {
      const key = { pk, sk: 'order' };
      await table.put(key, { text: '\uffff' });
      // In UTF-16 it is the other way round.
      expect(await table.putIf(key, { text: '🐘' }, compare('text', '<', '🐘'))).toBe(true);
      expect(await table.putIf(key, { text: 'x' }, compare('text', '<', '\uffff'))).toBe(false);
    });

    test('of concurrent writers exactly one gets a condition, and none loses an attribute of another', async () => {
      const key = { pk, sk: 'race' };
      const won = await Promise.all(Array.from({ length: 20 }, (_, i) => table.putIf(key, { by: i }, absent('by'))));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await table.get(key, { consistent: true })).toEqual({ ...key, by: won.indexOf(true) });
      await Promise.all(Array.from({ length: 20 }, (_, i) => table.set(key, { [`loop ${i}`]: i })));
      expect(Object.keys((await table.get(key, { consistent: true })) ?? {})).toHaveLength(23);
    });

    test('a read that is asked to sees every write before it', async () => {
      const key = { pk, sk: 'consistent' };
      for (let i = 0; i < 20; i++) {
        await table.put(key, { i });
        expect((await table.get(key, { consistent: true }))?.['i']).toBe(i);
        expect((await table.query(pk, { consistent: true }))[0]?.['i']).toBe(i);
      }
    });

    test('a partition is in the order of the UTF-8 bytes of its sort keys, forwards and backwards', async () => {
      const keys = [' ', '!', '0', 'A', 'Z', 'a', 'z', '~', '\u007f', 'ä', 'あ', '\ue000', '\uffff', '🐘', '🐘 b'];
      await table.putAll(keys.toReversed().map((sk) => ({ key: { pk, sk }, attributes: {} })));
      expect(sortKeys(await table.query(pk))).toEqual(keys);
      expect(sortKeys(await table.query(pk, { newestFirst: true }))).toEqual(keys.toReversed());
      expect(sortKeys(await table.query(pk, { from: 'a', to: 'ä' }))).toEqual(['a', 'z', '~', '\u007f', 'ä']);
      expect(sortKeys(await table.query(pk, { from: '\uffff' }))).toEqual(['\uffff', '🐘', '🐘 b']);
      expect(sortKeys(await table.query(pk, { to: '0', newestFirst: true }))).toEqual(['0', '!', ' ']);
      expect(sortKeys(await table.query(pk, { from: '!', limit: 2 }))).toEqual(['!', '0']);
      expect(sortKeys(await table.query(pk, { newestFirst: true, limit: 1 }))).toEqual(['🐘 b']);
    });

    test('a query continues over pages of a megabyte, and stops at its limit', async () => {
      const data = new Uint8Array(9_000).fill(7);
      const entries = Array.from({ length: 450 }, (_, i) => ({
        key: { pk, sk: String(i).padStart(4, '0') },
        attributes: { i, data },
      }));
      await table.putAll(entries);
      const order = entries.map((_, i) => i);
      const found = async (options: object) => (await table.query(pk, options)).map(({ i }) => i);
      expect(await found({})).toEqual(order);
      expect(await found({ newestFirst: true })).toEqual(order.toReversed());
      expect(await found({ limit: 230 })).toEqual(order.slice(0, 230));
      expect(await found({ limit: 230, newestFirst: true })).toEqual(order.toReversed().slice(0, 230));
      expect(await found({ from: '0100', to: '0399' })).toEqual(order.slice(100, 400));
      expect(await found({ from: '0100', to: '0399', newestFirst: true, limit: 250 })).toEqual(
        order.slice(150, 400).toReversed(),
      );
    });

    test('what has ended is never returned, nor counted, nor merged with, nor does it hold a condition', async () => {
      const [ends, stays] = [
        { pk, sk: 'a ends' },
        { pk, sk: 'b stays' },
      ];
      const end = seconds() + 100;
      await table.put(ends, { old: 1, expires: end });
      await table.put(stays, { expires: end + 1_000 });
      await table.put({ pk, sk: 'c stays' }, {});
      expect(await table.get(ends)).toEqual({ ...ends, old: 1, expires: end });
      const later = made.at(101);
      expect(await later.get(ends)).toBeUndefined();
      expect(await later.get(ends, { consistent: true })).toBeUndefined();
      expect(sortKeys(await later.query(pk))).toEqual(['b stays', 'c stays']);
      expect(sortKeys(await later.query(pk, { limit: 2 }))).toEqual(['b stays', 'c stays']);
      expect(sortKeys(await later.query(pk, { limit: 1 }))).toEqual(['b stays']);
      await later.remove(ends, ['old']);
      expect(await later.get(ends)).toBeUndefined();
      expect(await later.setIf(ends, { fresh: 1 }, present('old'))).toBe(false);
      expect(await later.putIf(ends, { fresh: 1 }, present('pk'))).toBe(false);
      await later.set(ends, { fresh: 1, expires: end + 1_000 });
      expect(await later.get(ends)).toEqual({ ...ends, fresh: 1, expires: end + 1_000 });
      expect(await made.at(2_000).setIf(ends, { newest: 1 }, absent('fresh'))).toEqual({});
      expect(await made.at(2_000).get(ends)).toEqual({ ...ends, newest: 1 });
    });

    test('a value over 390 KB is split, read as one, and replaced by a smaller one', async () => {
      const key = { pk, sk: 'large' };
      let large = '';
      while (large.length < 1_500_000) large += Math.random().toString(36).slice(2);
      await putValue(table, key, large, { expires: seconds() + 60 });
      expect((await table.query(pk)).length).toBeGreaterThan(2);
      expect(await getValue(table, key)).toBe(large);
      await putValue(table, key, 'small', { expires: seconds() + 60 });
      expect(await getValue(table, key)).toBe('small');
    });

    test('[B5] a process that ends between two parts of a value leaves the one before', async () => {
      const key = { pk, sk: 'parted' };
      const textOf = (letter: string) => Array.from({ length: 60_000 }, (_, i) => `${letter}${Math.sin(i)}`).join('');
      const [first, second] = [textOf('a'), textOf('b')];
      const expires = seconds() + 60;
      await putValue(table, key, first, { expires });
      const parts = (await table.query(pk)).length;
      expect(parts).toBeGreaterThan(1);
      for (let puts = 0; puts < parts; puts++) {
        let left = puts;
        const dying: Table = Object.assign(Object.create(table) as Table, {
          get: table.get.bind(table),
          delete: table.delete.bind(table),
          put: async (...args: Parameters<Table['put']>) => {
            if (left-- === 0) throw new Error('killed');
            await table.put(...args);
          },
        });
        await expect(putValue(dying, key, second, { expires })).rejects.toThrow('killed');
        expect(await getValue(table, key)).toBe(first);
      }
      await putValue(table, key, second, { expires });
      expect(await getValue(table, key)).toBe(second);
    });

    test('any number of items are written in batches', async () => {
      await table.putAll(Array.from({ length: 60 }, (_, i) => ({ key: { pk, sk: `${i}` }, attributes: { i } })));
      expect(await table.query(pk)).toHaveLength(60);
      await table.putAll([]);
    });

    const refused: readonly [string, { pk?: string; sk?: string }, Attributes, string][] = [
      ['no partition key', { pk: '' }, {}, 'pk is empty'],
      ['no sort key', { sk: '' }, {}, 'sk is empty'],
      ['a partition key of 2,049 bytes', { pk: `${'ä'.repeat(1_024)}a` }, {}, 'pk has 2049 bytes'],
      ['a sort key of 1,025 bytes', { sk: 'a'.repeat(1_025) }, {}, 'sk has 1025 bytes'],
      ['half a surrogate pair in a key', { sk: 'a\ud800' }, {}, 'not well-formed'],
      ['NaN', {}, { a: Number.NaN }, 'a is NaN'],
      ['an infinite value in a list', {}, { a: [1, Number.POSITIVE_INFINITY] }, 'a is Infinity'],
      ['a number that loses digits', {}, { a: 2 ** 60 }, 'would not come back'],
      ['a number next to nothing', {}, { a: 5e-324 }, 'nearer to 0'],
      ['an attribute without a name', {}, { '': 1 }, 'no name'],
      ['an empty set', {}, { a: new Set() }, 'empty set'],
      ['a set of two types', {}, { a: new Set([1, 'a']) }, 'a set of texts or of numbers'],
      ['a date', {}, { a: { b: new Date() } }, 'a.b is a Date'],
      ['the key as an attribute', {}, { pk: 'other' }, 'part of the key'],
      ['an end that is no number', {}, { expires: '2026-01-01' }, 'expires is not a number'],
      // Beside the value there are the key, the three names, and nothing else.
      ['an item of 400 KB and a byte', {}, { a: new Uint8Array(LIMITS.itemBytes + 1 - 28) }, 'has 409601 bytes'],
    ];
    test.each(refused)('%s is refused by every way to write', async (_, part, attributes, message) => {
      const key = { pk: 'CONTRACT#refused', sk: 'refused', ...part };
      for (const write of [
        () => table.put(key, attributes),
        () => table.putAll([{ key, attributes }]),
        () => table.putIf(key, attributes, absent('x')),
        () => table.set(key, attributes),
        () => table.setIf(key, attributes, absent('x')),
      ]) {
        const error = await write().then(
          () => 'written',
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(LimitExceeded);
        expect(String(error)).toContain(message);
      }
      if (part.pk !== '' && part.sk === undefined) expect(await table.query('CONTRACT#refused')).toEqual([]);
    });

    test('the largest key, and an item of just under 400 KB, are taken', async () => {
      const key = { pk: pk.padEnd(2_048, 'p'), sk: 's'.repeat(1_024) };
      await table.put(key, { data: new Uint8Array(LIMITS.itemBytes - 2_048 - 1_024 - 20) });
      expect((await table.get(key))?.['data']).toHaveLength(LIMITS.itemBytes - 3_092);
    });

    test('an item that would grow beyond 400 KB is refused, and stays as it was', async () => {
      const key = { pk, sk: 'grows' };
      await table.put(key, { a: new Uint8Array(250_000) });
      await expect(table.set(key, { b: new Uint8Array(250_000) })).rejects.toThrow(
        /maximum allowed size|at most 409600/,
      );
      expect(Object.keys((await table.get(key)) ?? {}).toSorted()).toEqual(['a', 'pk', 'sk']);
    });

    test('[B5] more attributes than an expression of 4 KB can name are refused', async () => {
      const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`out ${i}`, i]));
      await table.set({ pk, sk: 'many' }, many(300));
      await expect(table.set({ pk, sk: 'many' }, many(400))).rejects.toThrow(LimitExceeded);
      await expect(table.remove({ pk, sk: 'many' }, Object.keys(many(1_000)))).rejects.toThrow(LimitExceeded);
      const long = any(...Array.from({ length: 200 }, (_, i) => all(absent(`a${i}`), compare(`b${i}`, '<', i))));
      await expect(table.putIf({ pk, sk: 'many' }, {}, long)).rejects.toThrow(LimitExceeded);
      await table.put({ pk, sk: 'many' }, many(2_000));
      expect(Object.keys((await table.get({ pk, sk: 'many' })) ?? {})).toHaveLength(2_002);
    });
  });
}
