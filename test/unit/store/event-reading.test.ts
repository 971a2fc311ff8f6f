import { expect, test } from 'vitest';
import type { Transition } from '../../../src/alerts/transition.ts';
import { AlertHistoryStore } from '../../../src/store/alerts.ts';
import { eventsAndAlerts } from '../../../src/store/event-reading.ts';
import { EventStore } from '../../../src/store/events.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { eventAt } from '../events/support.ts';

const BEGIN = Date.parse('2026-03-01T23:50:00Z');
const minute = (n: number) => new Date(BEGIN + n * 60_000).toISOString();

function transition(id: string, kind: Transition['kind'], at: string, more: Partial<Transition> = {}): Transition {
  return {
    ...{ id, fingerprint: `f${id}`, kind, at, cluster: 'shop', rule: 'blocked', title: 'Blocked', severity: 'warning' },
    ...{ labels: {}, since: minute(0), message: '5 sessions wait', action: '', panel: 'locks', ...more },
  };
}

async function storesWith(transitions: readonly Transition[]) {
  const table = SqliteTable.inMemory(() => new Date(BEGIN));
  const stores = { events: new EventStore(table), alertHistory: new AlertHistoryStore(table) };
  for (const one of transitions) await stores.alertHistory.put(one);
  return stores;
}

test('an alert ends when its condition was over, not when receivers were notified of that', async () => {
  const stores = await storesWith([
    transition('ended', 'resolved', minute(12), { until: minute(10) }),
    // Nobody looked for hours: when it was over is not known well enough to stand there.
    transition('late', 'resolved', minute(400), { until: minute(20) }),
  ]);
  const of = async (from: number, to: number) =>
    (
      await eventsAndAlerts(stores, 'shop', {
        from: new Date(minute(from)),
        to: new Date(minute(to)),
        limit: 10,
        routine: false,
      })
    ).events;
  expect(await of(9, 11)).toMatchObject([
    {
      at: minute(10),
      kind: 'alert_ended',
      text: 'Over: Blocked: 5 sessions wait; it lasted 10 min, and was closed at 00:02:00 UTC.',
    },
  ]);
  expect(await of(11, 30)).toEqual([]);
  expect(await of(399, 401)).toMatchObject([{ at: minute(400) }]);
});

test.each([1, 2, 5, 500])('pages of %i have begins, late ends and events once, in order of time', async (limit) => {
  // Each ends 15 minutes before its transition: among the begins of others that are older in the history.
  const transitions = Array.from({ length: 30 }, (_, i) => [
    transition(`begin ${String(i).padStart(2, '0')}`, 'firing', minute(i)),
    transition(`end ${String(i).padStart(2, '0')}`, 'resolved', minute(i + 16), { until: minute(i + 1) }),
  ]).flat();
  const stores = await storesWith(transitions);
  await stores.events.append(
    'shop',
    Array.from({ length: 10 }, (_, i) => eventAt(minute(3 * i), { id: `deploy ${i}`, cluster: 'shop' })),
  );
  const seen: { at: string; id: string }[] = [];
  const query = { from: new Date(minute(2)), to: new Date(minute(28)), limit, routine: true };
  for (let after: { at: string; id: string } | undefined, i = 0; i < 100; i++) {
    const page = await eventsAndAlerts(stores, 'shop', { ...query, after });
    seen.push(...page.events);
    after = page.next;
    if (!after) break;
  }
  const times = seen.map(({ at }) => at);
  expect(times).toEqual(times.toSorted().toReversed());
  expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
  // 27 begins, 27 ends, and deployments of minutes 3 to 27.
  expect(seen).toHaveLength(27 + 27 + 9);
});
