import { channelNames, type NotifiersConfig } from '../config/notifiers.ts';
import { eventBridgeChannel, snsChannel } from '../notify/aws.ts';
import type { Channel } from '../notify/channel.ts';

/**
 * Where the loops send: the deployment's topic, the event bus, and topics and buses of the configuration. Slack,
 * PagerDuty, webhooks and SMTP are the notifier's, which is outside of any VPC.
 */
export function loopChannels({ channels }: NotifiersConfig, topicArn: string): readonly Channel[] {
  const all = { minSeverity: 'info' } as const;
  const names = channelNames(channels);
  return [
    snsChannel({ name: 'topic', ...all }, topicArn, 'each'),
    eventBridgeChannel({ name: 'events', ...all }, 'default'),
    ...channels.flatMap((channel, i) => {
      const name = names[i] ?? channel.type;
      const common = { name, minSeverity: channel.min_severity, clusters: channel.clusters };
      if (channel.type === 'sns') return [snsChannel(common, channel.topic_arn, channel.format)];
      return channel.type === 'eventbridge' ? [eventBridgeChannel(common, channel.bus)] : [];
    }),
  ];
}
