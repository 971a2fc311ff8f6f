import { CfnOutput, Duration, NestedStack, RemovalPolicy, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { NetworkConfig } from '../src/config/aws.ts';
import { isOutside, slackSecretRefs } from '../src/config/notifiers.ts';
import type { Config } from '../src/config/schema.ts';
import { DEFAULT_GROUP, shardsOf } from '../src/config/shards.ts';
import type { ApiEnvironment, ReaderEnvironment } from '../src/lambda/environment.ts';
import { AlertTopic } from './alert-topic.ts';
import type { Bundles } from './build.ts';
import { CollectorShard, type Shared } from './collector-shard.ts';
import { Dashboard } from './dashboard.ts';
import { DataTable } from './data-table.ts';
import { HttpApi } from './http-api.ts';
import { accept } from './nag.ts';
import { Endpoints } from './network.ts';
import { NodeLambda } from './node-lambda.ts';
import { Notifier } from './notifier.ts';
import { allowSecrets } from './secrets.ts';
import { occasionAlarm } from './self-alarms.ts';
import { allowReads, allowWrites } from './table-grants.ts';

export interface PgmonStackProps extends StackProps {
  readonly config: Config;
  /** The folder of each built Lambda. */
  readonly bundles: Bundles;
}

/** Shards in one nested stack: each has about 25 resources, and a stack may have 500. */
const SHARDS_PER_STACK = 15;

/** The whole deployment. */
export class PgmonStack extends Stack {
  constructor(scope: Construct, id: string, { config, bundles, ...props }: PgmonStackProps) {
    super(scope, id, { description: 'pgmon: read-only PostgreSQL health monitoring', ...props });
    const { aws } = config;
    const code = (...[name]: Parameters<Bundles['of']>) => lambda.Code.fromAsset(bundles.of(name));
    const retention = aws.log_retention_days as logs.RetentionDays;
    const logGroup = new logs.LogGroup(this, 'Log', { retention, removalPolicy: RemovalPolicy.DESTROY });
    const common = { logGroup, logLevel: config.log_level, reserves: aws.reserved_concurrency };

    const { table } = new DataTable(this, 'Data', aws);
    const { topic, key } = new AlertTopic(this, 'Alerts', aws);
    const deadLetters = new sqs.Queue(this, 'DeadLetters', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    accept(
      deadLetters,
      'AwsSolutions-SQS3',
      'It is the dead-letter queue, of schedules in nested stacks and of the notifier.',
    );

    this.#addCollectors({
      config,
      code: (loop, shard) => lambda.Code.fromAsset(bundles.ofLoop(loop, shard)),
      table,
      topic,
      key,
      logGroup,
      deadLetters,
    });

    const readers: ReaderEnvironment = { PGMON_TABLE: table.tableName };
    // A deployment takes its secrets from Secrets Manager, and from nowhere else.
    const slackSecrets = slackSecretRefs(config.notifiers).flatMap((ref) =>
      typeof ref === 'object' && 'secretArn' in ref ? [ref.secretArn] : [],
    );
    const apiEnvironment: ApiEnvironment = {
      ...readers,
      ...(slackSecrets.length > 0 ? { PGMON_SLACK_SECRETS: slackSecrets.join(',') } : {}),
    };
    const api = new NodeLambda(this, 'Api', {
      ...common,
      description: 'pgmon: API, metrics and page',
      code: code('api'),
      memoryMb: 512,
      concurrency: 10,
      timeout: Duration.seconds(29),
      environment: { ...apiEnvironment },
    });
    allowReads(api.role, table);
    allowWrites(api.role, table, 'api');
    if (slackSecrets.length > 0) allowSecrets(api.role, slackSecrets);
    const http = new HttpApi(this, 'Http', {
      api: api.fn,
      authorizerCode: code('authorizer'),
      common,
      aws,
      retention,
      needsTokens: config.http.tokens.length === 0 && !config.http.oidc,
      takesOrigins: config.http.cors_origins.length > 0,
      takesClicks: slackSecrets.length > 0,
    });

    const channels = config.notifiers.channels.filter(isOutside);
    const failing: [of: string, errors: cloudwatch.IMetric][] = [
      ['api', http.serverErrors],
      ['authorizer', errorsOf(http.authorizer)],
    ];
    if (channels.length > 0) {
      const notifier = new Notifier(this, 'Notifier', {
        code: code('notifier'),
        common,
        channels,
        table,
        topic,
        key,
        deadLetters,
        runbookUrl: aws.runbook_url,
      });
      failing.push(['notifier', errorsOf(notifier.fn)]);
    }
    if (aws.dashboard) {
      const widget = new NodeLambda(this, 'Widget', {
        ...common,
        description: 'pgmon: widgets of the dashboard',
        code: code('widget'),
        memoryMb: 512,
        concurrency: 5,
        timeout: Duration.seconds(20),
        environment: { ...readers },
      });
      allowReads(widget.role, table);
      const { url } = new Dashboard(this, 'Dashboard', config, widget.fn);
      failing.push(['widget', errorsOf(widget.fn)]);
      this.#output('DashboardUrl', url, 'CloudWatch dashboard');
    }
    const alarmed = { topic, runbookUrl: aws.runbook_url };
    for (const [of, metric] of failing)
      occasionAlarm(this, `Failing-${of}`, { ...alarmed, page: 'function_failing', of, metric, threshold: 3 });
    occasionAlarm(this, 'DeadLettersWaiting', {
      ...alarmed,
      page: 'dead_letters',
      metric: deadLetters.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(5),
        statistic: cloudwatch.Stats.MAXIMUM,
      }),
    });
    occasionAlarm(this, 'TableThrottled', {
      ...alarmed,
      page: 'table_throttled',
      metric: table.metric('WriteThrottleEvents', { period: Duration.minutes(5), statistic: cloudwatch.Stats.SUM }),
    });

    this.#output('Url', http.url, 'Address of the page and the API');
    if (http.domainTarget) this.#output('DomainTarget', http.domainTarget, 'Target of the CNAME of your domain');
    if (http.tokens) this.#output('TokensSecret', http.tokens.secretArn, 'Secret with the API tokens');
    this.#output('TopicArn', topic.topicArn, 'Topic of alerts: subscribe all receivers to it');
    this.#output('TableName', table.tableName, 'Table with all data of pgmon');
    Tags.of(this).add('application', 'pgmon');
    for (const [name, value] of Object.entries(aws.tags)) Tags.of(this).add(name, value);
  }

  #addCollectors(shared: Shared): void {
    const { config } = shared;
    const { aws } = config;
    const networks: Readonly<Record<string, NetworkConfig>> = {
      ...aws.groups,
      ...(aws.network ? { [DEFAULT_GROUP]: aws.network } : {}),
    };
    for (const [group, network] of Object.entries(networks)) {
      if (network.endpoints.length > 0) new Endpoints(this, `Endpoints-${group}`, network);
    }
    const shards = shardsOf(config);
    for (let i = 0; i < shards.length; i += SHARDS_PER_STACK) {
      const nested = new NestedStack(this, `Collectors${i / SHARDS_PER_STACK + 1}`, {
        description: 'pgmon: the loops of some shards',
      });
      for (const shard of shards.slice(i, i + SHARDS_PER_STACK))
        new CollectorShard(nested, shard.id, shard, shared, networks[shard.group]);
    }
  }

  #output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }
}

function errorsOf(fn: lambda.Function): cloudwatch.IMetric {
  return fn.metricErrors({ period: Duration.minutes(5), statistic: cloudwatch.Stats.SUM });
}
