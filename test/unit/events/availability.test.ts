import { expect, test } from 'vitest';
import { eventsOfWindow } from '../../../src/events/changed.ts';
import { eventsOf } from '../../../src/events/compare.ts';
import { restart, targetUp } from '../../../src/events/kinds/availability.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { passAt } from './support.ts';

const fail = (kind: string, error: unknown) => {
  throw new Error(`${kind} failed`, { cause: error });
};

test('a server that was down: how long it ran ends when it was last seen, and what came later is not of a window before', () => {
  const server = (minute: number, startedAt: number): Snapshot => ({
    ...passAt(minute, 'hot', []),
    server: { version: '18.4', major: 18, role: 'primary', startedAt, database: 'app', pooled: false },
  });
  const begin = Date.parse(passAt(0, 'hot', []).takenAt) / 1_000;
  const previous = server(4, begin);
  const last: Snapshot = {
    ...passAt(6, 'hot', []),
    up: false,
    problem: { kind: 'unreachable', message: 'refused', hint: '' },
  };
  const current = server(9, begin + 8 * 60);
  const events = eventsOf([restart, targetUp], { last, previous, current, now: new Date(current.takenAt) }, fail);
  expect(events).toMatchObject([
    {
      kind: 'restart',
      at: new Date((begin + 480) * 1_000).toISOString(),
      text: 'The server was restarted; it had run for 4 min when it was last seen.',
    },
    { kind: 'target_up', at: current.takenAt, since: last.takenAt },
  ]);
  const kindsUpTo = (minute: number) =>
    eventsOfWindow(events, new Date(begin * 1_000), new Date(passAt(minute, 'hot', []).takenAt)).map(
      ({ kind }) => kind,
    );
  expect(kindsUpTo(5)).toEqual([]);
  expect(kindsUpTo(7)).toEqual(['target_up']);
  expect(kindsUpTo(8).toSorted()).toEqual(['restart', 'target_up']);
});
