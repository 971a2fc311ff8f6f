import { expect, test } from 'vitest';
import { changedText } from '../../../src/cli/changed-text.ts';
import { clockOf } from '../../../src/cli/times.ts';
import { eventAt } from '../events/support.ts';

const shown = (at: string, more: Parameters<typeof eventAt>[1]) => ({
  ...eventAt(at, more),
  title: 'Deployment',
  link: '#/changed',
});
const nothing = {
  cluster: 'shop',
  at: '2026-03-01T03:15:00.000Z',
  from: '2026-03-01T03:00:00.000Z',
  to: '2026-03-01T03:15:00.000Z',
  before_from: '2026-03-01T02:45:00.000Z',
  events: [],
  moves: [],
  notes: [],
};

test('what changed, as text: events, then what moved most, then what could not be compared', () => {
  const answer = {
    ...nothing,
    alert: { fingerprint: 'a'.repeat(32), rule: 'connections_high', title: 'Many connections', message: '95 of 100' },
    events: [
      shown('2026-03-01T03:12:10.000Z', { kind: 'deploy', source: 'posted', text: 'deploy 4711' }),
      shown('2026-03-01T03:12:00.000Z', { db: 'app', text: 'Index public.orders_note was dropped.' }),
    ],
    more_events: 1_500,
    moves: [
      {
        kind: 'statement' as const,
        name: '-77',
        db: 'app',
        text: 'SELECT *\n  FROM orders',
        unit: 'ms/s',
        before: null,
        after: 1_234.56,
        change: 1_234.56,
        cause: 'time per call' as const,
        calls: { before: 50, after: 51.23 },
        mean: { before: 0.001_5, after: 0.0241 },
        weight: 1.2,
        link: '#/queries',
      },
      {
        kind: 'wait' as const,
        name: 'Lock: transactionid',
        unit: 'sessions',
        before: 0,
        after: 3.456,
        change: 3.456,
        weight: 3,
        link: '#/activity',
      },
    ],
    notes: ['Tables: there are not three readings of their counters yet.'],
  };
  expect(changedText(answer, clockOf({}, 'Europe/Berlin'))).toBe(`\
What changed on shop from 2026-03-01 04:00:00 to 2026-03-01 04:15:00 (Europe/Berlin): 1,502 events, of which 2 are shown, 2 moves.
Then began: Many connections: 95 of 100.

Events:
  2026-03-01 04:12:10  deploy 4711
  2026-03-01 04:12:00  Index public.orders_note was dropped. (app)

Moved most, against the 15 min before:
  Statement -77 in app: not listed → 1,235 ms a second, by time per call.
    50 → 51.2 calls a second, 1.5 → 24.1 ms a call
    SELECT * FROM orders
  Wait Lock: transactionid: 0 → 3.46 active sessions.

Of this comparison:
  Tables: there are not three readings of their counters yet.`);
});

test('nothing changed, and there is no data of then', () => {
  expect(changedText({ ...nothing, since: '2026-03-02T00:00:00Z' }, clockOf({ utc: true }))).toBe(`\
What changed on shop from 2026-03-01 03:00:00 to 2026-03-01 03:15:00 (UTC): no events, nothing moved.
The data begins at 2026-03-02 00:00:00.`);
});
