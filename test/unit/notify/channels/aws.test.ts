import { afterAll, beforeAll, expect, test, vi } from 'vitest';
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

async function bodyOf(channel: object): Promise<string> {
  const [opened] = openChannels({ channels: [channel] });
  await opened?.send(messageOf(transitionOf('firing'), 'Seconds', '')).catch(() => {});
  return receiver.received.at(-1)?.body ?? '';
}

const topic = { type: 'sns', topic_arn: 'arn:aws:sns:us-east-1:1:t' };

test('sns: attributes to filter by, a text for people', async () => {
  const text = new URLSearchParams(await bodyOf(topic));
  expect(text.get('TopicArn')).toBe(topic.topic_arn);
  expect(text.get('Subject')).toBe('[CRITICAL] shop: Blocking locks, 3 min');
  expect(text.get('Message')).toContain('What to do: ');
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
    content: { textType: 'client-markdown', title: '[CRITICAL] shop: Blocking locks, 3 min' },
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

test('eventbridge: an event', async () => {
  const { Entries } = JSON.parse(await bodyOf({ type: 'eventbridge' }));
  expect(Entries[0]).toMatchObject({ EventBusName: 'default', Source: 'pgmon', DetailType: 'Alert' });
  expect(JSON.parse(Entries[0].Detail)).toMatchObject({ rule: 'blocking_locks', cluster: 'shop' });
});
