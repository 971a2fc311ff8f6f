import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as z from 'zod';
import { pack, unpack } from './codec.ts';
import type { Key } from './keys.ts';
import type { Attributes, ReadOptions, Table } from './table.ts';
import type { UnreadableItems } from './unreadable.ts';

/** An item may have 400 KB with its key and names; far from it, so that what grows between two releases still fits. */
const PART_BYTES = 256 * 1_024;

/**
 * Writes a value of any size below a key: in one item where it fits, else in several, the first of which is written
 * last and names the others. Those of one write have keys of their own, by its stamp: a process that ends in between
 * leaves what was there before, whole. What was there before goes last; parts that nobody names end by themselves.
 */
export async function putValue(table: Table, key: Key, value: unknown, attributes: Attributes): Promise<void> {
  await putBytes(table, key, pack(value), attributes);
}

/** {@link putValue} of what is packed already. */
export async function putBytes(table: Table, key: Key, bytes: Uint8Array, attributes: Attributes): Promise<void> {
  const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  const stamp = parts > 1 ? { stamp: randomUUID(), parts } : {};
  const piece = (i: number) => bytes.subarray(i * PART_BYTES, (i + 1) * PART_BYTES);
  const old = parts > 1 ? partKeys(key, await table.get(key, { consistent: true })) : [];
  for (const [i, part] of partKeys(key, stamp).entries())
    await table.put(part, { data: piece(i + 1), ...stamp, ...attributes });
  await table.put(key, { data: piece(0), ...stamp, ...attributes });
  for (const part of old) await table.delete(part);
}

/** The bytes that {@link putValue} wrote, undefined where there are none. Tried again while another write is under way. */
async function getBytes(table: Table, key: Key, options: ReadOptions): Promise<Uint8Array | 'incomplete' | undefined> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const head = await table.get(key, options);
    if (!head) return undefined;
    const parts = typeof head['parts'] === 'number' ? head['parts'] : 1;
    const rest = await Promise.all(partKeys(key, head).map((part) => table.get(part, options)));
    const bytes = joined(head, rest);
    if (bytes) return bytes;
    if (parts === 1) break;
    await sleep(20 * (attempt + 1));
  }
  return 'incomplete';
}

/** The value that {@link putValue} wrote, for the caller's schema to check; undefined where there is none. */
export async function getValue(table: Table, key: Key, options: ReadOptions = {}): Promise<unknown> {
  const bytes = await getBytes(table, key, options);
  return bytes === undefined || bytes === 'incomplete' ? undefined : unpack(bytes);
}

/** The value below a key, as its schema wants it; undefined where there is none, or where it is unreadable. */
export async function readValue<T>(
  table: Table,
  key: Key,
  { kind, schema, unreadable }: Kind<T>,
  options: ReadOptions = {},
): Promise<T | undefined> {
  const bytes = await getBytes(table, key, options);
  if (bytes === undefined) return undefined;
  return unreadable.read(kind, key, () => schema.parse(unpack(whole(bytes))));
}

function whole(bytes: Uint8Array | 'incomplete' | undefined): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  throw new Error('parts of it are missing');
}

/** What a stored value is, and where it is said that one is not. */
export interface Kind<T> {
  readonly kind: string;
  readonly schema: z.ZodType<T>;
  readonly unreadable: UnreadableItems;
}

/** The values among the items of a query that {@link putValue} wrote, in the order of their keys. */
export function valuesIn<T>(items: readonly Attributes[], { kind, schema, unreadable }: Kind<T>): T[] {
  const groups = Map.groupBy(items, ({ sk }) => String(sk).split('#', 1)[0] ?? '');
  return [...groups].flatMap(([sk, group]) => {
    const head = group.find((item) => item['sk'] === sk);
    // Parts whose head is not in the range, or went when a smaller value took its place.
    if (!head) return [];
    const value = unreadable.read(kind, { pk: String(head['pk']), sk }, () => {
      const bytes = joined(head, group.filter((item) => item !== head).toSorted(byPart));
      return { of: schema.parse(unpack(whole(bytes))) };
    });
    return value ? [value.of] : [];
  });
}

function joined(head: Attributes, rest: readonly (Attributes | undefined)[]): Uint8Array | undefined {
  const parts = typeof head['parts'] === 'number' ? head['parts'] : 1;
  const pieces = [head, ...(parts > 1 ? rest : [])].flatMap((item) =>
    item?.['data'] instanceof Uint8Array && item['stamp'] === head['stamp'] ? [item['data']] : [],
  );
  return pieces.length === parts ? Buffer.concat(pieces) : undefined;
}

function byPart(left: Attributes, right: Attributes): number {
  return partOf(left) - partOf(right);
}

function partOf({ sk }: Attributes): number {
  return Number(String(sk).split('#').at(-1));
}

/** Keys of all parts of a value but the first, which is under its own key. */
function partKeys({ pk, sk }: Key, head: Attributes | undefined): Key[] {
  const { parts, stamp } = head ?? {};
  if (typeof parts !== 'number' || typeof stamp !== 'string') return [];
  return Array.from({ length: parts - 1 }, (_, i) => ({ pk, sk: `${sk}#${stamp}#${i + 1}` }));
}
