import { afterAll, beforeAll, expect, test } from 'vitest';
import { messageOf } from '../../../../src/notify/message.ts';
import { openChannels, transitionOf } from '../../../support/channels.ts';
import { MailReceiver } from '../../../support/receivers.ts';

const mail = new MailReceiver();
let url = '';
beforeAll(async () => {
  url = await mail.listen();
});
afterAll(() => mail.close());

test('one thread for an alert, the same Message-ID for a duplicate', async () => {
  const email_smtp = `${url}/?from=pgmon@example.com&to=oncall@example.com,second@example.com`;
  const [channel] = openChannels({ email_smtp });
  const message = messageOf(transitionOf('firing'), 'Seconds', '');
  await channel?.send(message);
  await channel?.send(message);
  expect(mail.mails[0]).toMatchObject({
    from: 'pgmon@example.com',
    to: ['oncall@example.com', 'second@example.com'],
  });
  expect(mail.mails).toHaveLength(2);
  for (const { text } of mail.mails) {
    expect(text).toContain('Subject: [CRITICAL] shop: Blocking locks, 3 min');
    expect(text).toContain('Message-ID: <id-firing@pgmon>');
    expect(text).toContain('In-Reply-To: <f1@pgmon>');
    expect(text).toContain('What to do: Open Locks');
  }
});
