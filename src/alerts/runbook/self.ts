import type { RunbookPage } from './page.ts';

/** Pages of the CloudWatch alarms on pgmon itself; the stack makes one alarm of each, or one per loop and shard. */
export const selfRunbook = {
  loop_failing: {
    meaning:
      'Runs of a loop end with an error: a write or a publication failed, or the Lambda was cut off. Everything else was written.',
    investigate:
      'The log group of the stack: lines of level ERROR name the failed write, its target and the reason. The Lambda console shows timeouts as `Task timed out`.',
    resolve:
      '`AccessDenied`: the role was changed by hand; deploy again. `Throttling` of the table: see table_throttled. Timeouts: a hanging target costs one connect timeout; lower `timeouts.connect_timeout_ms` or `aws.shard_size`.',
    quieter: 'No reason to: charts have holes meanwhile, and alerts may be late.',
  },
  loop_not_running: {
    meaning: 'A loop of a shard has not started for three of its intervals. It reads none of its targets.',
    investigate:
      'The schedule in EventBridge Scheduler (enabled?), the dead-letter queue, and Throttles of the Lambda: an account has a limit of concurrent executions.',
    resolve:
      'Enable the schedule, raise the limit of concurrent executions, or deploy again, which reverts changes made by hand.',
    quieter: 'Disable the actions of the alarm while you stop a loop on purpose.',
  },
  dead_letters: {
    meaning:
      'A schedule could not start its Lambda, or a receiver refused a notification for a day. The messages are in the dead-letter queue.',
    investigate:
      'The messages in the queue: their attributes ERROR_CODE and ERROR_MESSAGE say why, their bodies say what.',
    resolve:
      'Fix the cause (a deleted function, a missing permission, a wrong webhook), redrive notifications that are still useful, and purge the queue.',
    quieter: 'No reason to: each message is something that somebody did not get.',
  },
  table_throttled: {
    meaning: 'DynamoDB refused writes. pgmon retries, and holds unwritten data until its next run.',
    investigate: 'WriteThrottleEvents of the table, and its throughput limits, if set.',
    resolve:
      'An on-demand table scales by itself within minutes. After adding many targets at once, wait; if it continues, raise the quota of the table.',
    quieter: 'No reason to: history has holes while it lasts.',
  },
  notifier_failing: {
    meaning:
      'A notification has been waiting for ten minutes: Slack, PagerDuty, a webhook or the mail server does not accept it. pgmon retries every three minutes for a day.',
    investigate: 'The log of the notifier: each line names the channel and its answer.',
    resolve: 'Fix the address or the secret of the channel. A rotated secret takes effect within five minutes.',
    quieter: 'Remove the channel from `notifiers.channels` and deploy.',
  },
  function_failing: {
    meaning:
      'Within five minutes the API answered three times with a 5xx, or the authorizer, the widgets or the notifier ended three times with an error. Collection continues.',
    investigate:
      'The log group of the stack: lines of level ERROR, `Task timed out` or `Runtime.` name the function and the reason. For the API, also its access log.',
    resolve:
      '`AccessDenied`: the role was changed by hand; deploy again. Authorizer: its log says what is wrong with the secret of tokens, or that the OIDC issuer does not answer. API timeouts: see table_throttled, or ask for a shorter range. Notifier: its messages stay in the queue and are retried.',
    quieter: 'No reason to: somebody misses the page, the dashboard or a notification.',
  },
} as const satisfies Readonly<Record<string, RunbookPage>>;

export type SelfAlarmName = keyof typeof selfRunbook;
