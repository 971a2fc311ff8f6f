import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import type { AwsConfig } from '../src/config/aws.ts';

/**
 * Where alerts go, and the alarms on pgmon itself. Encrypted with a key of its own: CloudWatch may not publish to a topic
 * under the key that SNS brings along, and its alarms would be lost without a word.
 */
export class AlertTopic extends Construct {
  readonly topic: sns.Topic;
  /** Undefined where SNS encrypts by itself. */
  readonly key: kms.Key | undefined;

  constructor(scope: Construct, id: string, { emails, topic_key }: Pick<AwsConfig, 'emails' | 'topic_key'>) {
    super(scope, id);
    this.key = topic_key === 'own' ? ownKey(this) : undefined;
    this.topic = new sns.Topic(this, 'Topic', {
      displayName: 'pgmon',
      enforceSSL: true,
      ...(this.key ? { masterKey: this.key } : {}),
    });
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [cloudwatch],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: ofAccount(this),
      }),
    );
    for (const email of emails) this.topic.addSubscription(new subscriptions.EmailSubscription(email));
  }
}

const cloudwatch = new iam.ServicePrincipal('cloudwatch.amazonaws.com');

function ofAccount(scope: Construct) {
  return { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } };
}

function ownKey(scope: Construct): kms.Key {
  const key = new kms.Key(scope, 'Key', {
    description: `${Stack.of(scope).stackName}: alerts on their way`,
    enableKeyRotation: true,
    removalPolicy: RemovalPolicy.DESTROY,
    pendingWindow: Duration.days(7),
  });
  key.addToResourcePolicy(
    new iam.PolicyStatement({
      principals: [cloudwatch],
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      resources: ['*'], // the key that this policy belongs to
      conditions: ofAccount(scope),
    }),
  );
  return key;
}
