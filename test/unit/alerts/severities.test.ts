import { describe, expect, test } from 'vitest';
import { type Comparison, SEVERITIES, type Severity } from '../../../src/alerts/rule.ts';
import { advanceSeverities, hasPassed, holds, severityOf } from '../../../src/alerts/severities.ts';
import type { SeverityState } from '../../../src/alerts/state.ts';

test.each<[Comparison, boolean, boolean, boolean]>([
  ['>', false, false, true],
  ['>=', false, true, true],
  ['<', true, false, false],
  ['<=', true, true, false],
  ['==', false, true, false],
  ['!=', true, false, true],
])('a value %s 5: below %s, equal %s, above %s', (comparison, below, equal, above) => {
  expect([4, 5, 6].map((value) => holds(comparison, value, 5))).toEqual([below, equal, above]);
});

test.each([
  ['half an interval early', 60, 15, 52.5],
  ['half of the time itself, where it is shorter than the interval', 10, 15, 5],
  ['no time at all', 0, 15, 0],
])('%s is long enough, and a tenth of a second less is not', (_, seconds, interval, enough) => {
  expect(hasPassed(seconds, 1_000, 1_000 + enough, interval)).toBe(true);
  expect(hasPassed(seconds, 1_000, 1_000 + enough - 0.1, interval)).toBe(false);
});

describe('one severity, pass by pass', () => {
  const firing: SeverityState = { severity: 'warning', since: 100, firing: true };
  const pending: SeverityState = { severity: 'warning', since: 100, firing: false };
  const advanced = (before: readonly SeverityState[], held: readonly Severity[], at: number, more: object = {}) =>
    advanceSeverities(before, new Set(held), { forSeconds: 300, at, intervalSeconds: 15, gap: false, ...more });

  test.each<[string, readonly SeverityState[], boolean, number, object, readonly SeverityState[]]>([
    ['first seen, it is pending', [], true, 100, {}, [pending]],
    ['first seen, it fires where `for` is 0', [], true, 100, { forSeconds: 0 }, [firing]],
    ['just before `for` it is pending', [pending], true, 392.4, {}, [pending]],
    ['after `for` it fires', [pending], true, 392.5, {}, [firing]],
    ['over before `for`, it never was', [pending], false, 392.5, {}, []],
    ['after a gap what was pending starts over', [pending], true, 900, { gap: true }, [{ ...pending, since: 900 }]],
    ['after a gap what fires still does, since its beginning', [firing], true, 900, { gap: true }, [firing]],
    ['clear for the first time, it still fires', [firing], false, 400, {}, [{ ...firing, clearSince: 400 }]],
    [
      'bad again meanwhile, it starts to clear from the beginning',
      [{ ...firing, clearSince: 400 }],
      true,
      415,
      {},
      [firing],
    ],
  ])('%s', (_, before, isHeld, at, more, after) => {
    expect(advanced(before, isHeld ? ['warning'] : [], at, more)).toEqual(after);
  });

  test.each([
    ['two minutes at least', 0, 120],
    ['two minutes where `for` is shorter', 30, 120],
    ['its `for`', 300, 300],
    ['a quarter of an hour at most', 3_600, 900],
  ])('it is over once it was clear for %s', (_, forSeconds, seconds) => {
    const clearing = { ...firing, clearSince: 1_000 };
    expect(advanced([clearing], [], 1_000 + seconds - 7.6, { forSeconds })).toEqual([clearing]);
    expect(advanced([clearing], [], 1_000 + seconds - 7.5, { forSeconds })).toEqual([]);
  });

  test('each severity has its own beginning and its own end', () => {
    const critical: SeverityState = { severity: 'critical', since: 50, firing: true };
    expect(advanced([firing, critical], ['warning'], 400)).toEqual([firing, { ...critical, clearSince: 400 }]);
    expect(advanced([firing], ['warning', 'critical'], 400)).toEqual([
      firing,
      { severity: 'critical', since: 400, firing: false },
    ]);
  });
});

test('an alert is as severe as the most severe that fires, pending ones not counted', () => {
  const state = (severity: Severity, firing: boolean): SeverityState => ({ severity, since: 0, firing });
  expect(severityOf([])).toBeUndefined();
  expect(severityOf([state('critical', false)])).toBeUndefined();
  expect(severityOf([state('critical', false), state('info', true)])).toBe('info');
  expect(severityOf(SEVERITIES.toReversed().map((one) => state(one, true)))).toBe('critical');
});
