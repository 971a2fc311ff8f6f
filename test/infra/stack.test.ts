import { describe, expect, test } from 'vitest';
import { selfRunbook } from '../../src/alerts/runbook/self.ts';
import { billOf } from '../../src/cost/bill.ts';
import { measuredCounts } from '../../src/cost/counts.ts';
import { listPrices } from '../../src/cost/prices.ts';
import { one, type Resource, secretArn, synthesised } from './stack.ts';

const network = {
  vpc_id: 'vpc-0a',
  subnet_ids: ['subnet-0a', 'subnet-0b'],
  security_group_ids: ['sg-0a'],
};

describe('one server', () => {
  const stack = synthesised({
    ...one,
    aws: { emails: ['oncall@example.com'], tags: { team: 'data' }, log_retention_days: 7 },
    notifiers: { channels: [{ type: 'slack', url: { secretArn: secretArn('slack') } }] },
  });
  const statements = (description: string): { Action: string | string[]; Resource: unknown; Condition?: object }[] => {
    const role = stack.templates
      .flatMap((template) => Object.entries(template.toJSON()['Resources'] as Record<string, Resource>))
      .find(
        ([, { Type, Properties }]) =>
          Type === 'AWS::IAM::Role' && JSON.stringify(Properties.Description).includes(description),
      );
    if (!role) throw new Error(`no role is for ${description}`);
    return stack
      .of('AWS::IAM::Policy')
      .filter(({ Roles }) => JSON.stringify(Roles).includes(role[0]))
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  };
  const actions = (description: string) => new Set(statements(description).flatMap(({ Action }) => Action));

  test('the table expires items, can be restored, is encrypted and stays', () => {
    const [table] = stack.resources.filter(({ Type }) => Type === 'AWS::DynamoDB::Table');
    expect(table?.DeletionPolicy).toBe('Retain');
    expect(table?.Properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  });

  test('functions run Node 24 on arm64, as ES modules, with logs that end', () => {
    const functions = stack.of('AWS::Lambda::Function');
    expect(functions).toHaveLength(8);
    for (const fn of functions) {
      expect(fn).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
      expect(fn.LoggingConfig).toMatchObject({ LogFormat: 'JSON' });
    }
    for (const log of stack.of('AWS::Logs::LogGroup')) expect(log.RetentionInDays).toBe(7);
  });

  test('each loop has its schedule: no retries, the shortest age, dead letters, the shard in its input', () => {
    const schedules = stack.of('AWS::Scheduler::Schedule');
    expect(schedules.map(({ ScheduleExpression }) => ScheduleExpression)).toEqual([
      'rate(1 minute)',
      'rate(1 minute)',
      'rate(10 minutes)',
      'rate(60 minutes)',
    ]);
    for (const { Target, FlexibleTimeWindow } of schedules) {
      expect(FlexibleTimeWindow).toEqual({ Mode: 'OFF' });
      expect(Target.RetryPolicy).toEqual({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
      expect(Target.DeadLetterConfig.Arn).toBeDefined();
      expect(JSON.parse(Target.Input)).toEqual({ shard: 'default-1', tick: '<aws.scheduler.scheduled-time>' });
    }
    for (const config of stack.of('AWS::Lambda::EventInvokeConfig'))
      expect(config).toMatchObject({ MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 });
  });

  test('[C9] API, authorizer, widgets and notifier ring when they fail', () => {
    const failing = stack
      .of('AWS::CloudWatch::Alarm')
      .filter(({ AlarmDescription }) => AlarmDescription.includes('#function_failing'));
    expect(failing.map(({ AlarmName, MetricName, Namespace }) => [AlarmName, Namespace, MetricName])).toEqual(
      expect.arrayContaining([
        ['pgmon api function failing', 'AWS/ApiGateway', '5xx'],
        ['pgmon authorizer function failing', 'AWS/Lambda', 'Errors'],
        ['pgmon notifier function failing', 'AWS/Lambda', 'Errors'],
        ['pgmon widget function failing', 'AWS/Lambda', 'Errors'],
      ]),
    );
    const watched = new Set(failing.map(({ Dimensions }) => JSON.stringify(Dimensions)));
    expect(watched.size).toBe(4);
  });

  test('each alarm on pgmon itself goes to the topic, both ways, and names its page', () => {
    const alarms = stack.of('AWS::CloudWatch::Alarm');
    const named = (page: string) => alarms.filter(({ AlarmDescription }) => AlarmDescription.includes(`#${page}`));
    expect(Object.fromEntries(Object.keys(selfRunbook).map((page) => [page, named(page).length]))).toEqual({
      loop_failing: 4,
      loop_not_running: 4,
      dead_letters: 1,
      table_throttled: 1,
      notifier_failing: 1,
      function_failing: 4,
    });
    expect(alarms).toHaveLength(15);
    expect(billOf(stack.config, measuredCounts, listPrices).lines).toContainEqual(
      expect.objectContaining({ what: '15 alarms on pgmon itself' }),
    );
    for (const { AlarmActions, OKActions } of alarms) {
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
    }
    for (const alarm of named('loop_not_running')) expect(alarm.TreatMissingData).toBe('breaching');
    for (const alarm of named('loop_failing')) expect(alarm.TreatMissingData).toBe('notBreaching');
  });

  test('the topic is encrypted with a key that CloudWatch may use, and takes nothing in clear', () => {
    expect(stack.of('AWS::SNS::Topic')[0].KmsMasterKeyId).toBeDefined();
    const key = JSON.stringify(stack.of('AWS::KMS::Key')[0].KeyPolicy);
    expect(key).toContain('cloudwatch.amazonaws.com');
    expect(JSON.stringify(stack.of('AWS::SNS::TopicPolicy'))).toContain('aws:SecureTransport');
    expect(
      stack.of('AWS::SNS::Subscription').map(({ Protocol, Endpoint }) => (Protocol === 'email' ? Endpoint : Protocol)),
    ).toEqual(['oncall@example.com', 'sqs']);
  });

  test('the loops may do what they need, bound to what is ours', () => {
    expect(actions('its loops')).toEqual(
      new Set([
        'logs:CreateLogStream',
        'logs:PutLogEvents',
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:UpdateItem',
        'dynamodb:DeleteItem',
        'dynamodb:Query',
        'cloudwatch:PutMetricData',
        'sns:Publish',
        'kms:Decrypt',
        'kms:GenerateDataKey',
        'events:PutEvents',
        'secretsmanager:GetSecretValue',
      ]),
    );
    const own = statements('its loops');
    const of = (action: string) => own.filter(({ Action }) => [Action].flat().includes(action));
    expect(of('cloudwatch:PutMetricData')[0]?.Condition).toEqual({ StringEquals: { 'cloudwatch:namespace': 'pgmon' } });
    expect(of('secretsmanager:GetSecretValue')[0]?.Resource).toBe(secretArn('orders'));
    expect(of('events:PutEvents')[0]?.Condition).toEqual({ StringEquals: { 'events:source': 'pgmon' } });
  });

  test('[E12] whoever writes the table is bound to the kinds of items that are its own, by keys that must be there', () => {
    const granted = (description: string) =>
      statements(description)
        .filter(({ Action }) =>
          [Action].flat().some((action) => /dynamodb:(Put|Update|Delete|BatchWrite)/.test(action)),
        )
        .map(({ Action, Condition }) => ({ actions: [Action].flat(), condition: Condition }));
    const only = (keys: readonly string[]) => ({
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    });
    expect(granted('its loops')).toEqual([
      {
        actions: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
        condition: only([
          'TARGETS',
          'TARGETS#*',
          'LATEST#*',
          'MEMORY#*',
          'ALERTS#*',
          'OUTBOX#*',
          'TRANSITIONS#*',
          'INCIDENTS#*',
          'PASTINCIDENTS#*',
          'LEASES',
          'ACKNOWLEDGEMENTS',
          'STATEMENT#*',
          'TOP#*',
          'PAST#*',
          'ACTIVITY#*',
          'WORK#*',
          'ROLLUP#*',
          'HISTORY#*',
          'EVENTS#*',
          'ROUTINE#*',
        ]),
      },
    ]);
    expect(granted('API, metrics and page')).toEqual([
      {
        actions: ['dynamodb:PutItem', 'dynamodb:DeleteItem'],
        condition: only(['SILENCES', 'ACKNOWLEDGEMENTS', 'EVENTS#*']),
      },
    ]);
    expect(granted('notifies Slack')).toEqual([{ actions: ['dynamodb:PutItem'], condition: only(['RECEIPT#*']) }]);
    expect(granted('widgets')).toEqual([]);
    const reads = statements('notifies Slack').filter(({ Action }) => Action === 'dynamodb:GetItem');
    expect(reads.map(({ Condition }) => Condition)).toEqual([only(['RECEIPT#*'])]);
  });

  test('readers read, the schedules start their loops', () => {
    expect(actions('widgets')).toEqual(
      new Set(['logs:CreateLogStream', 'logs:PutLogEvents', 'dynamodb:GetItem', 'dynamodb:Query']),
    );
    expect(actions('its schedules')).toEqual(
      new Set(['sqs:SendMessage', 'sqs:GetQueueAttributes', 'sqs:GetQueueUrl', 'lambda:InvokeFunction']),
    );
  });

  test('the API is throttled and logged; only the page, its files and health need no token', () => {
    const [stage] = stack.of('AWS::ApiGatewayV2::Stage');
    expect(stage.DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
    expect(stage.AccessLogSettings.DestinationArn).toBeDefined();
    const routes = stack.of('AWS::ApiGatewayV2::Route');
    const open = routes
      .filter(({ AuthorizationType }) => AuthorizationType !== 'CUSTOM')
      .map(({ RouteKey }) => RouteKey);
    expect(open.toSorted()).toEqual([
      'GET /',
      'GET /assets/{proxy+}',
      'GET /livez',
      'GET /openapi.json',
      'GET /runbook/{rule}',
      'GET /{file}',
    ]);
  });

  test('the dashboard has every metric that is published, and widgets by the chosen server', () => {
    const body = JSON.stringify(stack.of('AWS::CloudWatch::Dashboard')[0].DashboardBody);
    for (const metric of [
      'pg_up',
      'pg_tps',
      'pg_wraparound_tx_age',
      'pg_database_size_bytes',
      'pg_longest_blocked_seconds',
    ])
      expect(body).toContain(metric);
    for (const widget of ['open-alerts', 'top-queries', 'lock-tree', 'autovacuum', 'storage'])
      expect(body).toContain(widget);
    expect(body).toContain('PGMON_CLUSTER');
  });

  test('nothing but the table is left behind', () => {
    const kept = stack.resources.filter(({ DeletionPolicy }) => DeletionPolicy === 'Retain').map(({ Type }) => Type);
    expect(kept).toEqual(['AWS::DynamoDB::Table']);
  });

  test('everything is tagged, and what a person needs is put out', () => {
    for (const fn of stack.of('AWS::Lambda::Function'))
      expect(fn.Tags).toEqual(
        expect.arrayContaining([
          { Key: 'application', Value: 'pgmon' },
          { Key: 'team', Value: 'data' },
        ]),
      );
    expect(stack.outputs).toEqual(
      expect.arrayContaining(['Url', 'TokensSecret', 'TopicArn', 'TableName', 'DashboardUrl']),
    );
  });
});

test('without channels there is no notifier, without a dashboard no widget, with tokens no secret of them', () => {
  const stack = synthesised({
    ...one,
    http: { tokens: [{ name: 'a', role: 'viewer', sha256: '0'.repeat(64) }] },
    aws: { dashboard: false, retain_table: false, topic_key: 'none' },
  });
  expect(stack.of('AWS::Lambda::Function')).toHaveLength(6);
  expect(stack.of('AWS::SecretsManager::Secret')).toEqual([]);
  expect(stack.of('AWS::CloudWatch::Dashboard')).toEqual([]);
  expect(stack.of('AWS::KMS::Key')).toEqual([]);
  expect(stack.resources.find(({ Type }) => Type === 'AWS::DynamoDB::Table')?.DeletionPolicy).toBe('Delete');
});

test('[E12] a table that is there already is taken up: none is made, none deleted, and grants and alarm are on it', () => {
  const stack = synthesised({ ...one, aws: { table_name: 'pgmon-DataTable-left' } });
  expect(stack.of('AWS::DynamoDB::Table')).toEqual([]);
  const tables = stack
    .of('AWS::IAM::Policy')
    .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .filter(({ Action }) => [Action].flat().some((action) => action.startsWith('dynamodb:')))
    .map(({ Resource }) => JSON.stringify(Resource));
  expect(tables).toHaveLength(5);
  for (const table of tables) expect(table).toContain(':dynamodb:eu-west-1:000000000000:table/pgmon-DataTable-left');
  const named = stack
    .of('AWS::Lambda::Function')
    .map(({ Environment }) => JSON.stringify(Environment?.Variables?.PGMON_TABLE ?? ''));
  // All but the authorizer; those of the nested stack get the name from their parent.
  expect(named.filter((name) => name !== '""')).toHaveLength(6);
  expect(named.filter((name) => name === '"pgmon-DataTable-left"').length).toBeGreaterThanOrEqual(2);
  const throttled = stack
    .of('AWS::CloudWatch::Alarm')
    .find(({ AlarmDescription }) => AlarmDescription.includes('#table_throttled'));
  expect(throttled.Dimensions).toEqual([{ Name: 'TableName', Value: 'pgmon-DataTable-left' }]);
  expect(stack.outputs).toContain('TableName');
});

test('clicks in Slack reach the API without a token of ours, which may read the signing secret that they are checked by', () => {
  const signing_secret = { secretArn: secretArn('slack-signing') };
  const channel = { type: 'slack', url: { secretArn: secretArn('slack') } };
  const routes = (channels: object[]) => {
    const stack = synthesised({ ...one, notifiers: { channels } });
    const [api] = stack.of('AWS::Lambda::Function').filter(({ Description }) => Description.includes('API, metrics'));
    return {
      secrets: api.Environment.Variables.PGMON_SLACK_SECRETS,
      route: stack.of('AWS::ApiGatewayV2::Route').find(({ RouteKey }) => RouteKey === 'POST /slack/actions'),
      readers: stack
        .of('AWS::IAM::Policy')
        .filter((policy) => JSON.stringify(policy).includes(signing_secret.secretArn))
        .map(({ Roles }) => JSON.stringify(Roles)),
    };
  };
  const signed = routes([{ ...channel, signing_secret }]);
  expect(signed.secrets).toBe(signing_secret.secretArn);
  expect(signed.route).toMatchObject({ AuthorizationType: 'NONE' });
  expect(signed.readers.some((roles) => roles.includes('Api'))).toBe(true);
  expect(routes([channel])).toEqual({ secrets: undefined, route: undefined, readers: [] });
});

test('[E12] runs at a time are reserved where it is asked for, and nowhere else', () => {
  const reserved = (aws: object) =>
    synthesised({ ...one, aws, notifiers: { channels: [{ type: 'slack', url: { secretArn: secretArn('slack') } }] } })
      .of('AWS::Lambda::Function')
      .map(({ Description, ReservedConcurrentExecutions }) => [Description, ReservedConcurrentExecutions] as const);
  expect(new Set(reserved({}).map(([, runs]) => runs))).toEqual(new Set([undefined]));
  const asked = reserved({ reserved_concurrency: true });
  expect(asked.filter(([what]) => what.includes(' loop of ')).map(([, runs]) => runs)).toEqual([2, 2, 2, 2]);
  // As docs/configuration.md adds them up.
  expect(asked.reduce((sum, [, runs]) => sum + runs, 0)).toBe(4 * 2 + 25);
});

test('a server in a VPC: loops are in its subnets, endpoints are made where they are asked for', () => {
  const stack = synthesised({
    targets: [
      { cluster: 'a', host: 'a', auth: { iam: true, user: 'pgmon' } },
      { cluster: 'b', host: 'b', group: 'payments', auth: { iam: true, user: 'watcher', region: 'us-east-1' } },
    ],
    aws: {
      network: { ...network, endpoints: ['dynamodb', 'sns'], route_table_ids: ['rtb-0a'] },
      groups: { payments: { ...network, subnet_ids: ['subnet-0c'] } },
    },
  });
  const inVpc = stack.of('AWS::Lambda::Function').filter(({ VpcConfig }) => VpcConfig);
  expect(inVpc.map(({ VpcConfig }) => VpcConfig.SubnetIds.join())).toEqual([
    ...Array(4).fill('subnet-0a,subnet-0b'),
    ...Array(4).fill('subnet-0c'),
  ]);
  expect(stack.of('AWS::EC2::VPCEndpoint').map(({ VpcEndpointType }) => VpcEndpointType)).toEqual([
    'Gateway',
    'Interface',
  ]);
  const policies = JSON.stringify(stack.of('AWS::IAM::Policy'));
  expect(policies).toContain(':rds-db:eu-west-1:000000000000:dbuser:*/pgmon');
  expect(policies).toContain(':rds-db:us-east-1:000000000000:dbuser:*/watcher');
});

test('pages of other origins may ask for leave', () => {
  const stack = synthesised({ ...one, http: { cors_origins: ['https://dash.example.com'] } });
  const routes = stack.of('AWS::ApiGatewayV2::Route');
  expect(routes.find(({ RouteKey }) => RouteKey === 'OPTIONS /api/{proxy+}')?.AuthorizationType).toBe('NONE');
});

test('a domain of your own', () => {
  const stack = synthesised({
    ...one,
    aws: { domain: { name: 'pgmon.example.com', certificate_arn: 'arn:aws:acm:eu-west-1:000000000000:certificate/x' } },
  });
  expect(stack.of('AWS::ApiGatewayV2::DomainName')[0].DomainName).toBe('pgmon.example.com');
  expect(stack.of('AWS::ApiGatewayV2::ApiMapping')).toHaveLength(1);
  expect(stack.outputs).toContain('DomainTarget');
});

test('a fleet of 1,000 servers in two networks stays below the limit of every stack', () => {
  const stack = synthesised({
    targets: Array.from({ length: 1_000 }, (_, i) => ({
      cluster: `server-${i}`,
      host: `server-${i}.example.com`,
      ...(i % 3 === 0 ? { group: 'payments' } : {}),
      auth: { secretArn: secretArn(`server-${i}`) },
    })),
    aws: { network, groups: { payments: network } },
  });
  const sizes = stack.templates.map((template) => Object.keys(template.toJSON()['Resources']).length);
  expect(Math.max(...sizes)).toBeLessThan(500);
  expect(stack.of('AWS::Scheduler::Schedule')).toHaveLength(4 * (Math.ceil(334 / 25) + Math.ceil(666 / 25)));
  // CloudFormation takes a megabyte a template, IAM 10,240 characters a role.
  for (const template of stack.templates) expect(JSON.stringify(template.toJSON()).length).toBeLessThan(1_000_000);
  for (const { PolicyDocument } of stack.of('AWS::IAM::Policy'))
    expect(JSON.stringify(PolicyDocument).length).toBeLessThan(10_240);
});
