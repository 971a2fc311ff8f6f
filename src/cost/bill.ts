import { LOOPS, type Loop } from '../config/loop.ts';
import { isOutside, secretArnsOf } from '../config/notifiers.ts';
import type { Config } from '../config/schema.ts';
import { DEFAULT_GROUP, type Shard, shardsOf } from '../config/shards.ts';
import { MB_PER_CPU, minutesBetween, sizingOf, staggerMs } from '../config/sizing.ts';
import type { Counts } from './counts.ts';
import type { Prices } from './prices.ts';

/** One line of a month's bill, in dollars. */
export interface BillLine {
  readonly service: string;
  readonly what: string;
  /** At list price, nothing free. */
  readonly list: number;
  /** With what AWS gives to every account for nothing, month after month. */
  readonly withFreeTier: number;
}

export interface Bill {
  readonly targets: number;
  readonly lines: readonly BillLine[];
  readonly list: number;
  readonly withFreeTier: number;
  /** What of it keeping the past of every target takes, at list price. */
  readonly past: number;
  /** Apart, since it can be turned off and there is one for all targets. */
  readonly dashboard: BillLine;
}

/** Seconds of a run that are spent waiting for the network. */
const NETWORK_SECONDS = 0.15;
/** Requests to the API in a month: somebody looks at the page for a quarter of an hour on every working day. */
export const API_REQUESTS = 20_000;
/** SQS asks for messages without end, by five pollers of 20 seconds. */
const POLLS_AN_HOUR = 5 * 180;
/** How often a run happens where the counts were made. */
const COUNTED_MINUTES: Readonly<Record<Loop, number>> = { hot: 1, workload: 1, storage: 10, hourly: 60 };

/** The bill of a month for a configuration as it would be deployed. */
export function billOf(config: Config, counts: Counts, prices: Prices): Bill {
  const { targets, aws } = config;
  const shards = shardsOf(config);
  const hours = prices.hoursAMonth;
  const runs = LOOPS.flatMap((loop) => shards.map((shard) => runOf(loop, shard, config, counts)));
  const sum = (of: (run: Run) => number) => runs.reduce((total, run) => total + of(run) * run.anHour * hours, 0);
  const line = (service: string, what: string, list: number, free = 0): BillLine => ({
    service,
    what,
    list,
    withFreeTier: Math.max(0, list - free),
  });
  const million = 1_000_000;
  const { lambda, scheduler, cloudWatch, dynamoDb } = prices;

  const invocations = sum(() => 1);
  const metrics =
    targets.length * LOOPS.reduce((all, loop) => all + counts.loops[loop].metrics[config.cloudwatch.metrics], 0);
  const calls = sum(({ metricCalls }) => metricCalls);
  const notifier = config.notifiers.channels.some(isOutside);
  // Of each loop and shard two, dead letters, table, API and authorizer; of the notifier two, of the widgets one.
  const alarms = runs.length * 2 + 4 + (notifier ? 2 : 0) + (aws.dashboard ? 1 : 0);
  const perTargetHour = (key: 'writeUnits' | 'readUnits') =>
    LOOPS.reduce((all, loop) => {
      const scale = COUNTED_MINUTES[loop] / minutesBetween(intervalOf(loop, config));
      return all + counts.loops[loop][key] * scale;
    }, 0) *
    targets.length *
    hours;
  const storedGb = counts.storedGbPerTarget * targets.length;
  const logsGb = (invocations * counts.logBytesPerRun) / 1e9;
  const secrets = secretsOf(config);
  const polls = notifier ? POLLS_AN_HOUR * hours : 0;
  const endpoints = endpointsOf(config);

  const lines = [
    line(
      'CloudWatch',
      `${metrics} metrics`,
      tiered(metrics, cloudWatch.metricMonth),
      tiered(Math.min(metrics, cloudWatch.freeMetrics), cloudWatch.metricMonth),
    ),
    line(
      'CloudWatch',
      `${count(calls)} calls of PutMetricData`,
      (calls / 1_000) * cloudWatch.thousandCalls,
      (cloudWatch.freeCalls / 1_000) * cloudWatch.thousandCalls,
    ),
    line(
      'CloudWatch',
      `${alarms} alarms on pgmon itself`,
      alarms * cloudWatch.alarmMonth,
      cloudWatch.freeAlarms * cloudWatch.alarmMonth,
    ),
    line(
      'CloudWatch',
      `${logsGb.toFixed(2)} GB of logs`,
      logsGb * cloudWatch.logsGb,
      cloudWatch.freeLogsGb * cloudWatch.logsGb,
    ),
    line(
      'Lambda',
      `${count(sum(({ gbSeconds }) => gbSeconds))} GB-seconds`,
      sum(({ gbSeconds }) => gbSeconds) * lambda.arm64GbSecond,
      lambda.freeGbSeconds * lambda.arm64GbSecond,
    ),
    line(
      'Lambda',
      `${count(invocations)} invocations`,
      (invocations / million) * lambda.millionRequests,
      (lambda.freeRequests / million) * lambda.millionRequests,
    ),
    line(
      'EventBridge Scheduler',
      `${count(invocations)} starts`,
      (invocations / million) * scheduler.millionInvocations,
      (scheduler.freeInvocations / million) * scheduler.millionInvocations,
    ),
    line(
      'DynamoDB',
      `${count(perTargetHour('writeUnits'))} write units`,
      (perTargetHour('writeUnits') / million) * dynamoDb.millionWriteUnits,
    ),
    line(
      'DynamoDB',
      `${count(perTargetHour('readUnits'))} read units`,
      (perTargetHour('readUnits') / million) * dynamoDb.millionReadUnits,
    ),
    line(
      'DynamoDB',
      `${storedGb.toFixed(2)} GB kept, with point-in-time recovery`,
      storedGb * (dynamoDb.storageGbMonth + dynamoDb.recoveryGbMonth),
      Math.min(storedGb, dynamoDb.freeStorageGb) * dynamoDb.storageGbMonth,
    ),
    line('API Gateway', `${count(API_REQUESTS)} requests`, (API_REQUESTS / million) * prices.apiGatewayMillionRequests),
    ...(aws.topic_key === 'own' ? [line('KMS', 'the key of the topic', prices.kmsKeyMonth)] : []),
    ...(secrets > 0 ? [line('Secrets Manager', `${secrets} secrets`, secrets * prices.secretMonth)] : []),
    ...(notifier
      ? [
          line(
            'SQS',
            'the queue of the notifier',
            (polls / million) * prices.sqsMillionRequests,
            (prices.sqsFreeRequests / million) * prices.sqsMillionRequests,
          ),
        ]
      : []),
    ...(endpoints > 0
      ? [line('VPC', `${endpoints} interface endpoints, by zone`, endpoints * prices.interfaceEndpointMonth)]
      : []),
  ];
  const total = (of: 'list' | 'withFreeTier') => lines.reduce((all, one) => all + one[of], 0);
  return {
    targets: targets.length,
    lines,
    list: total('list'),
    withFreeTier: total('withFreeTier'),
    past: pastOf(config, counts, prices),
    dashboard: line(
      'CloudWatch',
      'the dashboard',
      aws.dashboard ? cloudWatch.dashboardMonth : 0,
      cloudWatch.dashboardMonth,
    ),
  };
}

