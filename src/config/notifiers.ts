import { z } from 'zod';

const empty = z.literal('');

/** Where alerts go, beside the SNS topic of a deployment. Empty text is the same as leaving a key out. */
export const notifiersSchema = z
  .strictObject({
    slack_webhook: z
      .union([empty, z.url({ protocol: /^https?$/, error: 'must be an https:// URL' })])
      .default('')
      .describe('Incoming webhook of a Slack channel.'),
    email_smtp: z
      .union([empty, z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' })])
      .default('')
      .describe('smtp://user:password@host:port of a mail server.'),
  })
  .prefault({});
