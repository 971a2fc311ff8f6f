import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { pack, unpack } from './codec.ts';
import type { Key } from './keys.ts';
import type { Attributes, Table } from './table.ts';

/** An item may have 400 KB with its key and names; this leaves room for them. */
const PART_BYTES = 390 * 1_024;

/**
 * Writes a value of any size below a key: in one item where it fits, else in several, the first of which is written
 * last and names the others. Those of one write carry one stamp, so that two writes are never read as one.
 */
export async function putValue(table: Table, key: Key, value: unknown, attributes: Attributes): Promise<void> {
  const bytes = pack(value);
  const parts = Math.max(1, Math.ceil(bytes.length / PART_BYTES));
  const stamp = parts > 1 ? { stamp: randomUUID(), parts } : {};
  const piece = (i: number) => bytes.subarray(i * PART_BYTES, (i + 1) * PART_BYTES);
  for (let i = 1; i < parts; i++) await table.put(partKey(key, i), { data: piece(i), ...stamp, ...attributes });
  await table.put(key, { data: piece(0), ...stamp, ...attributes });
}

/** The value that {@link putValue} wrote, undefined where there is none. Tried again while another write is under way. */
export async function getValue(table: Table, key: Key): Promise<unknown> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const head = await table.get(key);
    if (!(head?.['data'] instanceof Uint8Array)) return undefined;
    const parts = typeof head['parts'] === 'number' ? head['parts'] : 1;
    const rest = await Promise.all(Array.from({ length: parts - 1 }, (_, i) => table.get(partKey(key, i + 1))));
    const pieces = [head, ...rest].flatMap((item) =>
      item?.['data'] instanceof Uint8Array && item['stamp'] === head['stamp'] ? [item['data']] : [],
    );
    if (pieces.length === parts) return unpack(Buffer.concat(pieces));
    await sleep(20 * (attempt + 1));
  }
  return undefined;
}

function partKey({ pk, sk }: Key, i: number): Key {
  return { pk, sk: `${sk}#${i}` };
}
