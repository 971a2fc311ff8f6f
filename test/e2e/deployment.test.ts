import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, DescribeAlarmsCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListTopicsCommand, SNSClient } from '@aws-sdk/client-sns';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { catalogOf } from '../../src/collectors/catalog.ts';
import { collectors } from '../../src/collectors/index.ts';
import { LOOPS, type Loop } from '../../src/config/loop.ts';
import { DynamoTable } from '../../src/store/dynamo-table.ts';
import { keys } from '../../src/store/keys.ts';
import { type Stores, storesIn } from '../../src/store/stores.ts';
import { HttpReceiver } from '../support/receivers.ts';
import { TestServer } from '../support/test-server.ts';
import { type Emulator, outputsIn, startEmulator } from './support/emulator.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import { Inbox } from './support/inbox.ts';

// A minute of schedules and alarms lasts four seconds; the clocks of functions and databases are real.
const MINUTE_SECONDS = 4;
const HBA = 'host all pgmon 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n';

let aws: Emulator;
let server: TestServer;
let proxy: FaultProxy;
let slack: HttpReceiver;
let folder: string;
let outputs: Record<string, string>;
let stores: Stores;
let inbox: Inbox;
let secretArn: string;
let config: Readonly<Record<string, unknown>>;
let targets: readonly [orders: object, gone: object];
let configFile: string;
const tokens = { viewer: randomBytes(24).toString('hex'), operator: randomBytes(24).toString('hex') };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pgmon-e2e-test-'));
  [aws, server] = await Promise.all([startEmulator(MINUTE_SECONDS), TestServer.start(18, {}, HBA)]);
  await server.sql("ALTER ROLE pgmon PASSWORD 'first'");
  await server.sql('CREATE TABLE orders (id int PRIMARY KEY, note text)');
  await server.sql("INSERT INTO orders SELECT i, 'note' FROM generate_series(1, 1000) AS i");
  slack = new HttpReceiver();
  await slack.listen();
  const secrets = new SecretsManagerClient(aws.client);
  const create = async (Name: string, SecretString: string) =>
    (await secrets.send(new CreateSecretCommand({ Name, SecretString }))).ARN ?? '';
  secretArn = await create('orders', login('first'));
  const slackArn = await create('slack', `${slack.url}/slack`);
  await create('someone-elses', 'not for pgmon');
  targets = [
    { cluster: 'orders', auth: { secretArn }, port: server.postgres.port, host: '127.0.0.1' },
    { cluster: 'gone', host: '127.0.0.1', port: 1, auth: { secretArn } },
  ];
  config = {
    targets,
    sample_intervals: { hot_path: '60s', workload: '60s', storage: '1m', hourly: '10m' },
    alerts: { rules: { blocking_locks: { warning: 1, critical: 600 } } },
    notifiers: { channels: [{ type: 'slack', url: { secretArn: slackArn } }] },
    aws: { emails: ['oncall@example.com'], tags: { team: 'data' } },
    timeouts: { connect_timeout_ms: 1_000 },
  };
  configFile = join(folder, 'pgmon.yaml');
  writeFileSync(configFile, JSON.stringify(config));
  await aws.cdk('bootstrap', 'aws://000000000000/us-east-1', '-c', `config=${configFile}`);
  await deploy(config);
  await secrets.send(
    new PutSecretValueCommand({
      SecretId: outputs['TokensSecret'],
      SecretString: JSON.stringify([
        { name: 'grafana', role: 'viewer', token: tokens.viewer },
        { name: 'me', role: 'operator', token: tokens.operator },
      ]),
    }),
  );
  stores = storesIn(new DynamoTable(outputs['TableName'] ?? '', aws.client));
  inbox = await Inbox.subscribe(outputs['TopicArn'] ?? '', aws.client);
  proxy = new FaultProxy(aws.url);
  await sendThrough(await proxy.listen());
});
afterEach(() => proxy.faults.clear());
afterAll(async () => {
  proxy?.close();
  slack?.close();
  await aws?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function login(password: string): string {
  return JSON.stringify({ username: 'pgmon', password, engine: 'postgres', dbname: 'postgres' });
}

/** Deploys with this configuration, for the first time or in place. */
async function deploy(written: object): Promise<void> {
  writeFileSync(configFile, JSON.stringify(written));
  const file = join(folder, 'outputs.json');
  await aws.cdk('deploy', '--require-approval', 'never', '--outputs-file', file, '-c', `config=${configFile}`);
  outputs = await outputsIn(file);
  // The processes of before are gone. Their leases would last for the minute that each could have worked: fifteen of ours.
  const table = new DynamoTable(outputs['TableName'] ?? '', aws.client);
  for (const loop of LOOPS) await table.set(keys.lease(loop, 'default-1'), { until: 0 });
  table.close();
}

/** The functions of the loops, by loop. */
async function loopFunctions(): Promise<Map<Loop, string>> {
  const { Functions = [] } = await new LambdaClient(aws.client).send(new ListFunctionsCommand({}));
  return new Map(
    LOOPS.flatMap((loop) => {
      const found = Functions.find(({ Description }) => Description?.includes(`the ${loop} loop`));
      return found?.FunctionName ? [[loop, found.FunctionName] as const] : [];
    }),
  );
}

/** Lets what the loops ask of table and metrics go by way of the proxy. */
async function sendThrough(url: string): Promise<void> {
  const client = new LambdaClient(aws.client);
  for (const FunctionName of (await loopFunctions()).values()) {
    const { Environment } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    await client.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName,
        Environment: {
          Variables: { ...Environment?.Variables, AWS_ENDPOINT_URL_DYNAMODB: url, AWS_ENDPOINT_URL_CLOUDWATCH: url },
        },
      }),
    );
  }
}

