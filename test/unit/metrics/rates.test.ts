import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Counters, rates } from '../../../src/metrics/rates.ts';

function at(
  seconds: number,
  value: number,
  options: { epoch?: number; startedAt?: number; role?: 'primary' | 'standby' } = {},
): Counters {
  const { epoch, startedAt = 1, role = 'primary' } = options;
  return {
    moment: { at: seconds, startedAt, role },
    points: [{ metric: 'c_total', labels: {}, value, ...(epoch === undefined ? {} : { epoch }) }],
  };
}

test.each([
  ['first run says nothing', undefined, at(60, 10), [], ['first-run']],
  ['steady growth', at(0, 10), at(60, 70), [1], []],
  ['standing still is a zero', at(0, 10), at(60, 10), [0], []],
  ['stats_reset moved', at(0, 10, { epoch: 5 }), at(60, 70, { epoch: 6 }), [], ['reset']],
  ['stats_reset came up', at(0, 10), at(60, 70, { epoch: 6 }), [], ['reset']],
  ['stats_reset came up with the first counts', at(0, 0), at(60, 60, { epoch: 6 }), [1], []],
  ['value went down', at(0, 10), at(60, 5), [], ['reset']],
  ['clock stood still', at(60, 10), at(60, 70), [], ['clock']],
  ['clock went back', at(60, 10), at(30, 70), [], ['clock']],
  ['restart', at(0, 10), at(60, 70, { startedAt: 50 }), [], ['restart']],
  ['failover', at(0, 10), at(60, 70, { role: 'standby' }), [], ['failover']],
  ['gap', at(0, 10), at(901, 70), [], ['gap']],
  ['as long as passes may be apart', at(0, 10), at(900, 910), [1], []],
  ['as short as the clock can tell', at(0, 10), at(0.001, 11), [1_000], []],
  ['a reset whose last value was 0 is one', at(0, 0, { epoch: 5 }), at(60, 60, { epoch: 6 }), [], ['reset']],
  ['a start that was read a microsecond apart is the same', at(0, 10), at(60, 70, { startedAt: 1.000001 }), [1], []],
])('%s', (_name, before, now, want, why) => {
  const found = rates(before, now, 900);
  expect(found.rates.map(({ value }) => value)).toEqual(want);
  expect([...found.noRates.values()]).toEqual(why);
});

test('a series that is new has no rate, the others do', () => {
  const now = { ...at(60, 70), points: [...at(60, 70).points, { metric: 'c_total', labels: { db: 'new' }, value: 9 }] };
  const found = rates(at(0, 10), now, 900);
  expect(found.rates).toHaveLength(1);
  expect([...found.noRates]).toEqual([['c_total{db="new"}', 'first-run']]);
});

test('never negative, never NaN: every series has a rate or a reason', () => {
  const number = fc.double({ min: 0, max: 1e18, noNaN: true });
  const epoch = fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined });
  const side = fc.record({ seconds: fc.double({ min: -1e3, max: 1e6, noNaN: true }), value: number, epoch });
  fc.assert(
    fc.property(side, side, (before, now) => {
      const of = ({ seconds, value, epoch: e }: typeof before) =>
        at(seconds, value, e === undefined ? {} : { epoch: e });
      const found = rates(of(before), of(now), 900);
      expect(found.rates.length + found.noRates.size).toBe(1);
      for (const { value } of found.rates) expect(value >= 0 && Number.isFinite(value)).toBe(true);
    }),
    { numRuns: 10_000 },
  );
});

test('the sum is preserved when an interval is split', () => {
  fc.assert(
    fc.property(
      fc.nat(1e6),
      fc.nat(1e6),
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: 400 }),
      (a, b, s, t) => {
        const [first] = rates(at(0, 0), at(s, a), 900).rates;
        const [second] = rates(at(s, a), at(s + t, a + b), 900).rates;
        expect((first?.value ?? 0) * s + (second?.value ?? 0) * t).toBeCloseTo(a + b, 3);
      },
    ),
    { numRuns: 10_000 },
  );
});
