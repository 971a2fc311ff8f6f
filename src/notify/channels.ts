import type { ChannelConfig, NotifiersConfig } from '../config/notifiers.ts';
import { eventBridgeChannel, snsChannel } from './aws.ts';
import type { Channel } from './channel.ts';
import { smtpChannel } from './smtp.ts';
import { pagerDutyChannel, slackChannel, webhookChannel } from './webhooks.ts';

/** A secret that the configuration takes from the environment, and that is not there. */
export class MissingSecret extends Error {
  override readonly name = 'MissingSecret';
}

/**
 * The channels of a configuration, those of the short keys first. Names are by kind and place in the list, so that the
 * outbox knows a channel again after a restart.
 *
 * @throws MissingSecret
 */
export function channelsOf(
  config: NotifiersConfig,
  env: Readonly<Record<string, string | undefined>>,
): readonly Channel[] {
  const { slack_webhook, email_smtp, channels } = config;
  const common = { minSeverity: 'info' } as const;
  return [
    ...(slack_webhook ? [slackChannel({ name: 'slack', ...common }, slack_webhook)] : []),
    ...(email_smtp ? [smtpChannel({ name: 'email', ...common }, mailOptions(email_smtp))] : []),
    ...channels.map((channel, i) => channelOf(channel, `${channel.type} ${i + 1}`, env)),
  ];
}

function mailOptions(text: string) {
  const url = new URL(text);
  const [from, to] = [url.searchParams.get('from') ?? '', url.searchParams.get('to') ?? ''];
  url.search = '';
  return { url: url.toString(), from, to: to.split(',') };
}

function channelOf(config: ChannelConfig, name: string, env: Readonly<Record<string, string | undefined>>): Channel {
  const common = { name, minSeverity: config.min_severity, clusters: config.clusters };
  const secretOf = (secret: string | { env: string }): string => {
    if (typeof secret === 'string') return secret;
    const value = env[secret.env];
    if (!value) throw new MissingSecret(`notifiers.channels, ${name}: the environment has no ${secret.env}`);
    return value;
  };
  switch (config.type) {
    case 'slack':
      return slackChannel(common, config.url);
    case 'pagerduty':
      return pagerDutyChannel(common, config.url, secretOf(config.routing_key));
    case 'webhook':
      return webhookChannel(common, config.url, config.secret === undefined ? undefined : secretOf(config.secret));
    case 'smtp':
      return smtpChannel(common, config);
    case 'sns':
      return snsChannel(common, config.topic_arn, config.format);
    case 'eventbridge':
      return eventBridgeChannel(common, config.bus);
  }
}