/** Dollars a month for what is written and kept so that any moment can be shown. */
function pastOf({ targets }: Config, { past }: Counts, { dynamoDb, hoursAMonth }: Prices): number {
  const written = (past.writeUnits * hoursAMonth * dynamoDb.millionWriteUnits) / 1_000_000;
  const kept = past.storedGbPerTarget * (dynamoDb.storageGbMonth + dynamoDb.recoveryGbMonth);
  return targets.length * (written + kept);
}

interface Run {
  readonly anHour: number;
  readonly gbSeconds: number;
  readonly metricCalls: number;
}

/** One run of a loop over a shard: it waits between its passes, and works for as long as its share of a CPU takes. */
function runOf(loop: Loop, { targets }: Shard, config: Config, counts: Counts): Run {
  const intervalMs = intervalOf(loop, config);
  const passes = intervalMs < 60_000 ? Math.floor(60_000 / intervalMs) : 1;
  const { memoryMb } = sizingOf(loop, targets.length);
  const { cpuMs, cpuMsPerTarget, metrics } = counts.loops[loop];
  const working = (cpuMs + cpuMsPerTarget * targets.length) / 1_000 / Math.min(1, memoryMb / MB_PER_CPU);
  // The work of all passes but the last falls into the time between them.
  const starting = (staggerMs(memoryMb) * (targets.length - 1)) / 1_000;
  const seconds = ((passes - 1) * intervalMs) / 1_000 + Math.max(working / passes, starting) + NETWORK_SECONDS;
  const data = metrics[config.cloudwatch.metrics] * targets.length * passes;
  return {
    anHour: 60 / minutesBetween(intervalMs),
    gbSeconds: seconds * (memoryMb / 1_024),
    metricCalls: Math.ceil(data / 1_000),
  };
}

function intervalOf(loop: Loop, { sample_intervals }: Config): number {
  return sample_intervals[loop === 'hot' ? 'hot_path' : loop];
}

function tiered(amount: number, tiers: Prices['cloudWatch']['metricMonth']): number {
  let [left, below, total] = [amount, 0, 0];
  for (const { upTo, price } of tiers) {
    const inTier = Math.min(left, (upTo ?? Number.POSITIVE_INFINITY) - below);
    total += inTier * price;
    left -= inTier;
    below = upTo ?? below;
  }
  return total;
}

/** Distinct secrets: of targets, of channels, and the one of the tokens where the stack makes it. */
function secretsOf({ targets, notifiers, http }: Config): number {
  const arns = [
    ...targets.flatMap(({ auth }) => (auth && 'secretArn' in auth ? [auth.secretArn] : [])),
    ...notifiers.channels.flatMap(secretArnsOf),
  ];
  return new Set(arns).size + (http.tokens.length === 0 && !http.oidc ? 1 : 0);
}

/** Interface endpoints in each zone: a subnet is one zone's. That of DynamoDB is a route, and free. */
function endpointsOf({ aws }: Config): number {
  const networks = { ...aws.groups, ...(aws.network ? { [DEFAULT_GROUP]: aws.network } : {}) };
  return Object.values(networks).reduce(
    (all, { endpoints, subnet_ids }) =>
      all + endpoints.filter((name) => name !== 'dynamodb').length * subnet_ids.length,
    0,
  );
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
