import { Duration } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { NetworkConfig } from '../src/config/aws.ts';
import type { Loop } from '../src/config/loop.ts';
import type { Config } from '../src/config/schema.ts';
import type { Shard } from '../src/config/shards.ts';
import { minutesBetween, sizingOf } from '../src/config/sizing.ts';
import type { LoopEnvironment } from '../src/lambda/environment.ts';
import { LoopAlarms } from './loop-alarms.ts';
import { placeIn } from './network.ts';
import { NodeLambda } from './node-lambda.ts';

export interface CollectorLoopProps {
  readonly loop: Loop;
  readonly shard: Shard;
  readonly intervalMs: number;
  readonly code: lambda.Code;
  readonly environment: LoopEnvironment;
  readonly role: iam.Role;
  /** With which EventBridge Scheduler starts it. */
  readonly schedulerRole: iam.Role;
  readonly logGroup: logs.ILogGroup;
  readonly logLevel: Config['log_level'];
  readonly reserves: boolean;
  readonly network?: NetworkConfig | undefined;
  readonly deadLetters: sqs.IQueue;
  readonly topic: sns.ITopic;
  readonly runbookUrl: string;
}

/** One loop of one shard: the Lambda, the schedule that starts it, and the alarms on both. */
export class CollectorLoop extends Construct {
  readonly fn: lambda.Function;

  constructor(scope: Construct, id: string, props: CollectorLoopProps) {
    super(scope, id);
    const { loop, shard, intervalMs, role, schedulerRole, logGroup, network, deadLetters } = props;
    const { memoryMb, timeoutSeconds } = sizingOf(loop, shard.targets.length);
    const { fn } = new NodeLambda(this, 'Lambda', {
      description: `pgmon: the ${loop} loop of ${shard.id}`,
      code: props.code,
      memoryMb,
      concurrency: 2, // one at work, and one that waits for its lease
      reserves: props.reserves,
      timeout: Duration.seconds(timeoutSeconds),
      environment: { ...props.environment },
      role,
      logGroup,
      logLevel: props.logLevel,
    });
    this.fn = fn;
    if (network) placeIn(fn, network);
    // The next tick is the retry; a late one is worth nothing.
    fn.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });

    const everyMinutes = minutesBetween(intervalMs);
    new scheduler.CfnSchedule(this, 'Schedule', {
      description: `pgmon: starts the ${loop} loop of ${shard.id}`,
      scheduleExpression: everyMinutes === 1 ? 'rate(1 minute)' : `rate(${everyMinutes} minutes)`,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: fn.functionArn,
        roleArn: schedulerRole.roleArn,
        input: JSON.stringify({ shard: shard.id, tick: '<aws.scheduler.scheduled-time>' }),
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
        deadLetterConfig: { arn: deadLetters.queueArn },
      },
    });
    new LoopAlarms(this, 'Alarms', {
      fn,
      of: `${loop} ${shard.id}`,
      everyMinutes,
      topic: props.topic,
      runbookUrl: props.runbookUrl,
    });
  }
}
