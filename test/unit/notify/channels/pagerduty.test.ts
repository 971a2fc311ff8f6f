import { expect, test } from 'vitest';
import { sentBy } from '../../../support/channels.ts';

test('trigger and resolve with one key, whatever the severity', async () => {
  const kinds = ['firing', 'escalated', 'repeated', 'resolved'] as const;
  const requests = await sentBy((url) => ({ type: 'pagerduty', routing_key: 'r', url }), { kinds });
  const events = requests.map(({ body }) => JSON.parse(body));
  expect(events.map(({ event_action, dedup_key }) => [event_action, dedup_key])).toEqual([
    ['trigger', 'f1'],
    ['trigger', 'f1'],
    ['trigger', 'f1'],
    ['resolve', 'f1'],
  ]);
  expect(events[0]).toMatchObject({
    routing_key: 'r',
    payload: {
      summary: 'shop: 2 sessions blocked for 3 min by billing <x>',
      source: 'shop',
      severity: 'critical',
      class: 'blocking_locks',
      custom_details: {
        what: 'A session has been waiting for a lock for 3 min, the longest of 2 that wait (threshold 2 min).',
        when: 'Critical. Since 2026-03-02 03:12:00 UTC, for 3 min.',
        who: expect.stringMatching(/^pid 4711, billing <x>, idle in transaction for 6 min/),
        statement: 'UPDATE "odd & orders" SET total = ? WHERE id < ?',
        end_it: 'SELECT pg_terminate_backend(4711);',
        end_it_effect: 'frees 2 sessions, rolls back 7 min of work',
        what_to_do: 'End the root of the lock tree (view Locks), or wait for it.',
        value: 200,
        threshold: 120,
        since: '2026-03-02T03:12:00.000Z',
        title: 'Blocking locks',
        id: 'id-firing',
        labels: { db: 'shop' },
      },
    },
  });
  expect(events[0].links.map(({ text }: { text: string }) => text)).toEqual([
    'Open at 03:15',
    'Runbook',
    'Silence 1 h',
  ]);
});

test('[M5] a test opens an incident and resolves it', async () => {
  const requests = await sentBy((url) => ({ type: 'pagerduty', routing_key: 'r', url }), { kinds: ['test'] });
  const events = requests.map(({ body }) => JSON.parse(body));
  expect(events.map(({ event_action, dedup_key, routing_key }) => [event_action, dedup_key, routing_key])).toEqual([
    ['trigger', 'f1', 'r'],
    ['resolve', 'f1', 'r'],
  ]);
});
