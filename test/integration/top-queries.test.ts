import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noWork, packedPeriod } from '../../src/collectors/statements/period.ts';
import { serveApi } from '../support/api.ts';

describe('statements against the window before', () => {
  let api: Awaited<ReturnType<typeof serveApi>>;
  beforeAll(async () => {
    api = await serveApi('postgres://pgmon@127.0.0.1:1/postgres');
  });
  afterAll(() => api?.close());

  /** A pass `minutes` ago in which a statement took so much. */
  const pass = async (minutes: number, queryid: string, calls: number, seconds: number) => {
    const row = {
      db: 'shop',
      queryid,
      interval_seconds: 60,
      calls,
      exec_seconds: seconds,
      mean_seconds: seconds / calls,
    };
    const rest = { result_rows: 0, blocks_hit: 0, blocks_read: 0, block_read_seconds: 0, temp_blocks: 0, wal_bytes: 0 };
    const at = new Date(Date.now() - minutes * 60_000 - 10_000).toISOString();
    await api.stores.top.append('shop', 'statements', [
      { at, rows: [{ ...row, ...rest, total_calls: calls, total_exec_seconds: seconds }] },
    ]);
  };
  const one = async (queryid: string, window: string) => {
    const answer = await (await fetch(`${api.url}/api/v1/top-queries?window=${window}`)).json();
    return (answer as { items: Record<string, unknown>[] }).items.find((item) => item['queryid'] === queryid);
  };

  test('[D5] a window that was half measured is not compared; one measured alike is, per call apart from calls', async () => {
    for (let i = 0; i < 5; i++) await pass(i, '1', 200, 4); // 20 ms a call
    for (let i = 5; i < 7; i++) await pass(i, '1', 100, 1); // only two passes of the window before
    expect(await one('1', '5m')).toMatchObject({
      calls: 1_000,
      change_ratio: null,
      calls_change_ratio: null,
      mean_change_ratio: null,
    });
    for (let i = 7; i < 10; i++) await pass(i, '1', 100, 1); // 10 ms a call
    // Answers to the same question are kept for a second.
    await expect.poll(async () => (await one('1', '5m'))?.['calls_change_ratio'], { timeout: 5_000 }).toBeCloseTo(1, 9);
    const found = await one('1', '5m');
    expect(found?.['mean_change_ratio']).toBeCloseTo(1, 9);
    expect(found?.['change_ratio']).toBeCloseTo(3, 9);
  });

  test('[D4] a trend has a point a pass and no zero that nobody measured', async () => {
    const found = await one('1', '5m');
    expect(found?.['spark']).toEqual([4, 4, 4, 4, 4]);
  });

  test('a month is read from its days, and compared with the month before', async () => {
    const today = Math.floor(Date.now() / 86_400_000) * 86_400_000;
    const hours = Array.from({ length: 24 }, (_, i) => i);
    for (let day = 60; day >= 1; day--) {
      const at = today - day * 86_400_000;
      // Twice the calls in the last 30 days.
      const work = { ...noWork(), calls: day <= 30 ? 200 : 100, seconds: 2 };
      for (const hour of day === 60 ? hours : [0])
        await api.stores.statementPeriods.putHour(
          'shop',
          packedPeriod({
            at: new Date(at + hour * 3_600_000).toISOString(),
            coveredSeconds: 3_600,
            statements: [{ db: 'shop', queryid: '77', work }],
            rest: { statements: 0, work: noWork() },
          }),
        );
      await api.stores.statementPeriods.rollUpDays('shop', new Date(at + 86_400_000));
    }
    const [from, to] = [today - 30 * 86_400_000, today].map((ms) => new Date(ms).toISOString());
    const answer = (await (await fetch(`${api.url}/api/v1/top-queries?from=${from}&to=${to}`)).json()) as {
      window_seconds: number;
      items: Record<string, unknown>[];
    };
    expect(answer.window_seconds).toBe(30 * 86_400);
    expect(answer.items.find(({ queryid }) => queryid === '77')).toMatchObject({
      calls: 30 * 200,
      exec_seconds: 60,
      calls_change_ratio: expect.closeTo((30 * 200) / (29 * 100 + 24 * 100) - 1, 9),
      spark: Array.from({ length: 30 }, () => 2),
    });
  });
});
