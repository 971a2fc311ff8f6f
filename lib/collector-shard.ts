import { Stack, Token } from 'aws-cdk-lib';
import type * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { NetworkConfig } from '../src/config/aws.ts';
import { intervalsOf } from '../src/config/intervals.ts';
import { LOOPS, type Loop } from '../src/config/loop.ts';
import { isOutside, secretArnsOf } from '../src/config/notifiers.ts';
import type { Config } from '../src/config/schema.ts';
import type { Shard } from '../src/config/shards.ts';
import { kindOf } from '../src/notify/channels/index.ts';
import { CollectorLoop } from './collector-loop.ts';
import { accept } from './nag.ts';
import { allowInterfaces } from './network.ts';
import { lambdaRole } from './node-lambda.ts';
import { allowSecrets } from './secrets.ts';
import { allowReads, allowWrites } from './table-grants.ts';

/** What all shards share. */
export interface Shared {
  readonly config: Config;
  /** The built code of a loop of a shard. */
  readonly code: (loop: Loop, shard: string) => lambda.Code;
  readonly table: dynamodb.ITable;
  readonly topic: sns.ITopic;
  readonly key: kms.IKey | undefined;
  readonly logGroup: logs.ILogGroup;
  readonly deadLetters: sqs.IQueue;
}

/**
 * The four loops over the targets of a shard. Each shard has Lambdas of its own: connections and memory stay with their
 * targets, its role reads the secrets of its own targets only, and its alarms say which shard is in trouble.
 */
export class CollectorShard extends Construct {
  constructor(scope: Construct, id: string, shard: Shard, shared: Shared, network: NetworkConfig | undefined) {
    super(scope, id);
    const { config, table, topic, logGroup, deadLetters } = shared;
    const name = `pgmon: ${shard.id}`;
    const role = lambdaRole(this, 'Role', logGroup, `${name}, its loops`);
    this.#grant(role, shard, shared);
    if (network) allowInterfaces(role);
    const schedulerRole = new iam.Role(this, 'SchedulerRole', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      description: `${name}, its schedules`,
    });
    deadLetters.grantSendMessages(schedulerRole);
    const loops = LOOPS.map(
      (loop) =>
        new CollectorLoop(this, loop, {
          loop,
          shard,
          intervalMs: intervalsOf(config).get(loop) ?? 0,
          code: shared.code(loop, shard.id),
          environment: { PGMON_TABLE: table.tableName, PGMON_TOPIC_ARN: topic.topicArn, PGMON_SHARD: shard.id },
          role,
          schedulerRole,
          logGroup,
          logLevel: config.log_level,
          reserves: config.aws.reserved_concurrency,
          network,
          deadLetters,
          topic,
          runbookUrl: config.aws.runbook_url,
        }),
    );
    schedulerRole.addToPolicy(
      new iam.PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: loops.map(({ fn }) => fn.functionArn) }),
    );
  }

  #grant(role: iam.Role, { targets }: Shard, { config, table, topic, key }: Shared): void {
    const allow = (actions: readonly string[], resources: readonly string[], conditions?: Record<string, unknown>) =>
      role.addToPolicy(
        new iam.PolicyStatement({
          actions: [...actions],
          resources: [...resources],
          ...(conditions ? { conditions } : {}),
        }),
      );
    const { partition, account, region } = Stack.of(this);
    allowReads(role, table);
    allowWrites(role, table, 'loops');
    allow(['cloudwatch:PutMetricData'], ['*'], {
      StringEquals: { 'cloudwatch:namespace': config.cloudwatch.namespace },
    });
    accept(role, 'AwsSolutions-IAM5', 'PutMetricData knows no resources; the condition binds it to our namespace.', [
      'Resource::*',
    ]);
    allow(['sns:Publish'], [topic.topicArn]);
    if (key) allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);
    const channels = config.notifiers.channels.filter((one) => !isOutside(one));
    for (const channel of [{ type: 'eventbridge', bus: 'default', min_severity: 'info' } as const, ...channels]) {
      for (const { actions, resource, conditions } of kindOf(channel).grants(channel, { partition, account, region }))
        allow(actions, [resource], conditions);
    }
    const secrets = [
      ...targets.flatMap(({ auth }) => (auth && 'secretArn' in auth ? [auth.secretArn] : [])),
      ...channels.flatMap(secretArnsOf),
    ];
    if (secrets.length > 0) allowSecrets(role, secrets);
    const logins = targets.flatMap(({ auth }) =>
      auth && 'iam' in auth ? [{ region: auth.region ?? region, user: auth.user }] : [],
    );
    const users = logins.map((login) => `arn:${partition}:rds-db:${login.region}:${account}:dbuser:*/${login.user}`);
    if (users.length > 0) {
      allow(['rds-db:connect'], [...new Set(users)]);
      accept(
        role,
        'AwsSolutions-IAM5',
        'A token is for an instance by its resource id, which a configuration of host names does not know; the user name binds it.',
        [...new Set(users)].map((arn) => `Resource::${known(arn, { partition, region, account })}`),
      );
    }
  }
}

/** Text as cdk-nag names it in a finding: what is known only when it is deployed stands in angle brackets. */
function known(
  text: string,
  { partition, region, account }: Record<'partition' | 'region' | 'account', string>,
): string {
  const named = (value: string, name: string) => (Token.isUnresolved(value) ? `<AWS::${name}>` : value);
  return text
    .replace(partition, named(partition, 'Partition'))
    .replace(region, named(region, 'Region'))
    .replace(account, named(account, 'AccountId'));
}
