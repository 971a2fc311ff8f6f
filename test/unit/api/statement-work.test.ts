import { expect, test } from 'vitest';
import { passesOf, workOf } from '../../../src/api/statement-work.ts';
import { tablesIn } from '../../../src/api/tables-named.ts';

const row = (calls: number, seconds: number, squared: number | null, more: object = {}) => ({
  db: 'shop',
  queryid: '7',
  interval_seconds: 60,
  calls,
  exec_seconds: seconds,
  mean_seconds: calls > 0 ? seconds / calls : null,
  squared_seconds: squared,
  result_rows: calls,
  blocks_hit: 0,
  blocks_read: 2,
  block_read_seconds: 0,
  temp_blocks: 0,
  wal_bytes: 10,
  total_calls: 100,
  total_exec_seconds: 1,
  ...more,
});

test('a statement is summed over passes and databases; passes without it are passes', () => {
  const tops = [
    { at: '1', rows: [row(2, 1, 0.5), row(4, 1, 0.25, { db: 'other' }), row(9, 9, 9, { queryid: '8' })] },
    { at: '2', rows: [row(9, 9, 9, { queryid: '8' })] },
  ];
  const all = passesOf(tops, '7', undefined);
  expect(all.map(({ rows, seconds }) => [rows.length, seconds])).toEqual([
    [2, 60],
    [0, 60],
  ]);
  expect(workOf(all)).toMatchObject({ calls: 6, exec_seconds: 2, mean_seconds: 1 / 3, blocks_read: 4, wal_bytes: 20 });
  expect(workOf(passesOf(tops, '7', 'shop'))).toMatchObject({ calls: 2, mean_seconds: 0.5 });
  expect(workOf([])).toMatchObject({ calls: 0, mean_seconds: null, p95_seconds: null });
});

test('the 95th percentile is that of the calls; without their squares it is unknown', () => {
  // All calls take 0.5 s: 4 calls, 2 s, squares 1.
  expect(workOf(passesOf([{ at: '1', rows: [row(4, 2, 1)] }], '7', undefined)).p95_seconds).toBeCloseTo(0.5, 6);
  // Nine of ten passes are fast, one in ten slow: 95 % are reached among the slow ones.
  const mixed = [...Array.from({ length: 9 }, () => row(10, 0.1, 0.001)), row(10, 10, 10)].map((one, i) => ({
    at: String(i),
    rows: [one],
  }));
  expect(workOf(passesOf(mixed, '7', undefined)).p95_seconds).toBeCloseTo(1, 3);
  expect(workOf(passesOf([{ at: '1', rows: [row(4, 2, null)] }], '7', undefined)).p95_seconds).toBeNull();
});

test.each([
  ['SELECT * FROM orders WHERE id = $1', ['public.orders']],
  ['select * from Public.ORDERS', ['public.orders']],
  ['SELECT 1 FROM "Odd ""t""." AS x', ['public."Odd ""t""."']],
  ["SELECT 'orders' AS a -- orders\n /* orders */, $$ orders $$", []],
  ['SELECT * FROM "Orders"', []],
])('tables whose names stand in a text: %s', (text, found) => {
  const rows = [
    { db: 'shop', relation: 'public.orders', size_bytes: 1 },
    { db: 'shop', relation: 'public."Odd ""t""."', size_bytes: null },
    { db: 'other', relation: 'public.orders', size_bytes: 2 },
  ];
  expect(tablesIn(text, rows, ['shop']).map(({ relation }) => relation)).toEqual(found);
});
