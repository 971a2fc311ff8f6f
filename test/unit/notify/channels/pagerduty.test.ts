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
    payload: { source: 'shop', severity: 'critical', class: 'blocking_locks' },
  });
});

test('[M5] a test opens an incident and resolves it', async () => {
  const requests = await sentBy((url) => ({ type: 'pagerduty', routing_key: 'r', url }), { kinds: ['test'] });
  const events = requests.map(({ body }) => JSON.parse(body));
  expect(events.map(({ event_action, dedup_key, routing_key }) => [event_action, dedup_key, routing_key])).toEqual([
    ['trigger', 'f1', 'r'],
    ['resolve', 'f1', 'r'],
  ]);
});
