import { describe, expect, test } from 'vitest';
import { compare, type Timing } from '../../../src/collectors/statements/deltas.ts';
import { latencyQuantile, meanLatency } from '../../../src/collectors/statements/latency.ts';
import { topStatements } from '../../../src/collectors/statements/ranking.ts';
import type { StatementRow } from '../../../src/collectors/statements/row.ts';

const row = (queryid: string, calls: number, more: Partial<StatementRow> = {}): StatementRow => ({
  user_id: 10,
  db: 'shop',
  queryid,
  toplevel: true,
  calls,
  exec_ms: calls * 2,
  stddev_ms: 0,
  result_rows: calls,
  blocks_hit: 0,
  blocks_read: 0,
  block_read_ms: 0,
  temp_blocks: 0,
  wal_bytes: 0,
  since: null,
  evictions: null,
  ...more,
});
const calls = (before: StatementRow[], now: StatementRow[]) => {
  const { statements, noRate } = compare(now, { rows: before }, 'first-run');
  return noRate ?? Object.fromEntries(statements.map(({ queryid, interval }) => [queryid, interval?.calls]));
};
const others = [row('7', 1), row('8', 1), row('9', 1)];
const idle = { 7: 0, 8: 0, 9: 0 };

describe('calls between two passes', () => {
  test.each<[string, StatementRow[], StatementRow[], unknown]>([
    ['more calls', [row('1', 5)], [row('1', 8)], { 1: 3 }],
    [
      'a statement that was not there is counted whole, never its predecessors',
      others,
      [...others, row('1', 4)],
      { ...idle, 1: 4 },
    ],
    ['one that went back is not told', [...others, row('1', 9)], [...others, row('1', 2)], { ...idle, 1: undefined }],
    [
      'one that went back and says since when it is counted is counted whole',
      [...others, row('1', 9, { since: 100 })],
      [...others, row('1', 2, { since: 200 })],
      { ...idle, 1: 2 },
    ],
    [
      'evicted, made anew and already past its old count: the time tells',
      [...others, row('1', 9, { since: 100 })],
      [...others, row('1', 12, { since: 200 })],
      { ...idle, 1: 12 },
    ],
    ['one evicted for good is gone', [...others, row('1', 9)], others, idle],
    ['users and levels are one statement', [row('1', 5)], [row('1', 6), row('1', 4, { user_id: 11 })], { 1: 5 }],
    ['most of the baseline lost: a reset', [...others, row('1', 9)], [row('1', 1)], 'reset'],
    [
      'most of the baseline lost while evictions rose',
      [...others, row('1', 9)].map((one) => ({ ...one, evictions: 1 })),
      [row('2', 1, { evictions: 3 })],
      'evictions',
    ],
    ['nothing before and nothing now', [], [], {}],
  ])('%s', (_, before, now, expected) => {
    expect(calls(before, now)).toEqual(expected);
  });

  test('without a baseline there is a reason and the totals', () => {
    const { statements, noRate } = compare([row('1', 5)], undefined, 'restart');
    expect([noRate, statements[0]?.interval, statements[0]?.total.calls]).toEqual(['restart', undefined, 5]);
  });

  test('mean and deviation of the interval are exact', () => {
    // Before: 1, 3 ms. Since: 10, 20, 30 ms.
    const stddev = (times: number[]) => {
      const mean = times.reduce((a, b) => a + b, 0) / times.length;
      return Math.sqrt(times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length);
    };
    const of = (times: number[]) =>
      row('1', times.length, { exec_ms: times.reduce((a, b) => a + b, 0), stddev_ms: stddev(times) });
    const { timings } = compare([of([1, 3, 10, 20, 30])], { rows: [of([1, 3])] }, 'first-run');
    expect(timings[0]?.meanSeconds).toBeCloseTo(0.02, 12);
    expect(timings[0]?.stddevSeconds).toBeCloseTo(stddev([10, 20, 30]) / 1_000, 12);
  });
});

describe('latency', () => {
  const timing = (calls: number, meanSeconds: number, stddevSeconds = 0): Timing => ({
    db: 'shop',
    toplevel: true,
    calls,
    meanSeconds,
    stddevSeconds,
  });

  test.each<[string, Timing[], number | undefined]>([
    ['nothing was called', [], undefined],
    ['all calls took the same', [timing(100, 0.01)], 0.01],
    ['95 of 100 were quick', [timing(95, 0.001), timing(5, 1)], 0.001],
    ['94 of 100 were quick', [timing(94, 0.001), timing(6, 1)], 1],
  ])('p95: %s', (_, timings, expected) => {
    const p95 = latencyQuantile(timings, 0.95);
    if (expected === undefined) expect(p95).toBeUndefined();
    else expect(p95).toBeCloseTo(expected, 6);
  });

  test('p95 of a log-normal distribution is its 95th percentile', () => {
    const [mu, sigma] = [Math.log(0.01), 0.8];
    const mean = Math.exp(mu + sigma ** 2 / 2);
    const stddev = mean * Math.sqrt(Math.exp(sigma ** 2) - 1);
    expect(latencyQuantile([timing(1_000, mean, stddev)], 0.95)).toBeCloseTo(Math.exp(mu + 1.6448536 * sigma), 6);
  });

  test('the mean is over calls, not over statements', () => {
    expect(meanLatency([timing(99, 0.001), timing(1, 1)])).toBeCloseTo((99 * 0.001 + 1) / 100, 12);
    expect(meanLatency([])).toBeUndefined();
  });
});

describe('top list', () => {
  test('in turn by time, calls and blocks; N bounds it; what is idle comes by its lifetime', () => {
    const now = [
      row('slow', 1, { exec_ms: 5_000 }),
      row('often', 1_000, { exec_ms: 10 }),
      row('reads', 2, { blocks_read: 900, exec_ms: 20 }),
      row('idle', 1_000_000, { exec_ms: 9e9, blocks_read: 1e9 }),
      row('some', 3, { exec_ms: 30, blocks_read: 1 }),
    ];
    const { statements } = compare(
      now,
      { rows: [row('idle', 1_000_000, { exec_ms: 9e9, blocks_read: 1e9 })] },
      'first-run',
    );
    const top = (count: number) => topStatements(statements, count).map(({ queryid }) => queryid);
    expect(top(3)).toEqual(['slow', 'often', 'reads']);
    expect(top(4)).toEqual(['slow', 'often', 'reads', 'some']);
    expect(top(50)).toHaveLength(5);
    expect(top(50).at(-1)).toBe('idle');
  });
});
