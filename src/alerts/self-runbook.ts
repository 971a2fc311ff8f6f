import type { RunbookPage } from './runbook.ts';

/** Pages of the alarms of CloudWatch on pgmon itself; the stack makes one alarm, or one of each loop and shard, of each. */
export const selfRunbook = {
  loop_failing: {
    meaning:
      'Runs of a loop end with an error: something that was seen could not be kept or published, or the Lambda was cut off. What could be kept was.',
    look: 'The log group of the stack: lines of level ERROR name the write that failed, its target and the reason. The Lambda console shows timeouts as `Task timed out`.',
    resolve:
      '`AccessDenied`: deploy again, the role was changed by hand. `Throttling` of the table: page table_throttled. Timeouts: a target that hangs costs one connect timeout; lower `timeouts.connect_timeout_ms` or `aws.shard_size`.',
    quieter: 'There is no reason to: charts have holes meanwhile, and alerts may come late.',
  },
  loop_not_running: {
    meaning: 'A loop of a shard was not started for three of its intervals. Nothing of its targets is watched by it.',
    look: 'The schedule in EventBridge Scheduler (enabled?), the dead-letter queue, and Throttles of the Lambda: an account has a limit of concurrent executions.',
    resolve:
      'Enable the schedule, raise the limit of concurrent executions, or deploy again: that puts back what was changed by hand.',
    quieter: 'Disable the actions of the alarm while you stop a loop on purpose.',
  },
  dead_letters: {
    meaning:
      'A schedule could not start its Lambda, or a notification was refused for a day by its receiver. The messages are in the dead-letter queue.',
    look: 'The messages of the queue: their attributes ERROR_CODE and ERROR_MESSAGE say why; their body what.',
    resolve:
      'Mend what they say (a deleted function, a missing permission, a wrong webhook), redrive notifications that are still of use, and purge the queue.',
    quieter: 'There is no reason to: each message is something that somebody did not get.',
  },
  table_throttled: {
    meaning: 'DynamoDB refused writes. pgmon tries again, and keeps what it could not write until its next run.',
    look: 'WriteThrottleEvents of the table, and its limits of throughput, if somebody has set any.',
    resolve:
      'A table on demand grows by itself within minutes. After many targets were added at once wait; if it continues, raise the quota of the table.',
    quieter: 'There is no reason to: history has holes where it lasts.',
  },
  notifier_failing: {
    meaning:
      'A notification has waited for ten minutes: Slack, PagerDuty, a webhook or the mail server does not take it. It is tried every three minutes for a day.',
    look: 'The log of the notifier: each line names the channel and what it answered.',
    resolve: 'Mend the address or the secret of the channel; a rotated secret is picked up within five minutes.',
    quieter: 'Remove the channel from `notifiers.channels` and deploy.',
  },
  function_failing: {
    meaning:
      'Within five minutes the API answered with a 5xx three times, or the authorizer, the widgets or the notifier ended three times with an error. Collecting continues.',
    look: 'The log group of the stack: lines of level ERROR, `Task timed out` or `Runtime.` name the function and the reason. For the API also its access log.',
    resolve:
      '`AccessDenied`: deploy again, the role was changed by hand. Authorizer: its log says what is wrong with the secret of tokens, or that the OIDC issuer does not answer. Timeouts of the API: page table_throttled, or too wide a range was asked for. Notifier: what it was given stays in its queue and comes again.',
    quieter: 'There is no reason to: somebody does not see the page, the dashboard or a notification.',
  },
} as const satisfies Readonly<Record<string, RunbookPage>>;

export type SelfAlarmName = keyof typeof selfRunbook;
