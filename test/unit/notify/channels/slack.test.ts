import { expect, test } from 'vitest';
import { messageOf } from '../../../../src/notify/message.ts';
import { openChannels, sentBy, transitionOf } from '../../../support/channels.ts';
import { HttpReceiver } from '../../../support/receivers.ts';

const text = (value: string) => ({ type: 'mrkdwn', text: value });

test('a header, fields, the statement to run as it is, and buttons, beside the color of the severity', async () => {
  const [firing] = (await sentBy((url) => ({ type: 'slack', url }))).map(({ body }) => JSON.parse(body));
  const subject = 'shop: 2 sessions blocked for 3 min by billing &lt;x&gt;';
  expect(firing.text).toBe(subject);
  expect(firing.blocks).toEqual([{ type: 'header', text: { type: 'plain_text', text: subject } }]);
  const [{ color, blocks }] = firing.attachments;
  expect(color).toBe('#c62828');
  const [what, fields, statementLabel, statement, endLabel, end, effect, buttons] = blocks;
  expect(what.text).toEqual(
    text('A session has been waiting for a lock for 3 min, the longest of 2 that wait (threshold 2 min).'),
  );
  expect(fields.fields).toEqual([
    text('*Target*\nshop'),
    text('*When*\nCritical. Since 2026-03-02 03:12:00 UTC, for 3 min.'),
    text(
      '*Who*\npid 4711, billing &lt;x&gt;, idle in transaction for 6 min, in its transaction for 7 min, database shop, table public."odd &amp; orders"',
    ),
    text('*What to do*\nEnd the root of the lock tree (view Locks), or wait for it.'),
  ]);
  expect(statementLabel.text.text).toBe('*Last statement*');
  // Of a preformatted block nothing is markup: it must not be escaped, or it would be copied so.
  expect(statement.elements[0].elements[0].text).toBe('UPDATE "odd & orders" SET total = ? WHERE id < ?');
  expect(endLabel.text.text).toBe('*End it*');
  expect(end.elements[0]).toEqual({
    type: 'rich_text_preformatted',
    elements: [{ type: 'text', text: 'SELECT pg_terminate_backend(4711);' }],
  });
  expect(effect.text.text).toBe('It frees 2 sessions, rolls back 7 min of work.');
  expect(buttons.elements.map((one: { text: { text: string }; url: string }) => [one.text.text, one.url])).toEqual([
    ['Open at 03:15', 'https://pgmon.example.com/#/locks?cluster=shop&at=2026-03-02T03%3A15%3A00.000Z&db=shop'],
    [
      'Runbook',
      'https://pgmon.example.com/runbook/blocking_locks?pid=4711&db=shop&relation=public.%22odd+%26+orders%22',
    ],
    ['Silence 1 h', 'https://pgmon.example.com/#/alerts?cluster=shop&alert=f1'],
  ]);
});

test('the end is green and says how long it lasted', async () => {
  const [, over] = (await sentBy((url) => ({ type: 'slack', url }))).map(({ body }) => JSON.parse(body));
  expect([over.text, over.attachments[0].color]).toEqual([
    'shop: over after 3 min: 2 sessions blocked by billing &lt;x&gt;',
    '#2e7d32',
  ]);
});

test('with a signing secret it can be acknowledged and silenced by a button, while it is open', async () => {
  const channel = (url: string) => ({ type: 'slack', url, signing_secret: { env: 'SLACK_SECRET' } });
  const env = { SLACK_SECRET: 'never-in-a-message' };
  const requests = await sentBy(channel, { env });
  const [firing, over] = requests.map(({ body }) => JSON.parse(body).attachments[0].blocks.at(-1).elements);
  expect(firing.slice(2)).toEqual([
    { type: 'button', action_id: 'pgmon_acknowledge', value: 'f1', text: { type: 'plain_text', text: 'Acknowledge' } },
    { type: 'button', action_id: 'pgmon_silence', value: 'f1', text: { type: 'plain_text', text: 'Silence 1 h' } },
  ]);
  expect(over).toHaveLength(2);
  expect(JSON.stringify(requests)).not.toContain('never-in-a-message');
});

test('nothing is longer than Slack takes, and no entity is cut in two', async () => {
  const receiver = new HttpReceiver();
  const [channel] = openChannels({ channels: [{ type: 'slack', url: await receiver.listen() }] });
  const long = '&<é😀>'.repeat(2_000);
  const transition = { ...transitionOf('firing'), headline: long, message: long, action: long };
  const offender = { ...transition.culprit, application: long, query: long };
  await channel?.send(messageOf({ ...transition, culprit: offender }, 'Seconds', ''));
  receiver.close();
  const [body] = receiver.json();
  const limits: Readonly<Record<string, number>> = { plain_text: 150, mrkdwn: 3_000, text: 3_000 };
  const texts: string[] = [];
  JSON.stringify(body, (_, value) => {
    const limit = limits[value?.type];
    if (limit !== undefined && typeof value.text === 'string') {
      expect(value.text.length).toBeLessThanOrEqual(limit);
      texts.push(value.text);
    }
    for (const field of value?.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2_000);
    return value;
  });
  expect(texts.length).toBeGreaterThan(5);
  for (const one of texts) {
    expect(one.isWellFormed()).toBe(true);
    if (one !== texts.at(-1)) expect(one).not.toMatch(/&(?!amp;|lt;|gt;)[a-z]*…$/);
  }
});
