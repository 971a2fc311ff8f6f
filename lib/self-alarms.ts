import { Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { type SelfAlarmName, selfRunbook } from '../src/alerts/runbook/self.ts';

export interface SelfAlarmProps {
  /** Its page in the runbook. */
  readonly page: SelfAlarmName;
  /** What it is about, in its name: `hot default-1`; empty where there is one of it. */
  readonly of: string;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
  readonly comparison: cloudwatch.ComparisonOperator;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  /** Silence is a failure where something should have happened, and none where nothing failed. */
  readonly missingIs: 'breaching' | 'notBreaching';
  readonly topic: sns.ITopic;
  readonly runbookUrl: string;
}

/** An alarm on pgmon itself: it says what is wrong and where its page is, when it begins and when it is over. */
export class SelfAlarm extends Construct {
  constructor(scope: Construct, id: string, props: SelfAlarmProps) {
    super(scope, id);
    const { page, of, topic, runbookUrl, missingIs, comparison, ...rest } = props;
    const where = `${runbookUrl || 'docs/runbook.md'}#${page}`;
    const alarm = new cloudwatch.Alarm(this, 'Alarm', {
      ...rest,
      alarmName: [
        Stack.of(this).nestedStackParent?.stackName ?? Stack.of(this).stackName,
        of,
        page.replaceAll('_', ' '),
      ]
        .filter(Boolean)
        .join(' '),
      alarmDescription: `${of ? `${of}: ` : ''}${selfRunbook[page].meaning} Runbook: ${where}`,
      comparisonOperator: comparison,
      treatMissingData:
        missingIs === 'breaching' ? cloudwatch.TreatMissingData.BREACHING : cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(topic));
    alarm.addOkAction(new SnsAction(topic));
  }
}

/** An alarm on what should not happen: it rings in the first five minutes with so many, one without a word. */
export function occasionAlarm(
  scope: Construct,
  id: string,
  {
    of = '',
    threshold = 1,
    ...rest
  }: Pick<SelfAlarmProps, 'page' | 'metric' | 'topic' | 'runbookUrl'> &
    Partial<Pick<SelfAlarmProps, 'of' | 'threshold'>>,
): void {
  new SelfAlarm(scope, id, {
    ...rest,
    of,
    threshold,
    comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    missingIs: 'notBreaching',
  });
}
