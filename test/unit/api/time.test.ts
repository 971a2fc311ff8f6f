import fc from 'fast-check';
import { HTTPException } from 'hono/http-exception';
import { describe, expect, test } from 'vitest';
import { momentOf, timeOf, windowOf } from '../../../src/api/time.ts';

const now = new Date('2026-11-21T12:00:00.000Z');
const DAY_MS = 86_400_000;
const ago = (ms: number) => new Date(now.getTime() - ms);

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof HTTPException && error.status === 400) return error.message;
    throw error;
  }
  return 'not refused';
}

describe('a time', () => {
  test.each([
    ['now', now],
    ['-0s', now],
    ['-90s', ago(90_000)],
    ['-15m', ago(900_000)],
    ['-6h', ago(6 * 3_600_000)],
    ['-7d', ago(7 * DAY_MS)],
    ['-2w', ago(14 * DAY_MS)],
    ['2026-11-21T03:12:00Z', new Date('2026-11-21T03:12:00Z')],
    ['2026-11-21T05:12:00.250+02:00', new Date('2026-11-21T03:12:00.250Z')],
    ['2024-02-29T00:00:00Z', new Date('2024-02-29T00:00:00Z')],
  ])('%s', (text, expected) => {
    expect(timeOf(text, now)).toEqual(expected);
  });

  test.each([
    '',
    'NOW',
    'yesterday',
    '15m',
    '+15m',
    '-15',
    '-1y',
    '-1.5h',
    '- 15m',
    '-9999999999d',
    '-999999999w',
    '1763694720',
    '2026-11-21',
    '2026-11-21T03:12:00',
    '2026-11-21T05:12:00 02:00',
    '2026-13-01T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '2026-11-21T03:12:00Z\n',
  ])('%j is none', (text) => {
    expect(timeOf(text, now)).toBeUndefined();
  });

  test('any time comes back from its RFC 3339 text, in any zone; any length is before now', () => {
    const moment = fc.date({ min: new Date(0), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true });
    fc.assert(
      fc.property(moment, (time) => {
        expect(timeOf(time.toISOString(), now)).toEqual(time);
      }),
    );
    const zone = fc.integer({ min: -14 * 60, max: 14 * 60 });
    fc.assert(
      fc.property(fc.date({ min: new Date(DAY_MS), max: now, noInvalidDate: true }), zone, (time, minutes) => {
        const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0');
        const local = new Date(time.getTime() + minutes * 60_000).toISOString().slice(0, -1);
        const offset = `${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
        expect(timeOf(`${local}${offset}`, now)).toEqual(time);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9_999 }), fc.constantFrom('s', 'm', 'h', 'd'), (count, unit) => {
        const ms = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS }[unit] ?? 0;
        expect(timeOf(`-${count}${unit}`, now)).toEqual(ago(count * ms));
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        const time = timeOf(text, now);
        expect(time === undefined || Number.isFinite(time.getTime())).toBe(true);
      }),
    );
  });
});

describe('a moment', () => {
  test.each([
    [{}, undefined],
    [{ at: 'now' }, undefined],
    [{ at: '2026-11-21T12:00:59Z' }, undefined],
    [{ at: '-5m' }, ago(300_000)],
    [{ to: '-5m' }, ago(300_000)],
    [{ from: '-1h', to: 'now' }, undefined],
    [{ from: '-1h', to: '-5m' }, ago(300_000)],
    [{ at: '-10m', from: '-1h', to: '-5m' }, ago(600_000)],
  ])('%j', (asked, expected) => {
    expect(momentOf(asked, now)).toEqual(expected);
  });
});

describe('a range', () => {
  test.each([
    [{}, ago(3_600_000), now],
    [{ at: '-1d' }, ago(DAY_MS + 3_600_000), ago(DAY_MS)],
    [{ from: '-15m' }, ago(900_000), now],
    [{ to: '-1h' }, ago(7_200_000), ago(3_600_000)],
    [{ from: '-2h', to: '-1h' }, ago(7_200_000), ago(3_600_000)],
    [{ from: '-2h', to: '-1h', at: '-90m' }, ago(7_200_000), ago(3_600_000)],
    [{ from: '-2h', at: '-90m' }, ago(7_200_000), now],
    [{ from: '-400d' }, ago(400 * DAY_MS), now],
    [{ from: '-1000d', to: '-700d' }, ago(1_000 * DAY_MS), ago(700 * DAY_MS)],
  ])('%j', (asked, from, to) => {
    expect(windowOf(asked, now, 3_600)).toEqual({ from, to });
  });
});

describe('what is refused says what is allowed', () => {
  test.each([
    [{ at: 'yesterday' }, 'at: must be RFC 3339 (2026-11-21T03:12:00Z; write + as %2B), now, or -15m'],
    [{ at: '2026-11-21T12:01:01Z' }, 'at: is in the future; it is 2026-11-21T12:00:00.000Z now'],
    [{ to: '2027-01-01T00:00:00Z' }, 'to: is in the future'],
    [{ from: '2027-01-01T00:00:00Z' }, 'from: is in the future'],
    [{ from: '-5m', to: '-10m' }, 'from: must be before to, which is -10m'],
    [{ from: '-5m', to: '-5m' }, 'from: must be before to'],
    [{ from: 'now' }, 'from: must be before to, which is now by default'],
    [{ from: '-401d' }, 'from: must be at most 400 days before to'],
  ])('%j', (asked, expected) => {
    expect(refusal(() => windowOf(asked, now, 3_600))).toContain(expected);
    expect(refusal(() => momentOf(asked, now))).toContain(expected);
  });
});
