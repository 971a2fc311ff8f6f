import { createHash } from 'node:crypto';
import * as z from 'zod';
import { secretRef } from './secret.ts';

const empty = z.literal('');
const webUrl = z.url({ protocol: /^https?$/, error: 'must be an https:// URL' });
const mailUrl = z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// URL' });

/** Names of what is no channel of the list. */
const RESERVED = ['history', 'topic', 'events', 'slack', 'email'];

const common = {
  name: z
    .string()
    .min(1)
    .max(60)
    .refine((name) => !RESERVED.includes(name), { error: `must not be one of ${RESERVED.join(', ')}` })
    .optional()
    .describe('What log lines call it. Without one: its kind, and a short hash of its address.'),
  min_severity: z.enum(['info', 'warning', 'critical']).default('info').describe('Nothing below it is sent there.'),
  clusters: z.array(z.string().min(1)).optional().describe('Only alerts of these targets.'),
};

/** A secret in the file, or where it is. */
const secret = z.union([z.string().min(1), secretRef]);

const channel = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('slack'),
      url: z.union([webUrl, secretRef]).describe('Incoming webhook.'),
      ...common,
    }),
    z.strictObject({
      type: z.literal('pagerduty'),
      routing_key: secret.describe('Integration key of the service, Events API v2.'),
      url: webUrl.default('https://events.pagerduty.com/v2/enqueue'),
      ...common,
    }),
    z.strictObject({
      type: z.literal('webhook'),
      url: webUrl,
      secret: secret.optional().describe('Signs each body: header X-Pgmon-Signature, sha256=HMAC.'),
      ...common,
    }),
    z.strictObject({
      type: z.literal('smtp'),
      url: z.union([mailUrl, secretRef]).describe('smtp://user:password@host:587'),
      from: z.email(),
      to: z.array(z.email()).min(1),
      ...common,
    }),
    z.strictObject({
      type: z.literal('sns'),
      topic_arn: z.string().regex(/^arn:aws[a-z-]*:sns:/, 'must be the ARN of an SNS topic'),
      format: z
        .enum(['text', 'chat'])
        .default('text')
        .describe('text: for e-mail. chat: for Amazon Q Developer in chat.'),
      ...common,
    }),
    z.strictObject({
      type: z.literal('eventbridge'),
      bus: z.string().min(1).default('default'),
      ...common,
    }),
  ],
  { error: 'must be one of slack, pagerduty, webhook, smtp, sns, eventbridge' },
);
export type ChannelConfig = z.output<typeof channel>;

/** Where alerts go, beside the log. Empty text is the same as leaving a key out. */
export const notifiersSchema = z
  .strictObject({
    slack_webhook: z.union([empty, webUrl]).default('').describe('Incoming webhook of a Slack channel.'),
    email_smtp: z
      .union([empty, mailUrl])
      .default('')
      .describe('smtp://user:password@host:587/?from=pgmon@example.com&to=oncall@example.com')
      .refine((url) => url === '' || ['from', 'to'].every((key) => new URL(url).searchParams.get(key)), {
        error: 'must name sender and receiver: …/?from=pgmon@example.com&to=oncall@example.com',
      }),
    channels: z
      .array(channel)
      .default([])
      .describe('Channels with a severity floor and a filter of targets.')
      .refine((all) => new Set(channelNames(all)).size === all.length, { error: 'two of them have the same name' }),
    page_url: z
      .union([empty, webUrl])
      .default('')
      .describe('Where the page is for those who get a message: the base of its links.'),
    show_queries: z.boolean().default(false).describe('Put redacted statement texts into messages.'),
    show_users: z.boolean().default(false).describe('Put names of database users into messages.'),
  })
  .prefault({});

export type NotifiersConfig = z.output<typeof notifiersSchema>;

/**
 * Names of the channels of the list, which stay the same wherever in the list they are: their own, else kind and a hash
 * of the address; of several with one address (each with other filters) the later ones are numbered.
 */
export function channelNames(channels: readonly ChannelConfig[]): string[] {
  const seen = new Map<string, number>();
  return channels.map((one) => {
    if (one.name !== undefined) return one.name;
    const hash = createHash('sha256')
      .update(JSON.stringify(addressOf(one)))
      .digest('hex')
      .slice(0, 8);
    const name = `${one.type} ${hash}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}

/** Who gets the messages of a channel. */
function addressOf(one: ChannelConfig): unknown {
  switch (one.type) {
    case 'slack':
    case 'webhook':
      return one.url;
    case 'pagerduty':
      return [one.url, one.routing_key];
    case 'smtp':
      return one.to;
    case 'sns':
      return one.topic_arn;
    case 'eventbridge':
      return one.bus;
  }
}

/** Channels that the notifier of a deployment serves; topics and buses are the loops' own. */
export function isOutside({ type }: ChannelConfig): boolean {
  return type !== 'sns' && type !== 'eventbridge';
}

/** Secrets of Secrets Manager that a channel names. */
export function secretArnsOf(channel: ChannelConfig): string[] {
  return Object.values(channel).flatMap((value) =>
    typeof value === 'object' && value !== null && 'secretArn' in value ? [value.secretArn] : [],
  );
}
