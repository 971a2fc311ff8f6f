import { expect, test } from 'vitest';
import { instantOf, shownTime, type TimeParams, textOf, timeFaults, withMoment } from '../../../ui/src/shown-time.ts';

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
  [
    'an end in the future is now',
    { to: '2027-01-01T00:00:00Z' },
    { from: '-1h', to: 'now', at: undefined, isNow: true },
  ],
  ['nonsense is nothing', { from: 'x', to: 'y', at: 'z' }, { from: '-1h', to: 'now', at: undefined, isNow: true }],
  [
    'an end before its beginning is an hour up to the end',
    { from: '2026-11-22T05:00:00Z', to: '2026-11-22T04:00:00Z' },
    { from: '2026-11-22T03:00:00Z', to: '2026-11-22T04:00:00Z', at: '2026-11-22T04:00:00Z', isNow: false },
  ],
];

test.each(cases)('%s', (_, params, shown) => expect(shownTime(params, now)).toEqual(shown));

test.each<[TimeParams, string[]]>([
  [{}, []],
  [{ from: '-6h', at: '2026-11-22T03:12:00Z' }, []],
  [{ at: 'now', to: '2026-11-22T09:00:30Z' }, []],
  [{ at: 'foo' }, ['at=foo is no time: now is shown.']],
  [{ at: '2030-01-01T00:00:00Z' }, ['at=2030-01-01T00:00:00Z is in the future: now is shown.']],
  [
    { from: 'x', to: 'y' },
    ['from=x is no time: the range is the default one.', 'to=y is no time: the range ends now.'],
  ],
  [
    { from: '2026-11-22T05:00:00Z', to: '2026-11-22T04:00:00Z' },
    ['from=2026-11-22T05:00:00Z is not before to=2026-11-22T04:00:00Z: the hour before that is shown.'],
  ],
  [{ from: '2026-11-22T10:00:00Z' }, ['from=2026-11-22T10:00:00Z is not before now: the hour before that is shown.']],
])('what of %j is not shown, and what is instead', (params, faults) => expect(timeFaults(params, now)).toEqual(faults));

const zoomed = { from: '2026-11-22T03:00:00Z', to: '2026-11-22T03:30:00Z' };
const clicked = '2026-11-22T03:12:00Z';

test.each<[string, TimeParams, string, TimeParams]>([
  ['within a range that was zoomed into leaves it', zoomed, clicked, { ...zoomed, at: clicked }],
  [
    'elsewhere leaves it',
    zoomed,
    '2026-11-22T05:00:00Z',
    { from: undefined, to: undefined, at: '2026-11-22T05:00:00Z' },
  ],
  [
    'within a relative range that ended leaves it',
    { from: '-7h', to: '-5h' },
    clicked,
    { from: '-7h', to: '-5h', at: clicked },
  ],
  ['moves a range up to now', { from: '-6h' }, clicked, { from: '-6h', to: undefined, at: clicked }],
  ['moves the default range', {}, clicked, { from: undefined, to: undefined, at: clicked }],
])('a moment %s', (_, params, at, next) => expect(withMoment(params, at, now)).toEqual(next));

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
