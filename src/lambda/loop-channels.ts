import type { NotifiersConfig } from '../config/notifiers.ts';
import type { Channel } from '../notify/channel.ts';
import { openAll } from '../notify/channels.ts';

/**
 * Where the loops send: the deployment's topic, the event bus, and the channels that are services of AWS. No others are in
 * their part of the configuration: those are the notifier's, which is outside of any VPC.
 *
 * @param secret the text of a secret of Secrets Manager
 */
export function loopChannels(
  { channels }: NotifiersConfig,
  topicArn: string,
  secret: (arn: string) => Promise<string>,
): readonly Channel[] {
  const all = { min_severity: 'info' } as const;
  return openAll(
    [
      { type: 'sns', name: 'topic', topic_arn: topicArn, format: 'each', ...all },
      { type: 'eventbridge', name: 'events', bus: 'default', ...all },
      ...channels,
    ],
    { env: {}, secret },
  );
}
