import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { secretArnsOf } from '../src/config/notifiers.ts';
import type { NotifierEnvironment } from '../src/lambda/environment.ts';
import type { ChannelConfig } from '../src/notify/channels/index.ts';
import { NodeLambda, type NodeLambdaProps } from './node-lambda.ts';
import { allowSecrets } from './secrets.ts';
import { SelfAlarm } from './self-alarms.ts';
import { allowGets, allowWrites } from './table-grants.ts';

export interface NotifierProps {
  readonly code: lambda.Code;
  readonly common: Pick<NodeLambdaProps, 'logGroup' | 'logLevel' | 'reserves'>;
  readonly channels: readonly ChannelConfig[];
  readonly table: dynamodb.ITable;
  readonly topic: sns.Topic;
  readonly key: kms.Key | undefined;
  readonly deadLetters: sqs.Queue;
  readonly runbookUrl: string;
}

const TIMEOUT = Duration.seconds(30);
/** Until a message that was refused comes again. */
const AGAIN = Duration.minutes(3);
/** So many tries at that distance are a day. */
const TRIES = 480;

/** Slack, PagerDuty, webhooks and mail servers: out of a queue, so that one that is down for hours misses nothing. */
export class Notifier extends Construct {
  readonly fn: lambda.Function;

  constructor(scope: Construct, id: string, props: NotifierProps) {
    super(scope, id);
    const { code, common, table, topic, key, deadLetters, runbookUrl } = props;
    const queue = new sqs.Queue(this, 'Queue', {
      ...(key
        ? { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: key }
        : { encryption: sqs.QueueEncryption.SQS_MANAGED }),
      enforceSSL: true,
      visibilityTimeout: AGAIN,
      retentionPeriod: Duration.days(4),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: TRIES },
    });
    topic.addSubscription(new SqsSubscription(queue));
    const environment: NotifierEnvironment = { PGMON_TABLE: table.tableName };
    const { fn, role } = new NodeLambda(this, 'Lambda', {
      ...common,
      description: 'pgmon: notifies Slack, PagerDuty, webhooks and mail servers',
      code,
      memoryMb: 256,
      concurrency: 5, // a queue starts with five at a time, whatever the function may
      timeout: TIMEOUT,
      environment,
    });
    this.fn = fn;
    fn.addEventSource(new SqsEventSource(queue, { batchSize: 5, reportBatchItemFailures: true }));
    if (!(role instanceof iam.Role)) throw new Error('the notifier has a role of its own');
    allowGets(role, table, 'receipt');
    allowWrites(role, table, 'notifier');
    const secrets = props.channels.flatMap(secretArnsOf);
    if (secrets.length > 0) allowSecrets(role, secrets);
    new SelfAlarm(this, 'Failing', {
      page: 'notifier_failing',
      of: '',
      metric: queue.metricApproximateAgeOfOldestMessage({
        period: Duration.minutes(5),
        statistic: cloudwatch.Stats.MAXIMUM,
      }),
      threshold: 600,
      comparison: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      missingIs: 'notBreaching',
      topic,
      runbookUrl,
    });
  }
}
