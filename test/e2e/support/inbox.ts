import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs';

/** A queue that is subscribed to a topic, as somebody's own automation would be. */
export class Inbox {
  readonly messages: { text: string; attributes: Record<string, string> }[] = [];
  readonly #client: SQSClient;
  readonly #queue: string;

  private constructor(client: SQSClient, queue: string) {
    this.#client = client;
    this.#queue = queue;
  }

  static async subscribe(topicArn: string, config: SQSClientConfig): Promise<Inbox> {
    const client = new SQSClient(config);
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'inbox' }));
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: '*',
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    await new SNSClient({ ...config }).send(
      new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }),
    );
    return new Inbox(client, QueueUrl);
  }

  /** Takes what has come and keeps it. */
  async read(): Promise<void> {
    const { Messages = [] } = await this.#client.send(
      new ReceiveMessageCommand({ QueueUrl: this.#queue, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { Body, ReceiptHandle } of Messages) {
      const { Message, MessageAttributes = {} } = JSON.parse(Body ?? '{}');
      const attributes = Object.entries(MessageAttributes as Record<string, { Value: string }>).map(
        ([name, { Value }]) => [name, Value] as const,
      );
      this.messages.push({ text: Message, attributes: Object.fromEntries(attributes) });
      await this.#client.send(new DeleteMessageCommand({ QueueUrl: this.#queue, ReceiptHandle }));
    }
  }

  /** Alerts that came, as `kind rule`. */
  alerts(): string[] {
    return this.messages.flatMap(({ text }) => {
      const { kind, rule } = JSON.parse(text);
      return rule ? [`${kind} ${rule}`] : [];
    });
  }

  /** Alarms of CloudWatch that came, as `state name`. */
  alarms(): string[] {
    return this.messages.flatMap(({ text }) => {
      const { AlarmName, NewStateValue } = JSON.parse(text);
      return AlarmName ? [`${NewStateValue} ${AlarmName}`] : [];
    });
  }
}
