import { valueText } from '../../alerts/format.ts';
import { tableSizes } from '../../collectors/table-sizes.ts';
import { type Comparison, comparable, defineEventKind, difference } from '../kind.ts';

/** A jump is a change by this share between two measurements, and by so many bytes; */
const JUMP_SHARE = 0.5;
const JUMP_BYTES = 256 * 1_024 ** 2;
/** or to this many times the size, or to this part of it, and by so many bytes: a table was filled, or emptied. */
const FILLED_FACTOR = 10;
const FILLED_BYTES = 32 * 1_024 ** 2;

/** Tables, with their indexes and TOAST, whose size made a jump between two measurements. */
function jumps(comparison: Comparison, isWanted: (from: number, to: number) => boolean) {
  return comparable(comparison, tableSizes).flatMap((place) =>
    difference(place, ({ oid }) => oid).both.flatMap(([before, after]) => {
      const [from, to] = [sizeOf(before), sizeOf(after)];
      if (from === undefined || to === undefined || before.measured_at === after.measured_at) return [];
      if (!isJump(from, to) || !isWanted(from, to)) return [];
      const [was, is] = [valueText(from, 'Bytes'), valueText(to, 'Bytes')];
      return [{ db: place.db, object: after.relation, from: was, to: is, change: Math.abs(to - from) }];
    }),
  );
}

function isJump(from: number, to: number): boolean {
  const change = Math.abs(to - from);
  const isFilled = Math.max(from, to) >= Math.min(from, to) * FILLED_FACTOR;
  return change >= (isFilled ? FILLED_BYTES : JUMP_BYTES) && change >= from * JUMP_SHARE;
}

export const tableGrown = defineEventKind({
  name: 'table_grown',
  loop: 'storage',
  title: 'Table grown by a jump',
  reads: [tableSizes],
  many: (count) => `${count} tables have grown by a jump`,
  compare: (comparison) =>
    jumps(comparison, (from, to) => to > from).map(({ change, ...one }) => ({
      ...one,
      text: `${one.object} has grown by ${valueText(change, 'Bytes')}, from ${one.from} to ${one.to}.`,
    })),
});

export const tableShrunk = defineEventKind({
  name: 'table_shrunk',
  loop: 'storage',
  title: 'Table shrunk by a jump',
  reads: [tableSizes],
  many: (count) => `${count} tables have shrunk by a jump`,
  compare: (comparison) =>
    jumps(comparison, (from, to) => to < from).map(({ change, ...one }) => ({
      ...one,
      text: `${one.object} has shrunk by ${valueText(change, 'Bytes')}, from ${one.from} to ${one.to}.`,
    })),
});

function sizeOf(row: { readonly size_bytes: number | null; readonly indexes_bytes: number | null }) {
  return row.size_bytes === null || row.indexes_bytes === null ? undefined : row.size_bytes + row.indexes_bytes;
}
