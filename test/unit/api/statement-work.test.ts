import { expect, test } from 'vitest';
import type { Reading } from '../../../src/api/reading.ts';
import { workBetween } from '../../../src/api/statement-work.ts';
import { packedPeriod } from '../../../src/collectors/statements/period.ts';
import { periodOfTops } from '../../../src/collectors/statements/shown.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { storesIn } from '../../../src/store/stores.ts';
import type { Top } from '../../../src/store/top.ts';

const MINUTE = 60_000;
const begin = Date.parse('2026-11-18T00:00:00Z');

/** A pass a minute, of five hours: two statements, one of them in every third pass. */
function top(i: number): Top {
  const row = (queryid: string, calls: number) => ({
    ...{ db: 'shop', queryid, interval_seconds: 60, calls, exec_seconds: calls / 8, mean_seconds: 0.125 },
    ...{ squared_seconds: 0.5, result_rows: calls, blocks_hit: 2, blocks_read: 1, block_read_seconds: 0 },
    ...{ temp_blocks: 0, wal_bytes: 10, total_calls: 1_000 + i, total_exec_seconds: 5 },
  });
  const rows = [row('1', i + 1), ...(i % 3 === 0 ? [row('2', 5)] : [])];
  return { at: new Date(begin + i * MINUTE).toISOString(), rows };
}

test('what statements did is the same whatever it is read from, in any range, over gaps', async () => {
  const now = new Date(begin + 300 * MINUTE);
  const stores = storesIn(SqliteTable.inMemory(() => now));
  const { top: tops, statementPeriods } = stores;
  // From 1:40 to 1:53 and in the fourth hour nothing was measured.
  const passes = Array.from({ length: 300 }, (_, i) => i)
    .filter((i) => (i < 100 || i > 113) && (i < 180 || i >= 240))
    .map(top);
  for (const pass of passes) {
    await tops.append('shop', 'statements', [pass]);
    if (Date.parse(pass.at) < begin + 280 * MINUTE)
      await statementPeriods.sumMinutes('shop', tops, new Date(Date.parse(pass.at) + 100_000));
  }
  // Two of the hours are summed up, the third not yet.
  for (const hour of [0, 1]) {
    const own = passes.filter(({ at }) => Math.floor((Date.parse(at) - begin) / (60 * MINUTE)) === hour);
    const at = new Date(begin + hour * 60 * MINUTE).toISOString();
    await statementPeriods.putHour('shop', packedPeriod(periodOfTops(at, own)));
  }
  const reading: Reading = { stores, clusters: ['shop'], intervals: new Map([['workload', MINUTE]]), now: () => now };
  for (const [first, last] of [
    [0, 300],
    [7, 9],
    [57, 63.5],
    [0.5, 299.5],
    [98, 116],
    [170, 250],
    [279, 300],
  ] as const) {
    const [from, to] = [begin + first * MINUTE, begin + last * MINUTE];
    const within = passes.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) < to);
    const calls = (queryid: string) =>
      within
        .flatMap(({ rows }) => rows.filter((row) => row['queryid'] === queryid))
        .reduce((sum, row) => sum + Number(row['calls']), 0);
    for (const coarsest of ['passes', 'minutes', 'hours'] as const) {
      const pieces = await workBetween(reading, 'shop', coarsest, from, to);
      const of = (queryid: string) =>
        pieces
          .flatMap(({ rows }) => rows.filter((row) => row.queryid === queryid))
          .reduce((sum, row) => sum + (row.calls ?? 0), 0);
      expect([coarsest, of('1'), of('2')]).toEqual([coarsest, calls('1'), calls('2')]);
      expect(pieces.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(60 * within.length);
      expect(pieces.map(({ at }) => at)).toEqual(pieces.map(({ at }) => at).toSorted((a, b) => a - b));
    }
  }
  const hours = await workBetween(reading, 'shop', 'hours', begin, now.getTime());
  expect(hours.slice(0, 2).map(({ ms }) => ms)).toEqual([60 * MINUTE, 60 * MINUTE]);
  expect(hours.length).toBeLessThan(60);
});
