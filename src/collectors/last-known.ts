import { few } from './few.ts';
import type { LimitedVisibility } from './transform.ts';

/** A row whose size is NULL where a lock kept it from being measured, with the time at which it was. */
interface Measured {
  readonly size_bytes: number | null;
  readonly measured_at: number | null;
}

/**
 * Rows with their last known size where this pass could not measure it: `measured_at` stays the time at which it was,
 * which marks it as old. One that was never measured stays without a size. Largest first, by what is known.
 *
 * @param sizes the columns that are carried over beside `size_bytes`
 */
export function withLastKnown<R extends Measured>(
  rows: readonly R[],
  last: readonly R[],
  nameOf: (row: R) => string,
  sizes: readonly (keyof R)[] = [],
): R[] {
  const known = new Map(last.map((row) => [nameOf(row), row]));
  const filled = rows.map((row) => {
    const before = known.get(nameOf(row));
    if (row.measured_at !== null || !before) return row;
    const carried = Object.fromEntries(sizes.map((column) => [column, before[column]]));
    return { ...row, ...carried, size_bytes: before.size_bytes, measured_at: before.measured_at };
  });
  return filled.sort((a, b) => (b.size_bytes ?? -1) - (a.size_bytes ?? -1));
}

/** What a lock kept from being measured in this pass, for people. */
export function unmeasured<R extends Measured>(
  rows: readonly R[],
  nameOf: (row: R) => string,
): LimitedVisibility | undefined {
  const names = rows.filter(({ measured_at }) => measured_at === null).map(nameOf);
  if (names.length === 0) return undefined;
  return {
    reason: `${names.length} of ${rows.length} not measured because of an ACCESS EXCLUSIVE lock, held or requested: ${few(names)}`,
    hint: 'Each keeps its last known size, with its time in measured_at, until the lock is released.',
  };
}
