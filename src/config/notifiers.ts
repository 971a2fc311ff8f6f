import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type ChannelConfig, channelKinds, kindOf } from '../notify/channels/index.ts';
import { duration, mailUrl, webUrl } from './scalars.ts';
import type { SecretRef } from './secret.ts';

const empty = z.literal('');

// A kind brings its own part of the configuration.
const [first, ...rest] = channelKinds;
const channel = z.discriminatedUnion('type', [first.schema, ...rest.map(({ schema }) => schema)], {
  error: `must be one of ${channelKinds.map(({ kind }) => kind).join(', ')}`,
});

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
      .describe('Channels, each with a minimum severity and a filter by target.')
      .refine((all) => new Set(channelNames(all)).size === all.length, {
        error: 'has two channels with the same name: names must be unique',
      }),
    page_url: z
      .union([empty, webUrl])
      .default('')
      .describe('URL of the page for receivers of messages: the base of their links.'),
    group_by: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe(
        'Labels that put the alerts of a target together to incidents, cluster and rule among them; "..." for all. By cause (session, object, server, rule) by default.',
      ),
    group_wait: duration('0s', '10m')
      .optional()
      .describe('How long an incident waits for more alerts before its first message. 0s by default.'),
    group_interval: duration('1m', '1d')
      .prefault('5m')
      .describe(
        'Least time between messages about an incident that only grows. One that comes back within it is the same incident.',
      ),
    show_queries: z.boolean().default(false).describe('Include redacted statement texts in messages.'),
    show_users: z.boolean().default(false).describe('Include names of database users in messages.'),
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
      .update(JSON.stringify(kindOf(one).address(one)))
      .digest('hex')
      .slice(0, 8);
    const name = `${one.type} ${hash}`;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name} ${count}`;
  });
}

/** Channels that the notifier of a deployment serves; those of AWS' own services are the loops'. */
export function isOutside(config: ChannelConfig): boolean {
  return kindOf(config).isOutside;
}

/** Keys of a channel that hold a secret, or say where one is, with what they hold. */
export function secretsOf(config: ChannelConfig): [key: string, value: unknown][] {
  const { secretKeys } = kindOf(config);
  return Object.entries(config).filter(([key]) => secretKeys.includes(key));
}

/** Secrets of Secrets Manager that a channel names. */
export function secretArnsOf(config: ChannelConfig): string[] {
  return secretsOf(config).flatMap(([, value]) =>
    typeof value === 'object' && value !== null && 'secretArn' in value ? [String(value.secretArn)] : [],
  );
}

/** Signing secrets of Slack's apps, or where they are; each once. */
export function slackSecretRefs({ channels }: NotifiersConfig): readonly (string | SecretRef)[] {
  const refs = channels.flatMap((one) => (one.type === 'slack' && one.signing_secret ? [one.signing_secret] : []));
  return [...new Map(refs.map((ref) => [JSON.stringify(ref), ref])).values()];
}

/** All channels: those of the short keys first, then the list. */
export function allChannels({ slack_webhook, email_smtp, channels }: NotifiersConfig): readonly ChannelConfig[] {
  return [
    ...(slack_webhook ? [{ type: 'slack', name: 'slack', url: slack_webhook, ...everything } as const] : []),
    ...(email_smtp ? [{ type: 'smtp', name: 'email', ...mailOf(email_smtp), ...everything } as const] : []),
    ...channels,
  ];
}

const everything = { min_severity: 'info' } as const;

function mailOf(text: string) {
  const url = new URL(text);
  const [from, to] = [url.searchParams.get('from') ?? '', url.searchParams.get('to') ?? ''];
  url.search = '';
  return { url: url.toString(), from, to: to.split(',') };
}
