import { EventBridgeClient, type EventBridgeClientConfig, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PublishCommand, SNSClient, type SNSClientConfig } from '@aws-sdk/client-sns';
import { type Channel, SendError } from './channel.ts';
import type { Message } from './message.ts';
import { snakeCase } from './webhooks.ts';

type Common = Pick<Channel, 'name' | 'minSeverity' | 'clusters'>;

/** SNS takes 100 characters of ASCII as a subject. */
const SUBJECT = 100;

/**
 * An SNS topic. Attributes let a subscription filter; `text` is for people's e-mail, `chat` the JSON that Amazon Q
 * Developer in chat applications shows in Slack and Teams, where all messages of one alert are a thread. `each` gives
 * every kind of subscriber its own: people text, the chat applications (https) theirs, queues and functions the
 * transition as JSON.
 */
export function snsChannel(
  common: Common,
  topicArn: string,
  format: 'text' | 'chat' | 'each',
  config: SNSClientConfig = {},
): Channel {
  const client = new SNSClient(config);
  return {
    ...common,
    send: async (message) => {
      const { transition, subject } = message;
      const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
      const { MessageId } = await tried(
        client.send(
          new PublishCommand({
            TopicArn: topicArn,
            ...bodyOf(message, format),
            // Anything but printable ASCII is refused.
            ...(format !== 'chat' ? { Subject: subject.replace(/[^\x20-\x7e]/g, '?').slice(0, SUBJECT) } : {}),
            MessageAttributes: {
              severity: attribute(transition.severity),
              cluster: attribute(transition.cluster),
              rule: attribute(transition.rule),
              state: attribute(transition.kind),
            },
          }),
        ),
      );
      return `message ${MessageId ?? ''}`;
    },
  };
}

function bodyOf(message: Message, format: 'text' | 'chat' | 'each'): { Message: string; MessageStructure?: 'json' } {
  const text = `${message.subject}\n\n${message.lines.join('\n')}\n`;
  const chat = JSON.stringify(chatMessage(message));
  if (format !== 'each') return { Message: format === 'chat' ? chat : text };
  const transition = JSON.stringify(message.transition);
  return {
    MessageStructure: 'json',
    Message: JSON.stringify({ default: text, https: chat, lambda: transition, sqs: transition, firehose: transition }),
  };
}

function chatMessage({ transition, subject, lines, link }: Message): object {
  const { fingerprint, severity, cluster, rule, kind, action } = transition;
  return {
    version: '1.0',
    source: 'custom',
    id: transition.id,
    content: {
      textType: 'client-markdown',
      title: subject,
      description: lines.join('\n'),
      nextSteps: [action, ...(link ? [`Open ${link}`] : [])],
      keywords: [severity, cluster, rule],
    },
    metadata: {
      threadId: fingerprint,
      summary: subject,
      eventType: `pgmon.${kind}`,
      relatedResources: [cluster],
      additionalContext: { rule, severity },
    },
  };
}

/** Every transition as an event, for automation: source `pgmon`, detail type `Alert`. */
export function eventBridgeChannel(common: Common, bus: string, config: EventBridgeClientConfig = {}): Channel {
  const client = new EventBridgeClient(config);
  return {
    ...common,
    send: async ({ transition, subject }) => {
      const { Entries } = await tried(
        client.send(
          new PutEventsCommand({
            Entries: [
              {
                EventBusName: bus,
                Source: 'pgmon',
                DetailType: 'Alert',
                Time: new Date(transition.at),
                Detail: JSON.stringify({ ...snakeCase(transition), subject }),
              },
            ],
          }),
        ),
      );
      const [entry] = Entries ?? [];
      if (!entry?.EventId) throw new SendError(`${entry?.ErrorCode ?? 'refused'} ${entry?.ErrorMessage ?? ''}`.trim());
      return `event ${entry.EventId}`;
    },
  };
}

async function tried<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new SendError(error instanceof Error ? `${error.name}: ${error.message}` : 'failed');
  }
}
