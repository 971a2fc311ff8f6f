import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { MissingSecret } from '../../../../src/config/secret.ts';
import { sentBy } from '../../../support/channels.ts';

const signed = (url: string) => ({ type: 'webhook', url, secret: { env: 'HOOK_SECRET' } });

test('signed, with an id that a receiver can tell a duplicate by', async () => {
  const [firing] = await sentBy(signed, { env: { HOOK_SECRET: 's3cret' } });
  const hmac = createHmac('sha256', 's3cret').update(firing?.body ?? '');
  expect(firing?.headers['x-pgmon-signature']).toBe(`sha256=${hmac.digest('hex')}`);
  expect(firing?.headers['x-pgmon-id']).toBe('id-firing');
  expect(JSON.parse(firing?.body ?? '')).toMatchObject({
    rule: 'blocking_locks',
    kind: 'firing',
    culprit: { pid: 4711 },
    remedy: { sql: 'SELECT pg_terminate_backend(4711);' },
    subject: 'shop: 2 sessions blocked for 3 min by billing <x>',
    lines: expect.arrayContaining([
      'End it: SELECT pg_terminate_backend(4711); — frees 2 sessions, rolls back 7 min of work',
    ]),
    link: expect.stringContaining('#/locks?'),
    runbook_url: expect.stringContaining('/runbook/blocking_locks?pid=4711'),
    silence_link: expect.stringContaining('#/alerts?'),
  });
});

test('a secret that the environment lacks is said by its name', async () => {
  await expect(sentBy(signed)).rejects.toThrow(MissingSecret);
  await expect(sentBy(signed)).rejects.toThrow('the environment variable HOOK_SECRET is not set');
});
