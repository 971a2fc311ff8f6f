import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { SelfAlarm } from './self-alarms.ts';

export interface LoopAlarmsProps {
  readonly fn: lambda.IFunction;
  /** Loop and shard, for the names. */
  readonly of: string;
  /** Minutes between two runs. */
  readonly everyMinutes: number;
  readonly topic: sns.ITopic;
  readonly runbookUrl: string;
}

/** The longest time that an alarm looks back. */
const DAY_MINUTES = 1_440;

/** It runs and fails, or it does not run at all: two alarms, because silence is a failure, too. */
export class LoopAlarms extends Construct {
  constructor(scope: Construct, id: string, { fn, of, everyMinutes, topic, runbookUrl }: LoopAlarmsProps) {
    super(scope, id);
    const period = Duration.minutes(everyMinutes);
    const periods = Math.max(1, Math.min(3, Math.floor(DAY_MINUTES / everyMinutes)));
    // A minute may go wrong; of slower loops each run counts.
    const often = everyMinutes < 5;
    new SelfAlarm(this, 'Failing', {
      page: 'loop_failing',
      of,
      metric: fn.metricErrors({ period, statistic: cloudwatch.Stats.SUM }),
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: often ? 5 : 1,
      datapointsToAlarm: often ? 3 : 1,
      missingIs: 'notBreaching',
      topic,
      runbookUrl,
    });
    new SelfAlarm(this, 'NotRunning', {
      page: 'loop_not_running',
      of,
      metric: fn.metricInvocations({ period, statistic: cloudwatch.Stats.SUM }),
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: periods,
      missingIs: 'breaching',
      topic,
      runbookUrl,
    });
  }
}
