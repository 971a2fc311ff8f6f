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
  const message = messageOf(transitionOf('firing'), 'Seconds', 'https://pgmon.example.com/');
  await channel?.send(message);
  await channel?.send(message);
  expect(mail.mails[0]).toMatchObject({
    from: 'pgmon@example.com',
    to: ['oncall@example.com', 'second@example.com'],
  });
  expect(mail.mails).toHaveLength(2);
  for (const { text } of mail.mails) {
    expect(text).toContain('Subject: shop: 2 sessions blocked for 3 min by billing <x>');
    expect(text).toContain('Message-ID: <id-firing@pgmon>');
    expect(text).toContain('In-Reply-To: <f1@pgmon>');
    const read = text.replaceAll(/=\r\n/g, '').replaceAll('=3D', '=');
    // Once as text, once as HTML, in which nothing of it is markup.
    expect(read).toContain('End it: SELECT pg_terminate_backend(4711); =E2=80=94 frees 2 sessions');
    expect(read).toMatch(/<pre style="[^"]+">SELECT pg_terminate_backend\(4711\);<\/pre>/);
    expect(read).toMatch(
      /<pre style="[^"]+">UPDATE &quot;odd &amp; orders&quot; SET total = \? WHERE id &lt; \?<\/pre>/,
    );
    expect(read).toContain('<a href="https://pgmon.example.com/runbook/blocking_locks?pid=4711&amp;db=shop');
    expect(read).not.toContain('billing <x></');
  }
});
