import { expect, test } from 'vitest';
import { putValue } from '../../../src/store/parts.ts';
import { rollUp } from '../../../src/store/rollups.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { storesIn } from '../../../src/store/stores.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const begin = Date.parse('2026-08-30T00:00:00Z');

test('hours of an older version are on charts, beside newer ones and where they are missing, each once', async () => {
  const now = new Date(begin + 5 * DAY_MS);
  const table = SqliteTable.inMemory(() => now);
  const { series, history } = storesIn(table);
  const hour = (i: number) => new Date(begin + i * HOUR_MS);
  // As it was written before: an item an hour, in the partition of its month. Two hours later there was none.
  for (const i of [0, 1, 2, 5, 49, 50]) {
    const at = hour(i).toISOString();
    const rollup = { at, values: { 'load{}': [i, i + 0.5, i + 1], 'other{}': [1, 1, 1] } };
    const key = { pk: `ROLLUP#shop#${at.slice(0, 7)}`, sk: at.slice(0, 13) };
    await putValue(table, key, rollup, { expires: now.getTime() / 1_000 + 1 });
  }
  // Since then: a block with one of the same hours, and points of an hour that is in the older form, too.
  const known = rollUp(hour(50), [{ at: hour(50).toISOString(), values: { 'load{}': 50.5, 'other{}': 1 } }]);
  if (known) await series.addHour('shop', known);
  await history.append('shop', 'hot', [{ at: hour(49).toISOString(), values: { 'load{}': 1_000 } }]);
  await history.append('shop', 'hot', [{ at: hour(52).toISOString(), values: { 'load{}': 7 } }]);

  const read = async (from: number, to: number) =>
    (await series.between('shop', 'hours', hour(from), hour(to), now, ['load'])).map(({ at, values }) => [
      (Date.parse(at) - begin) / HOUR_MS,
      values,
    ]);
  expect(await read(0, 47)).toEqual([0, 1, 2, 5].map((i) => [i, { 'load{}': [i, i + 0.5, i + 1] }]));
  // The block covers its day up to its hour, and not what was rolled up of the day before it was made.
  expect(await read(48, 60)).toEqual([
    [49, { 'load{}': [49, 49.5, 50] }],
    [50, { 'load{}': [50.5, 50.5, 50.5] }],
    [52, { 'load{}': [7, 7, 7] }],
  ]);
  const days = await series.between('shop', 'days', hour(0), hour(47), now, ['load']);
  expect(days.map(({ at }) => at)).toEqual([0, 1, 2, 5].map((i) => hour(i).toISOString()));
  expect(await series.since('shop', now)).toEqual(hour(0));
});

test('where points of an hour are left, the older hour stands for them', async () => {
  const now = new Date(begin + DAY_MS);
  const table = SqliteTable.inMemory(() => now);
  const { series, history } = storesIn(table);
  const at = new Date(begin).toISOString();
  const key = { pk: `ROLLUP#shop#${at.slice(0, 7)}`, sk: at.slice(0, 13) };
  await putValue(table, key, { at, values: { 'load{}': [1, 2, 3] } }, {});
  await history.append('shop', 'hot', [{ at: new Date(begin + 60_000).toISOString(), values: { 'load{}': 3 } }]);
  const steps = await series.between('shop', 'hours', new Date(begin), now, now);
  expect(steps).toEqual([{ at, values: { 'load{}': [1, 2, 3] } }]);
});
