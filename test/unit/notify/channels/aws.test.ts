import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Transition } from '../../../../src/alerts/transition.ts';
import { messageOf } from '../../../../src/notify/message.ts';
import { openChannels, transitionOf } from '../../../support/channels.ts';
import { HttpReceiver } from '../../../support/receivers.ts';

// What the SDK sends over the wire, taken by a receiver in AWS' place; its answer is none that the SDK understands.
const receiver = new HttpReceiver();
beforeAll(async () => {
  const endpoint = { ENDPOINT_URL: await receiver.listen(), REGION: 'us-east-1', MAX_ATTEMPTS: '1' };
  for (const [name, value] of Object.entries({ ...endpoint, ACCESS_KEY_ID: 'a', SECRET_ACCESS_KEY: 'b' }))
    vi.stubEnv(`AWS_${name}`, value);
});
afterAll(() => {
  vi.unstubAllEnvs();
  receiver.close();
});

async function bodyOf(channel: object, more: Partial<Transition> = {}): Promise<string> {
  const [opened] = openChannels({ channels: [channel] });
  await opened?.send(messageOf({ ...transitionOf('firing'), ...more }, 'Seconds', '')).catch(() => {});
  return receiver.received.at(-1)?.body ?? '';
}

const topic = { type: 'sns', topic_arn: 'arn:aws:sns:us-east-1:1:t' };

test('sns: attributes to filter by, a text for people', async () => {
  const text = new URLSearchParams(await bodyOf(topic));
  expect(text.get('TopicArn')).toBe(topic.topic_arn);
  expect(text.get('Subject')).toBe('shop: 2 sessions blocked for 3 min by billing <x>');
  expect(text.get('Message')).toContain('End it: SELECT pg_terminate_backend(4711); — frees 2 sessions');
  const attributes = [...text].filter(([name]) => /entry\.\d+\.(Name|Value\.StringValue)/.test(name));
  expect(attributes.map(([, value]) => value)).toEqual([
    'severity',
    'critical',
    'cluster',
    'shop',
    'rule',
    'blocking_locks',
    'state',
    'firing',
  ]);
});

test('sns: JSON for chat, and for each kind of subscriber its own', async () => {
  const chat = new URLSearchParams(await bodyOf({ ...topic, format: 'chat' }));
  expect(JSON.parse(chat.get('Message') ?? '')).toMatchObject({
    version: '1.0',
    source: 'custom',
    content: { textType: 'client-markdown', title: 'shop: 2 sessions blocked for 3 min by billing <x>' },
    metadata: { threadId: 'f1' },
  });
  const each = new URLSearchParams(await bodyOf({ ...topic, format: 'each' }));
  expect(each.get('MessageStructure')).toBe('json');
  const { default: text, https, sqs } = JSON.parse(each.get('Message') ?? '');
  expect([text, JSON.parse(https).source, JSON.parse(sqs).id]).toEqual([
    expect.stringContaining('What to do: '),
    'custom',
    'id-firing',
  ]);
});

test.each([
  ['a name of any length', `${'very-long-cluster-name-'.repeat(5)}`, '10 sessions blocked for 2 min by nightly-report'],
  ['names that are not ASCII', 'größe', '820 µs … 10 sessions – blocked'],
  ['several long names', 'c'.repeat(60), `${'r'.repeat(63)}.${'t'.repeat(63)} in shop has 4.2 GB of bloat`],
])('sns: a subject of %s has its number', async (_, cluster, headline) => {
  const text = new URLSearchParams(await bodyOf(topic, { cluster, headline }));
  const subject = text.get('Subject') ?? '';
  expect(subject).toMatch(/^[\x20-\x7e]{1,100}$/);
  const numbers = headline.match(/[\d.]*\d[\d.]*/g) ?? [];
  for (const number of numbers) expect(subject.split(' ')).toContain(number);
});

test('sns: a message stays below the limit, whatever the server said', async () => {
  const message = 'x'.repeat(2_000);
  const offender = { query: 'y'.repeat(500), application: 'z'.repeat(64) };
  const action = 'a'.repeat(500_000);
  const body = new URLSearchParams(await bodyOf({ ...topic, format: 'text' }, { message, action, culprit: offender }));
  expect(Buffer.byteLength(body.get('Message') ?? '')).toBeLessThan(262_144);
});

test('eventbridge: an event', async () => {
  const { Entries } = JSON.parse(await bodyOf({ type: 'eventbridge' }));
  expect(Entries[0]).toMatchObject({ EventBusName: 'default', Source: 'pgmon', DetailType: 'Alert' });
  expect(JSON.parse(Entries[0].Detail)).toMatchObject({
    rule: 'blocking_locks',
    cluster: 'shop',
    headline: '2 sessions blocked for 3 min by billing <x>',
    remedy: { sql: 'SELECT pg_terminate_backend(4711);' },
  });
});
