import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { webUrl } from '../../config/scalars.ts';
import { postJson } from '../http.ts';
import { messageJson } from '../message-json.ts';
import { defineChannel } from './define.ts';

/**
 * A receiver of your own: the transition as JSON, with the text for people beside it. With a secret each body is
 * signed; the header `X-Pgmon-Id` is the same at every attempt.
 */
export const webhook = defineChannel({
  kind: 'webhook',
  help:
    'Your own receiver: the transition as JSON. `X-Pgmon-Id` is the same at every attempt; with a secret, ' +
    '`X-Pgmon-Signature` is `sha256=<HMAC of the body>`.',
  secrets: {
    secret: z.string().min(1).optional().describe('Signs each body: header X-Pgmon-Signature, sha256=HMAC.'),
  },
  schema: { url: webUrl.describe('Gets a POST for every change of an alert.') },
  example: { url: 'https://example.com/hook', secret: { env: 'HOOK_SECRET' } },
  address: ({ url }) => url,
  send: (message, { url, secret }) => {
    const body = JSON.stringify(messageJson(message));
    const signature = secret && { 'x-pgmon-signature': `sha256=${hmac(secret, body)}` };
    return postJson(url, body, { 'x-pgmon-id': message.transition.id, ...signature });
  },
});

function hmac(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}
