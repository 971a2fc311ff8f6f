import { describe, expect, test } from 'vitest';
import { compare, type Timing, tableOf as tableWith } from '../../../src/collectors/statements/deltas.ts';
import { latencyQuantile, meanLatency } from '../../../src/collectors/statements/latency.ts';
import { topStatements } from '../../../src/collectors/statements/ranking.ts';
import type { StatementRow as EntryRow, ServerRow } from '../../../src/collectors/statements/row.ts';

type StatementRow = EntryRow & ServerRow;
const tableOf = (rows: readonly StatementRow[], at: number) => tableWith(rows, at, rows[0]);
const row = (queryid: string, calls: number, more: Partial<StatementRow> = {}): StatementRow => ({
  user_id: 10,
  own: false,
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
  stats_reset: null,
  evictions: null,
  sees_all: true,
  ...more,
});
const calls = (before: StatementRow[], now: StatementRow[]) => {
  const { statements, interval } = compare(tableOf(now, 210), tableOf(before, 150), { seconds: 60 });
  return 'noRate' in interval
    ? interval.noRate
    : Object.fromEntries(statements.map(({ queryid, interval }) => [queryid, interval?.calls]));
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
    ['one that went back is not shown', [...others, row('1', 9)], [...others, row('1', 2)], { ...idle, 1: undefined }],
    [
      'one that went back and says since when it is counted is counted whole',
      [...others, row('1', 9, { since: 100 })],
      [...others, row('1', 2, { since: 200 })],
      { ...idle, 1: 2 },
    ],
    [
      'evicted, made again and already past its old count: the time tells',
      [...others, row('1', 9, { since: 100 })],
      [...others, row('1', 12, { since: 200 })],
      { ...idle, 1: 12 },
    ],
    [
      'one that began before the pass before and ended for the first time since is counted whole',
      others.map((one) => ({ ...one, since: 100 })),
      [...others.map((one) => ({ ...one, since: 100 })), row('1', 2, { since: 149 })],
      { ...idle, 1: 2 },
    ],
    [
      'but not one of a database that has another name now',
      others.map((one) => ({ ...one, since: 100 })),
      [...others.map((one) => ({ ...one, since: 100 })), row('1', 2, { since: 149, db: 'renamed' })],
      { ...idle, 1: undefined },
    ],
    ['one evicted for good is gone', [...others, row('1', 9)], others, idle],
    ['users and levels are one statement', [row('1', 5)], [row('1', 6), row('1', 4, { user_id: 11 })], { 1: 5 }],
    ['most of the baseline lost: a reset', [...others, row('1', 9)], [row('1', 1)], 'reset'],
    ['nothing before and nothing now', [], [], {}],
  ])('%s', (_, before, now, expected) => {
    expect(calls(before, now)).toEqual(expected);
  });

  test('without a baseline there is a reason and the totals', () => {
    const { statements, interval } = compare(tableOf([row('1', 5)], 210), undefined, { noRate: 'restart' });
    expect([interval, statements[0]?.interval, statements[0]?.total.calls]).toEqual([
      { noRate: 'restart' },
      undefined,
      5,
    ]);
  });

  test('[A9] an entry that becomes visible later does not count its whole life', () => {
    const since = (calls: number, at: number) => row('1', calls, { since: at });
    const old = others.map((one) => ({ ...one, since: 100 }));
    const hidden = old.map((one) => ({ ...one, sees_all: false }));
    expect(calls(hidden, [...old, since(900, 100)])).toBe('first-run');
    expect(calls(hidden, [...hidden, { ...since(900, 100), sees_all: false }])).toEqual({ ...idle, 1: undefined });
    expect(calls(old, [...old, since(4, 160)])).toEqual({ ...idle, 1: 4 });
    const limited = others.map((one) => ({ ...one, sees_all: false }));
    expect(calls(limited, [...others, row('1', 900)])).toBe('first-run');
  });

  describe('[A9] where the server says when all was reset (1.9)', () => {
    const resetAt = (reset: number, ...rows: StatementRow[]) => rows.map((one) => ({ ...one, stats_reset: reset }));
    const before = tableOf(resetAt(50, row('1', 9), row('2', 5)), 150);
    const of = (now: StatementRow[], interval: Parameters<typeof compare>[2]) => {
      const compared = compare(tableOf(now, 210), before, interval);
      return [compared.interval, compared.statements.map(({ interval: work }) => work?.calls)];
    };

    test.each<[string, StatementRow[], Parameters<typeof compare>[2], unknown]>([
      [
        'a reset: everything is of the time since',
        resetAt(180, row('1', 12)),
        { seconds: 60 },
        [{ seconds: 30 }, [12]],
      ],
      ['a reset a moment ago', resetAt(209.5, row('1', 1)), { seconds: 60 }, [{ noRate: 'reset' }, [undefined]]],
      [
        'a restart that kept the counters',
        resetAt(50, row('1', 12), row('2', 5)),
        { noRate: 'restart' },
        [{ seconds: 60 }, [3, 0]],
      ],
      ['a crash that lost them', resetAt(170, row('1', 12)), { noRate: 'restart' }, [{ seconds: 40 }, [12]]],
      ['a gap stays one', resetAt(50, row('1', 12)), { noRate: 'gap' }, [{ noRate: 'gap' }, [undefined]]],
    ])('%s', (_, now, interval, expected) => {
      expect(of(now, interval)).toEqual(expected);
    });

    test('a restart of an hour is a gap', () => {
      expect(compare(tableOf(resetAt(50, row('1', 12)), 4_000), before, { noRate: 'restart' }).interval).toEqual({
        noRate: 'gap',
      });
    });
  });

  test('[A9] evicted entries are counted: ten or a twentieth at each eviction, before 1.9 those that are gone', () => {
    const evictions = (count: number, rows: StatementRow[]) =>
      rows.map((one) => ({ ...one, stats_reset: 50, evictions: count }));
    const many = Array.from({ length: 400 }, (_, i) => row(String(i), 1));
    const between = (before: StatementRow[], now: StatementRow[]) =>
      compare(tableOf(now, 210), tableOf(before, 150), { seconds: 60 }).evicted;
    expect(between(evictions(2, others), evictions(5, others))).toBe(30);
    expect(between(evictions(2, many), evictions(3, many))).toBe(20);
    expect(between(evictions(2, many), evictions(2, many))).toBe(0);
    expect(between(others, others.slice(1))).toBe(1);
  });

  test('mean and deviation of the interval are exact', () => {
    // Before: 1, 3 ms. Since: 10, 20, 30 ms.
    const stddev = (times: number[]) => {
      const mean = times.reduce((a, b) => a + b, 0) / times.length;
      return Math.sqrt(times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / times.length);
    };
    const of = (times: number[]) =>
      row('1', times.length, { exec_ms: times.reduce((a, b) => a + b, 0), stddev_ms: stddev(times) });
    const { timings } = compare(tableOf([of([1, 3, 10, 20, 30])], 210), tableOf([of([1, 3])], 150), { seconds: 60 });
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
      tableOf(now, 210),
      tableOf([row('idle', 1_000_000, { exec_ms: 9e9, blocks_read: 1e9 })], 150),
      { seconds: 60 },
    );
    const top = (count: number) => topStatements(statements, count).map(({ queryid }) => queryid);
    expect(top(3)).toEqual(['slow', 'often', 'reads']);
    expect(top(4)).toEqual(['slow', 'often', 'reads', 'some']);
    expect(top(50)).toHaveLength(5);
    expect(top(50).at(-1)).toBe('idle');
  });
});