/** Waits until it is so; says what was there instead. */
async function until<T>(read: () => Promise<T>, is: (value: T) => boolean, seconds = 90): Promise<T> {
  const end = Date.now() + seconds * 1_000;
  for (;;) {
    const value = await read();
    if (is(value)) return value;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${JSON.stringify(value)?.slice(0, 2_000)}`);
    await sleep(500);
  }
}

const hot = (cluster = 'orders') => stores.snapshots.get(cluster, 'hot');
const newer = (time: string) => (snapshot: Awaited<ReturnType<typeof hot>>) => (snapshot?.takenAt ?? '') > time;
const now = () => new Date().toISOString();
const alerts = async () => {
  await inbox.read();
  return inbox.alerts();
};
/** Messages in the queue of one kind about an alert. */
const sent = (cluster: string, rule: string, kind: string) => async () => {
  await inbox.read();
  return inbox.messages
    .map(({ text }) => JSON.parse(text))
    .filter((one) => one.cluster === cluster && one.rule === rule && one.kind === kind);
};
const some = (all: readonly unknown[]) => all.length > 0;
const alarms = async () => {
  await inbox.read();
  return inbox.alarms();
};
const api = (path: string, token?: string) => {
  const id = new URL(outputs['Url'] ?? '').hostname.split('.')[0];
  return fetch(`${aws.url}/_aws/execute-api/${id}/$default${path}`, {
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
};

describe('the deployment', () => {
  test('its schedules fire: all loops leave snapshots, history and state', async () => {
    for (const loop of LOOPS) {
      const seen = await until(
        () => stores.snapshots.get('orders', loop),
        (snapshot) => snapshot?.up === true,
      );
      expect(seen?.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
    }
    const points = await until(
      () => stores.history.between('orders', new Date(Date.now() - 600_000), new Date()),
      (found) => found.length >= 4,
    );
    expect(
      points.some(({ values }) => Object.keys(values).some((key) => key.startsWith('pg_client_connections'))),
    ).toBe(true);
    expect((await hot('gone'))?.problem?.kind).toBe('unreachable');
  });

  test('metrics are in CloudWatch by their names, dimensions and resolution, and few', async () => {
    const { Metrics = [] } = await until(
      () => new CloudWatchClient(aws.client).send(new ListMetricsCommand({ Namespace: 'pgmon' })),
      (found) => (found.Metrics ?? []).some(({ MetricName }) => MetricName === 'pg_tps'),
    );
    const catalog = catalogOf(collectors);
    const names = Metrics.map(({ MetricName = '' }) => MetricName);
    expect(names.filter((name) => !catalog.get(name)?.cloudwatch)).toEqual([]);
    const dimensions = new Set(Metrics.flatMap(({ Dimensions = [] }) => Dimensions.map(({ Name }) => Name)));
    expect(dimensions).toEqual(new Set(['cluster']));
    expect(new Set(names).size).toBeLessThanOrEqual(26);
    const resolutions = await until(
      async () => new Map(proxy.puts.map(({ metric, resolution }) => [metric, resolution])),
      (found) => found.has('pg_up') && found.has('pg_tps'),
    );
    expect(resolutions.get('pg_up')).toBe(1);
    expect(resolutions.get('pg_tps')).toBe(60);
    expect(new Set(proxy.puts.map(({ namespace }) => namespace))).toEqual(new Set(['pgmon']));
  });

  test('a chain of locks ends in a message in a queue, in Slack and in the API', async () => {
    const tree = await server.lockTree();
    await until(alerts, (all) => all.includes('firing blocking_locks'));
    const [message] = inbox.messages.filter(({ attributes }) => attributes['rule'] === 'blocking_locks');
    expect(message?.attributes).toMatchObject({ cluster: 'orders', severity: 'warning', state: 'firing' });
    expect(JSON.parse(message?.text ?? '{}').culprit.pid).toBe(tree.root);
    await until(
      async () => slack.json(),
      (all) => all.some(({ text }) => /^orders: \d+ sessions blocked/.test(String(text))),
    );
    const locks = await (await api('/api/v1/locks?cluster=orders', tokens.operator)).json();
    expect(locks).toMatchObject({ trees: [{ pid: tree.root }] });
    await tree.release();
    await until(
      () => api('/api/v1/locks?cluster=orders', tokens.operator).then((answer) => answer.text()),
      (text) => text.includes('"trees":[]'),
    );
  });

  test('the API asks for a token, and gives each role its own', async () => {
    for (const path of ['/api/v1/targets', '/metrics']) {
      expect((await api(path)).status).toBe(401);
      expect((await api(path, 'x'.repeat(32))).status).toBe(403);
      expect((await api(path, tokens.viewer)).status).toBe(200);
    }
    const post = (token: string) => {
      const id = new URL(outputs['Url'] ?? '').hostname.split('.')[0];
      return fetch(`${aws.url}/_aws/execute-api/${id}/$default/api/v1/silences`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ rule: 'bloat', for: '5m' }),
      });
    };
    expect((await post(tokens.viewer)).status).toBe(403);
    expect((await post(tokens.operator)).status).toBe(201);
    const overview = await (await api('/api/v1/overview?cluster=orders', tokens.viewer)).json();
    expect(overview).toMatchObject({ cluster: 'orders', up: true, stale: false });
    expect(await (await api('/metrics', tokens.viewer)).text()).toContain('pg_up{cluster="orders"} 1');
    expect((await api('/api/v1/nothing', tokens.viewer)).status).toBe(404);
  });

  test('health is public, its reasons are for those who may read', async () => {
    expect(await (await api('/healthz')).json()).toEqual({ status: 'not ok' });
    const body = await (await api('/healthz', tokens.viewer)).text();
    expect(body).toContain('gone: it is unreachable');
    expect(body).not.toContain('first');
    expect(body).not.toContain('as pgmon');
  });

  test('the page is served with its files', async () => {
    const page = await (await api('/')).text();
    const script = /assets\/[^"]+\.js/.exec(page)?.[0];
    const answer = await api(`/${script}`);
    expect(answer.headers.get('content-type')).toContain('text/javascript');
    expect((await answer.text()).length).toBeGreaterThan(100_000);
  });

  test('widgets are HTML with their SQL, in light and dark, and describe themselves', async () => {
    const client = new LambdaClient(aws.client);
    const { Functions = [] } = await client.send(new ListFunctionsCommand({}));
    const FunctionName = Functions.find(({ Description }) => Description?.includes('widgets'))?.FunctionName;
    const invoke = async (event: object) => {
      const { Payload } = await client.send(
        new InvokeCommand({ FunctionName, Payload: new TextEncoder().encode(JSON.stringify(event)) }),
      );
      return JSON.parse(new TextDecoder().decode(Payload));
    };
    for (const [widget, text] of [
      ['open-alerts', 'Server down'],
      ['top-queries', 'SQL used'],
      ['lock-tree', 'No session is waiting for a lock.'],
      ['autovacuum', 'sql/vacuum/'],
      ['storage', 'public.orders'],
    ] as const) {
      const light = await invoke({ widget, cluster: 'orders', widgetContext: { theme: 'light' } });
      const dark = await invoke({ widget, cluster: 'orders', widgetContext: { theme: 'dark' } });
      expect(light).toContain(text);
      expect(light).not.toContain('<script');
      expect(dark).not.toBe(light);
    }
    expect((await invoke({ describe: true })).markdown).toContain('top-queries');
    expect(await invoke({ widget: '<b>' })).not.toContain('<b>');
  });

  test('a secret that is rotated in mid-run costs no more than a pass', async () => {
    const rotated = now();
    await server.sql("ALTER ROLE pgmon PASSWORD 'second'");
    await new SecretsManagerClient(aws.client).send(
      new PutSecretValueCommand({ SecretId: secretArn, SecretString: login('second') }),
    );
    await server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pgmon'");
    const after = await until(hot, newer(rotated));
    expect(after?.problem).toBeUndefined();
    expect(after?.up).toBe(true);
  });

  test('a restart of the database is seen, and its end', async () => {
    await server.stopClients();
    await server.postgres.kill();
    await until(hot, (snapshot) => snapshot?.up === false);
    await server.postgres.start();
    await until(hot, (snapshot) => snapshot?.up === true);
  });

  test.each([
    ['dynamodb', 'throttle'],
    ['dynamodb', 'error'],
    ['dynamodb', 'hang'],
    ['cloudwatch', 'throttle'],
    ['cloudwatch', 'error'],
    ['cloudwatch', 'hang'],
  ] as const)('%s: %s costs nobody else, and ends with it', async (service, fault) => {
    await until(hot, newer(now()));
    const before = proxy.puts.length;
    const began = now();
    proxy.faults.set(service, fault);
    // The other sink continues meanwhile.
    if (service === 'dynamodb')
      await until(
        async () => proxy.puts.length,
        (length) => length > before,
      );
    else await until(hot, newer(began));
    proxy.faults.clear();
    const ended = now();
    await until(hot, newer(ended));
    await until(
      async () => proxy.puts.length,
      (length) => length > before + 10,
    );
  });

  test('the end of the locks is notified, too', async () => {
    await until(alerts, (all) => all.includes('resolved blocking_locks'), 200);
    await until(
      async () => slack.json(),
      (all) => all.some(({ text }) => /^orders: over after .* blocked/.test(String(text))),
    );
  });

  test('failing runs rang, and it was said when they were over', async () => {
    proxy.faults.set('cloudwatch', 'error');
    await until(alarms, (all) => all.includes('ALARM pgmon hot default-1 loop failing'));
    proxy.faults.clear();
    const text = inbox.messages.find((one) => one.text.includes('hot default-1 loop failing'))?.text ?? '';
    expect(JSON.parse(text).AlarmDescription).toContain('docs/runbook.md#loop_failing');
    await until(
      alarms,
      (all) =>
        all.lastIndexOf('OK pgmon hot default-1 loop failing') >
        all.lastIndexOf('ALARM pgmon hot default-1 loop failing'),
    );
  });

  test('a loop that is turned off rings: silence is a failure, too', async () => {
    const client = new SchedulerClient(aws.client);
    const { Schedules = [] } = await client.send(new ListSchedulesCommand({}));
    const workload = (await loopFunctions()).get('workload');
    const Name = Schedules.find(({ Target }) => Target?.Arn?.includes(workload ?? '?'))?.Name;
    const { Description, ScheduleExpression, FlexibleTimeWindow, Target } = await client.send(
      new GetScheduleCommand({ Name }),
    );
    const set = (State: 'ENABLED' | 'DISABLED') =>
      client.send(
        new UpdateScheduleCommand({ Name, Description, ScheduleExpression, FlexibleTimeWindow, Target, State }),
      );
    await set('DISABLED');
    await until(alarms, (all) => all.includes('ALARM pgmon workload default-1 loop not running'));
    await until(
      async () => slack.json(),
      (all) => all.some(({ text }) => String(text).includes('workload default-1 loop not running')),
    );
    await set('ENABLED');
    await until(alarms, (all) => all.includes('OK pgmon workload default-1 loop not running'));
  });

  test('every function may do what it needs and nothing else', async () => {
    const { Functions = [] } = await new LambdaClient(aws.client).send(new ListFunctionsCommand({}));
    const iam = new IAMClient(aws.client);
    const table = `arn:aws:dynamodb:us-east-1:000000000000:table/${outputs['TableName']}`;
    const may = async (role: string, action: string, resource: string, pk?: string) => {
      const { EvaluationResults = [] } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: role,
          ActionNames: [action],
          ResourceArns: [resource],
          ContextEntries: pk
            ? [{ ContextKeyName: 'dynamodb:LeadingKeys', ContextKeyValues: [pk], ContextKeyType: 'stringList' }]
            : [],
        }),
      );
      return EvaluationResults.every(({ EvalDecision }) => EvalDecision === 'allowed');
    };
    const never = [
      ['dynamodb:Scan', table],
      ['dynamodb:DeleteTable', table],
      ['dynamodb:PutItem', 'arn:aws:dynamodb:us-east-1:000000000000:table/someone-elses'],
      ['secretsmanager:GetSecretValue', 'arn:aws:secretsmanager:us-east-1:000000000000:secret:someone-elses-abcdef'],
      ['sns:Publish', 'arn:aws:sns:us-east-1:000000000000:someone-elses'],
      ['s3:GetObject', 'arn:aws:s3:::someone-elses/key'],
      ['iam:PassRole', '*'],
      ['lambda:InvokeFunction', '*'],
    ] as const;
    const own: Record<string, readonly (readonly [action: string, resource: string, pk?: string])[]> = {
      loop: [
        ['dynamodb:PutItem', table, 'LATEST#orders'],
        ['dynamodb:UpdateItem', table, 'TARGETS#3'],
        ['dynamodb:Query', table],
        ['sns:Publish', outputs['TopicArn'] ?? ''],
        ['secretsmanager:GetSecretValue', secretArn],
      ],
      'API, metrics': [
        ['dynamodb:Query', table],
        ['dynamodb:PutItem', table, 'SILENCES'],
      ],
      'notifies Slack': [['dynamodb:PutItem', table, 'RECEIPT#slack']],
      widgets: [['dynamodb:GetItem', table]],
      'authorizer of': [['secretsmanager:GetSecretValue', outputs['TokensSecret'] ?? '']],
    };
    for (const { Description = '', Role = '' } of Functions) {
      for (const [action, resource] of never)
        expect([Description, action, await may(Role, action, resource)]).toEqual([Description, action, false]);
      const [, needed = []] = Object.entries(own).find(([word]) => Description.includes(word)) ?? [];
      for (const [action, resource, pk] of needed)
        expect([Description, action, await may(Role, action, resource, pk)]).toEqual([Description, action, true]);
      // [E12] Items of others, and whatever names no key.
      for (const pk of ['SILENCES', 'RECEIPT#slack', 'LATEST#orders', 'TARGETSX', undefined]) {
        const isOwn = needed.some(
          ([action, , key]) => action === 'dynamodb:PutItem' && key === pk && key !== undefined,
        );
        expect([Description, pk, await may(Role, 'dynamodb:PutItem', table, pk)]).toEqual([Description, pk, isOwn]);
      }
      const others = [
        ['sns:Publish', outputs['TopicArn'] ?? ''] as const,
        ['secretsmanager:GetSecretValue', secretArn] as const,
      ];
      if (!Description.includes('loop'))
        for (const [action, resource] of others)
          expect([Description, action, await may(Role, action, resource)]).toEqual([Description, action, false]);
    }
    expect(Functions).toHaveLength(8);
  });

  test('[E13] updated in place: a target added, one removed, a threshold changed; what was kept stays', async () => {
    const tableId = async () => {
      const { Table } = await new DynamoDBClient(aws.client).send(
        new DescribeTableCommand({ TableName: outputs['TableName'] }),
      );
      return Table?.TableId;
    };
    const history = () => stores.history.between('orders', new Date(Date.now() - 3_600_000), new Date());
    await until(sent('gone', 'server_down', 'firing'), some);
    const [before] = await until(history, some);
    const [had, id] = [outputs, await tableId()];
    const [orders] = targets;
    await deploy({
      ...config,
      targets: [orders, { ...orders, cluster: 'added' }],
      alerts: { rules: { blocking_locks: { warning: 1, critical: 2 } } },
    });
    const updated = now();

    // Table, secret, topic and address are those of before, with what was in them.
    expect(outputs).toEqual(had);
    expect(await tableId()).toBe(id);
    const points = await until(history, (all) => all.some(({ at }) => at > updated));
    expect(points[0]).toEqual(before);
    await until(
      () => hot('added'),
      (snapshot) => snapshot?.up === true,
    );

    const tree = await server.lockTree();
    const critical = async () =>
      (await Promise.all(['firing', 'escalated'].map((kind) => sent('orders', 'blocking_locks', kind)()))).flatMap(
        (all) => all.filter(({ at, severity }) => at > updated && severity === 'critical'),
      );
    expect((await until(critical, some))[0]?.threshold).toBe(2);
    await tree.release();

    const listed = await (await api('/api/v1/targets', tokens.viewer)).text();
    expect(listed).toContain('"added"');
    expect(listed).not.toContain('"gone"');
    // With the one that was down no reason is left.
    await until(
      () => api('/healthz', tokens.viewer).then((answer) => answer.text()),
      (text) => text.includes('"status":"ok"'),
    );
    const last = (await hot('gone'))?.takenAt;
    await until(hot, newer(now()));
    expect((await hot('gone'))?.takenAt).toBe(last);
  }, 480_000);

  test('[E13] whoever heard that a removed target is down hears that it is no longer monitored', async () => {
    const [end] = await until(sent('gone', 'server_down', 'resolved'), some);
    expect(end?.message).toMatch(/no longer monitored/i);
    await until(
      async () => slack.json(),
      (all) => all.some(({ text }) => /^gone: .*no longer monitored.*server down/i.test(String(text))),
    );
    expect(await sent('gone', 'server_down', 'resolved')()).toHaveLength(1);
  });

  test('destroyed, it leaves nothing but the table', async () => {
    await aws.cdk('destroy', '--force', '--app', aws.assembly);
    const { Functions } = await new LambdaClient(aws.client).send(new ListFunctionsCommand({}));
    const { Schedules } = await new SchedulerClient(aws.client).send(new ListSchedulesCommand({}));
    const { MetricAlarms } = await new CloudWatchClient(aws.client).send(new DescribeAlarmsCommand({}));
    const { Topics } = await new SNSClient(aws.client).send(new ListTopicsCommand({}));
    const { QueueUrls = [] } = await new SQSClient(aws.client).send(new ListQueuesCommand({}));
    expect([Functions, Schedules, MetricAlarms, Topics]).toEqual([[], [], [], []]);
    expect(QueueUrls.filter((url) => !url.endsWith('/inbox'))).toEqual([]);
    const { Table: kept } = await new DynamoDBClient(aws.client).send(
      new DescribeTableCommand({ TableName: outputs['TableName'] }),
    );
    expect(kept?.TableStatus).toBe('ACTIVE');
    expect((await hot())?.cluster).toBe('orders');
  });

  test('[E12] deployed again with the name of the table that it left, it continues with the history in it', async () => {
    const left = outputs['TableName'] ?? '';
    const history = () => stores.history.between('orders', new Date(Date.now() - 3_600_000), new Date());
    const before = await history();
    const [orders] = targets;
    await deploy({ ...config, targets: [orders], aws: { table_name: left } });
    expect(outputs['TableName']).toBe(left);
    const deployed = now();
    const points = await until(history, (all) => all.some(({ at }) => at > deployed));
    expect(before.length).toBeGreaterThan(0);
    expect(points.slice(0, before.length)).toEqual(before);
    // The state of the loops is there: rates continue.
    const rates = await until(
      () => stores.snapshots.get('orders', 'workload'),
      (snapshot) => (snapshot?.takenAt ?? '') > deployed,
    );
    expect(rates?.rates.length).toBeGreaterThan(0);
  });
});
