import { type ChannelConfig, channelNames, type NotifiersConfig } from '../config/notifiers.ts';
import { MissingSecret, type SecretRef } from '../config/secret.ts';
import { type Channel, type SecretText, SendError } from './channel.ts';
import { smtpChannel } from './smtp.ts';
import { pagerDutyChannel, slackChannel, webhookChannel } from './webhooks.ts';

/** Where secrets of channels are that are not in the file. */
export interface SecretPlaces {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of a secret of Secrets Manager; asked for at each message, so that a rotated one is picked up. */
  readonly secret: (arn: string) => Promise<string>;
}

/**
 * The channels of a configuration, those of the short keys first. Names do not depend on the place in the list, so
 * that the outbox knows a channel again after a restart with another list.
 *
 * @throws MissingSecret where the environment lacks one
 */
export function channelsOf(config: NotifiersConfig, places: SecretPlaces): readonly Channel[] {
  const { slack_webhook, email_smtp, channels } = config;
  const common = { minSeverity: 'info' } as const;
  const names = channelNames(channels);
  return [
    ...(slack_webhook ? [slackChannel({ name: 'slack', ...common }, async () => slack_webhook)] : []),
    ...(email_smtp ? [smtpChannel({ name: 'email', ...common }, mailOptions(email_smtp))] : []),
    ...channels.map((channel, i) => channelOf(channel, names[i] ?? channel.type, places)),
  ];
}

function mailOptions(text: string) {
  const url = new URL(text);
  const [from, to] = [url.searchParams.get('from') ?? '', url.searchParams.get('to') ?? ''];
  url.search = '';
  return { url: async () => url.toString(), from, to: to.split(',') };
}

function channelOf(config: ChannelConfig, name: string, { env, secret }: SecretPlaces): Channel {
  const common = { name, minSeverity: config.min_severity, clusters: config.clusters };
  const textOf = (text: string | SecretRef): SecretText => {
    if (typeof text === 'string') return async () => text;
    if ('secretArn' in text) return () => sendable(secret(text.secretArn));
    const value = env[text.env];
    if (!value) throw new MissingSecret(`notifiers.channels, ${name}: the environment has no ${text.env}`);
    return async () => value;
  };
  switch (config.type) {
    case 'slack':
      return slackChannel(common, textOf(config.url));
    case 'pagerduty':
      return pagerDutyChannel(common, config.url, textOf(config.routing_key));
    case 'webhook':
      return webhookChannel(common, config.url, config.secret === undefined ? undefined : textOf(config.secret));
    case 'smtp':
      return smtpChannel(common, { ...config, url: textOf(config.url) });
    case 'sns':
      return whenUsed(common, async () =>
        (await import('./aws.ts')).snsChannel(common, config.topic_arn, config.format),
      );
    case 'eventbridge':
      return whenUsed(common, async () => (await import('./aws.ts')).eventBridgeChannel(common, config.bus));
  }
}

/** A channel that is made with its first message: the clients of AWS take tens of megabytes. */
function whenUsed(common: Omit<Channel, 'send'>, make: () => Promise<Channel>): Channel {
  let made: Promise<Channel> | undefined;
  return {
    ...common,
    send: async (...message) => {
      made ??= make();
      return await (await made).send(...message);
    },
  };
}

async function sendable(secret: Promise<string>): Promise<string> {
  try {
    return (await secret).trim();
  } catch (error) {
    throw new SendError(error instanceof Error ? error.message : String(error));
  }
}
