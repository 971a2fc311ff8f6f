import { expect, test } from 'vitest';
import { instantOf, shownTime, type TimeParams, textOf } from '../../../ui/src/shown-time.ts';

const now = new Date('2026-11-22T09:00:00Z');

const cases: readonly [string, TimeParams, ReturnType<typeof shownTime>][] = [
  ['nothing is the last hour', {}, { from: '-1h', to: 'now', at: undefined, isNow: true }],
  ['a relative range ends now', { from: '-6h' }, { from: '-6h', to: 'now', at: undefined, isNow: true }],
  [
    'a range that ended is looked at from its end',
    { from: '2026-11-22T03:00:00Z', to: '2026-11-22T03:30:00Z' },
    { from: '2026-11-22T03:00:00Z', to: '2026-11-22T03:30:00Z', at: '2026-11-22T03:30:00Z', isNow: false },
  ],
  ['a relative range that ended, too', { from: '-2d', to: '-1d' }, { from: '-2d', to: '-1d', at: '-1d', isNow: false }],
  [
    'a moment is in the middle of its range',
    { at: '2026-11-22T03:12:00Z' },
    { from: '2026-11-22T02:42:00Z', to: '2026-11-22T03:42:00Z', at: '2026-11-22T03:12:00Z', isNow: false },
  ],
  [
    'no range ends after now',
    { at: '2026-11-22T08:50:00Z' },
    { from: '2026-11-22T08:20:00Z', to: 'now', at: '2026-11-22T08:50:00Z', isNow: false },
  ],
  [
    'a moment within a range of its own leaves it',
    { from: '2026-11-22T03:00:00Z', to: '2026-11-22T03:30:00Z', at: '2026-11-22T03:12:00Z' },
    { from: '2026-11-22T03:00:00Z', to: '2026-11-22T03:30:00Z', at: '2026-11-22T03:12:00Z', isNow: false },
  ],
  ['a relative moment', { at: '-3h' }, { from: '-210m', to: '-150m', at: '-3h', isNow: false }],
  ['a moment now is none', { at: 'now' }, { from: '-1h', to: 'now', at: undefined, isNow: true }],
  ['the future is now', { at: '2027-01-01T00:00:00Z' }, { from: '-1h', to: 'now', at: undefined, isNow: true }],
  ['nonsense is nothing', { from: 'x', to: 'y', at: 'z' }, { from: '-1h', to: 'now', at: undefined, isNow: true }],
  [
    'an end before its beginning is an hour up to the end',
    { from: '2026-11-22T05:00:00Z', to: '2026-11-22T04:00:00Z' },
    { from: '2026-11-22T03:00:00Z', to: '2026-11-22T04:00:00Z', at: '2026-11-22T04:00:00Z', isNow: false },
  ],
];

test.each(cases)('%s', (_, params, shown) => expect(shownTime(params, now)).toEqual(shown));

test('texts of the address are points in time', () => {
  expect(instantOf('-15m', now)?.toISOString()).toBe('2026-11-22T08:45:00.000Z');
  expect(instantOf('-1w', now)?.toISOString()).toBe('2026-11-15T09:00:00.000Z');
  expect(instantOf('now', now)).toEqual(now);
  expect(instantOf('2026-11-22T10:00:00+01:00', now)).toEqual(now);
  expect(instantOf('yesterday', now)).toBeUndefined();
  expect([{ ago: 86_400 }, { ago: 5_400 }, { ago: 61 }, { ago: 0 }].map(textOf)).toEqual([
    '-1d',
    '-90m',
    '-61s',
    'now',
  ]);
});
