import type { PublishCommandInput } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { cutText } from '../../metrics/text.ts';
import { type Message, plainText } from '../message.ts';
import { asciiText, shortened } from '../text.ts';
import { defineChannel } from './define.ts';

/** SNS takes 100 characters of ASCII as a subject. */
const SUBJECT = 100;

/** SNS takes 256 KB; with a form for each kind of subscriber the text is in it twice, and the transition three times. */
const TEXT = 20_000;

const FORMATS = ['text', 'chat', 'each'] as const;

/**
 * An SNS topic. Attributes let a subscription filter; `text` is for email to people, `chat` the JSON that Amazon Q
 * Developer in chat applications shows in Slack and Teams, where all messages of one alert are a thread. `each` gives
 * every kind of subscriber its own: people text, the chat applications (https) theirs, queues and functions the
 * transition as JSON.
 */
export const sns = defineChannel({
  kind: 'sns',
  help: 'An SNS topic, with the attributes `severity`, `cluster`, `rule` and `state` to filter by.',
  secrets: {},
  schema: {
    topic_arn: z
      .string()
      .regex(/^arn:aws[a-z-]*:sns:/, 'must be the ARN of an SNS topic')
      .describe('ARN of the topic.'),
    format: z
      .enum(FORMATS)
      .default('text')
      .describe(
        'text: for email. chat: for Amazon Q Developer in chat. each: text for people, JSON for queues and functions.',
      ),
  },
  example: { topic_arn: 'arn:aws:sns:eu-west-1:123456789012:alerts', format: 'text' },
  address: ({ topic_arn }) => topic_arn,
  grants: ({ topic_arn }) => [{ actions: ['sns:Publish'], resource: topic_arn }],
  client: async () => {
    const { PublishCommand, SNSClient } = await import('@aws-sdk/client-sns');
    const client = new SNSClient({});
    return (input: PublishCommandInput) => client.send(new PublishCommand(input));
  },
  send: async (message, { topic_arn, format }, publish) => {
    const { transition, subject } = message;
    const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
    const { MessageId } = await publish({
      TopicArn: topic_arn,
      ...bodyOf(message, format),
      // Anything but printable ASCII is refused.
      Subject: format === 'chat' ? undefined : shortened(asciiText(subject), SUBJECT),
      MessageAttributes: {
        severity: attribute(transition.severity),
        cluster: attribute(transition.cluster),
        rule: attribute(transition.rule),
        state: attribute(transition.kind),
      },
    });
    return `message ${MessageId ?? ''}`;
  },
});

function bodyOf(message: Message, format: (typeof FORMATS)[number]): { Message: string; MessageStructure?: 'json' } {
  const text = cutText(`${message.subject}\n\n${plainText(message).join('\n')}\n`, TEXT);
  const chat = JSON.stringify(chatMessage(message));
  if (format !== 'each') return { Message: format === 'chat' ? chat : text };
  const transition = JSON.stringify(message.transition);
  return {
    MessageStructure: 'json',
    Message: JSON.stringify({ default: text, https: chat, lambda: transition, sqs: transition, firehose: transition }),
  };
}

function chatMessage(message: Message): object {
  const { transition, subject, link } = message;
  const { fingerprint, severity, cluster, rule, kind, action } = transition;
  return {
    version: '1.0',
    source: 'custom',
    id: transition.id,
    content: {
      textType: 'client-markdown',
      title: subject,
      description: cutText(plainText(message).join('\n'), TEXT),
      nextSteps: link ? [action, `Open ${link}`] : [action],
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
