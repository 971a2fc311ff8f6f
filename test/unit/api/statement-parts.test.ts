import { expect, test } from 'vitest';
import { partOfPass, planOf, summaryOf } from '../../../src/api/statement-parts.ts';
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

const parts = (tops: readonly { at: string; rows: Record<string, unknown>[] }[], db?: string) =>
  tops.map((top) => partOfPass(top, '7', db));

test('a statement is summed over passes and databases; passes without it are passes', () => {
  const tops = [
    { at: '1', rows: [row(2, 1, 0.5), row(4, 1, 0.25, { db: 'other' }), row(9, 9, 9, { queryid: '8' })] },
    { at: '2', rows: [row(9, 9, 9, { queryid: '8' })] },
  ];
  const all = parts(tops);
  expect(all.map(({ work, seconds, databases }) => [work?.calls, seconds, databases])).toEqual([
    [6, 60, ['shop', 'other']],
    [undefined, 60, []],
  ]);
  expect(summaryOf(all)).toMatchObject({
    calls: 6,
    exec_seconds: 2,
    mean_seconds: 1 / 3,
    blocks_read: 4,
    wal_bytes: 20,
  });
  expect(summaryOf(parts(tops, 'shop'))).toMatchObject({ calls: 2, mean_seconds: 0.5 });
  expect(summaryOf([])).toMatchObject({ calls: 0, mean_seconds: null, p95_seconds: null });
});

test('the 95th percentile is that of the calls; without their squares it is unknown', () => {
  // All calls take 0.5 s: 4 calls, 2 s, squares 1.
  expect(summaryOf(parts([{ at: '1', rows: [row(4, 2, 1)] }])).p95_seconds).toBeCloseTo(0.5, 6);
  // Nine of ten passes are fast, one in ten slow: 95 % are reached among the slow ones.
  const mixed = [...Array.from({ length: 9 }, () => row(10, 0.1, 0.001)), row(10, 10, 10)].map((one, i) => ({
    at: String(i),
    rows: [one],
  }));
  expect(summaryOf(parts(mixed)).p95_seconds).toBeCloseTo(1, 3);
  expect(summaryOf(parts([{ at: '1', rows: [row(4, 2, null)] }])).p95_seconds).toBeNull();
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

test('long ranges are read by hours that are over, and by days; what is no longer kept by passes too', () => {
  const now = new Date('2026-11-21T03:20:00Z');
  const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000);
  const plan = (from: number, to = 0) => {
    const { resolution, from: start, to: end } = planOf(ago(from), ago(to), now, 60_000);
    return [resolution, start.toISOString().slice(0, 16), end.toISOString().slice(0, 16)];
  };
  expect(plan(1)).toEqual(['passes', '2026-11-21T02:20', '2026-11-21T03:20']);
  expect(plan(6)).toEqual(['hours', '2026-11-20T21:00', '2026-11-21T03:00']);
  expect(plan(24 * 30)).toEqual(['days', '2026-10-22T00:00', '2026-11-21T00:00']);
  expect(plan(24 * 10, 24 * 10 - 0.5)).toEqual(['hours', '2026-11-11T03:00', '2026-11-11T04:00']);
});
