import { pack, unpack } from './codec.ts';
import type { Key } from './keys.ts';
import { type Kind, putBytes, valuesIn } from './parts.ts';
import type { Table } from './table.ts';

const DAY_MS = 86_400_000;
const MINUTE_LENGTH = '2026-01-01T00:00'.length;

/** What is larger gets items of its own: sixteen writers of a minute still fit into the 400 KB of one item. */
const SHARED_BYTES = 24 * 1_024;

/**
 * Adds a value to a minute. All of a minute share one item, each an attribute of its own, so that writers never overwrite
 * one another; a large value gets items of its own beside it.
 *
 * @param name of the value: who wrote it, and the second; the same one again replaces it
 */
export async function appendToMinute(table: Table, key: Key, name: string, value: unknown, expires: number) {
  const bytes = pack(value);
  if (bytes.length <= SHARED_BYTES) await table.set(key, { [name]: bytes, expires });
  else await putBytes(table, { pk: key.pk, sk: `${key.sk} ${name}` }, bytes, { expires });
}

/** Values of the minutes between two times. @param partitionOf the partition of a day */
export async function readMinutes<T>(
  table: Table,
  partitionOf: (day: Date) => string,
  from: Date,
  to: Date,
  kind: Kind<T>,
): Promise<T[]> {
  const days: Date[] = [];
  for (let day = Math.floor(from.getTime() / DAY_MS) * DAY_MS; day <= to.getTime(); day += DAY_MS)
    days.push(new Date(day));
  const range = { from: minuteOf(from), to: `${minuteOf(to)}~` };
  const items = (await Promise.all(days.map((day) => table.query(partitionOf(day), range)))).flat();
  const isShared = (sk: unknown) => String(sk).length === MINUTE_LENGTH;
  const shared = items
    .filter(({ sk }) => isShared(sk))
    .flatMap(({ pk, sk, expires: _, ...values }) =>
      Object.entries(values).flatMap(([name, value]) => {
        const key = { pk: String(pk), sk: String(sk) };
        const read = kind.unreadable.read(
          kind.kind,
          key,
          () => ({ of: kind.schema.parse(unpack(bytesIn(value))) }),
          name,
        );
        return read ? [read.of] : [];
      }),
    );
  return [
    ...shared,
    ...valuesIn(
      items.filter(({ sk }) => !isShared(sk)),
      kind,
    ),
  ];
}

/** A minute as it stands in keys. */
export function minuteOf(at: Date): string {
  return at.toISOString().slice(0, MINUTE_LENGTH);
}

function bytesIn(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new TypeError('not bytes');
}
