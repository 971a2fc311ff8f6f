import { describe, expect, test } from 'vitest';
import { isOpen, suppression } from '../../../src/alerts/suppression.ts';
import { maintenanceWindow } from '../../../src/config/maintenance.ts';

const seconds = (time: string) => Date.parse(time) / 1_000;

describe('maintenance windows', () => {
  const night = { days: ['sat'], from: '22:00', to: '02:00', zone: 'Europe/Berlin' };
  test.each<[string, object, string, boolean]>([
    ['before it begins', night, '2026-03-07T20:59:59Z', false],
    ['at its beginning', night, '2026-03-07T21:00:00Z', true],
    ['after midnight, on the day after', night, '2026-03-08T00:59:59Z', true],
    ['at its end', night, '2026-03-08T01:00:00Z', false],
    ['a week later, in summer time, it begins an hour earlier by UTC', night, '2026-04-04T20:00:00Z', true],
    ['and not an hour before', night, '2026-04-04T19:59:59Z', false],
    [
      'over the change to summer time: 02:00 does not exist, it ends at 03:00',
      { ...night },
      '2026-03-29T00:59:59Z',
      true,
    ],
    ['the moment the clocks jump', { ...night }, '2026-03-29T01:00:00Z', false],
    [
      'over the change to winter time: the hour that comes twice',
      { ...night, to: '03:00' },
      '2026-10-25T01:59:59Z',
      true,
    ],
    ['and its end, by the second of both', { ...night, to: '03:00' }, '2026-10-25T02:00:00Z', false],
    ['over the end of a month', { ...night, days: ['tue'] }, '2026-03-31T23:30:00Z', true],
    ['over the end of a year', { ...night, days: ['thu'] }, '2026-12-31T23:30:00Z', true],
    [
      'the whole day, from midnight to midnight',
      { days: ['mon'], from: '00:00', to: '00:00' },
      '2026-03-02T23:59:59Z',
      true,
    ],
    ['and not the next', { days: ['mon'], from: '00:00', to: '00:00' }, '2026-03-03T00:00:00Z', false],
    ['once', { from: '2026-12-01T22:00:00Z', to: '2026-12-02T02:00:00+01:00' }, '2026-12-02T00:59:59Z', true],
    ['once, before it', { from: '2026-12-01T22:00:00Z', to: '2026-12-02T02:00:00Z' }, '2026-12-01T21:59:59Z', false],
    [
      'once, at its beginning',
      { from: '2026-12-01T22:00:00Z', to: '2026-12-02T02:00:00Z' },
      '2026-12-01T22:00:00Z',
      true,
    ],
    [
      'once, and over',
      { from: '2026-12-01T22:00:00Z', to: '2026-12-02T02:00:00+01:00' },
      '2026-12-02T01:00:00Z',
      false,
    ],
  ])('%s', (_, window, at, open) => {
    expect(isOpen(maintenanceWindow.parse(window), seconds(at))).toBe(open);
  });

  test.each([
    [{ days: ['sat'], from: '22:00', to: '25:00' }],
    [{ days: [], from: '22:00', to: '23:00' }],
    [{ days: ['sat'], from: '22:00', to: '23:00', zone: 'Europe/Atlantis' }],
    [{ from: '2026-12-02T00:00:00Z', to: '2026-12-01T00:00:00Z' }],
    [{ from: 'tomorrow', to: 'later' }],
  ])('%j is refused', (window) => {
    expect(maintenanceWindow.safeParse(window).success).toBe(false);
  });
});

describe('who is not notified', () => {
  const subject = { cluster: 'shop', rule: 'replication_lag', labels: { replica: 'one' } };
  const silence = (more: object) => ({
    id: 'a1',
    until: '2026-03-02T12:00:00Z',
    createdAt: '2026-03-02T10:00:00Z',
    ...more,
  });
  const at = seconds('2026-03-02T11:00:00Z');
  test.each<[string, object, boolean]>([
    ['everything', {}, true],
    ['of the target', { cluster: 'shop' }, true],
    ['of another target', { cluster: 'other' }, false],
    ['of the rule', { rule: 'replication_lag' }, true],
    ['of another rule', { rule: 'server_down' }, false],
    ['of the label', { labels: { replica: 'one' } }, true],
    ['of another label', { labels: { replica: 'two' } }, false],
    ['that is over', { until: '2026-03-02T11:00:00Z' }, false],
  ])('a silence %s', (_, more, quiet) => {
    expect(suppression(subject, [], [silence(more)], at) !== undefined).toBe(quiet);
  });

  test('a window names its reason, for its targets and rules only', () => {
    const window = (more: object) =>
      maintenanceWindow.parse({ days: ['mon'], from: '10:00', to: '12:00', reason: 'upgrade', ...more });
    expect(suppression(subject, [window({})], [], at)).toBe('maintenance: upgrade');
    expect(suppression(subject, [window({ clusters: ['other'] })], [], at)).toBeUndefined();
    expect(suppression(subject, [window({ rules: ['server_down'] })], [], at)).toBeUndefined();
  });
});
