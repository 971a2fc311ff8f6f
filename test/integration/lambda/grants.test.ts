import { afterAll, beforeAll, expect, test } from 'vitest';
import { LOOPS, type Loop } from '../../../src/config/loop.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { Collector } from '../../../src/lambda/collector.ts';
import { loopEnvironment } from '../../../src/lambda/environment.ts';
import { leadingKeysOf, WRITES, type Writer } from '../../../src/store/keys.ts';
import { storesIn } from '../../../src/store/stores.ts';
import { CountingAws } from '../../support/aws.ts';
import { builtLambda } from '../../support/bundles.ts';
import { JumpingClock } from '../../support/jumping-clock.ts';
import { HttpReceiver } from '../../support/receivers.ts';
import { TestServer } from '../../support/test-server.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:shop-AbCdEf';
const MINUTE = 60_000;

let aws: CountingAws;
let server: TestServer;
const clock = new JumpingClock(Math.ceil(Date.now() / MINUTE) * MINUTE);
beforeAll(async () => {
  [aws, server] = await Promise.all([new CountingAws().start(), TestServer.start(18)]);
  aws.secrets.set(secretArn, JSON.stringify({ dsn: server.postgres.dsn('pgmon') }));
});
afterAll(async () => {
  await aws.close();
  await server.stop();
});

/** Whether the condition of a grant lets this partition be written: `*` is any text. */
function matches(pattern: string, pk: string): boolean {
  return pattern.endsWith('*') ? pk.startsWith(pattern.slice(0, -1)) : pk === pattern;
}

/** Holds what was written since the last look against what its writer may; nothing is granted that nobody needs. */
function expectGranted(writer: Writer): void {
  const { operations, kinds } = WRITES[writer];
  const wrote = [...aws.asked.wrote].map((text) => ({
    operation: text.slice(0, text.indexOf(' ')),
    pk: text.slice(text.indexOf(' ') + 1),
  }));
  const patterns = leadingKeysOf(kinds);
  const refused = wrote.filter(
    ({ operation, pk }) =>
      !operations.some((one) => one === operation) || !patterns.some((pattern) => matches(pattern, pk)),
  );
  expect(refused).toEqual([]);
  expect(operations.filter((operation) => !wrote.some((one) => one.operation === operation))).toEqual([]);
  const unused = kinds.filter(
    (kind) => !wrote.some(({ pk }) => leadingKeysOf([kind]).some((pattern) => matches(pattern, pk))),
  );
  expect(unused).toEqual([]);
  aws.reset();
}

const targets = [{ cluster: 'shop', auth: { secretArn } }];
const rule = { name: 'always', metric: 'pg_max_connections', comparison: '>', threshold: 0 };

type ApiHandler = (event: object) => Promise<{ statusCode: number; body: string }>;
const call = (handler: ApiHandler, method: string, path: string, body?: object) =>
  handler({
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: '',
    headers: { host: 'api.example.com', 'content-type': 'application/json' },
    requestContext: {
      domainName: 'api.example.com',
      http: { method, path, sourceIp: '127.0.0.1', protocol: 'HTTP/1.1', userAgent: 'test' },
      authorizer: { lambda: { role: 'operator', who: 'ops' } },
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
    isBase64Encoded: false,
  });

test('[E12] each Lambda writes what it is granted, and is granted no more: every operation, every kind of item', async () => {
  Object.assign(process.env, aws.environment);
  const environment = loopEnvironment.parse(aws.environment);
  const collectorsWith = (custom: readonly object[]) => {
    const config = configSchema.parse({ targets, sample_intervals: { hot_path: '60s' }, alerts: { custom } });
    return new Map(LOOPS.map((loop) => [loop, new Collector(loop, config, environment, silent, clock)]));
  };
  const runAll = async (collectors: ReadonlyMap<Loop, Collector>) => {
    const began = clock.time;
    for (const collector of collectors.values()) {
      clock.time = began;
      await collector.run(
        { shard: 'default-1', tick: new Date(clock.time).toISOString() },
        () => 58_000 - (clock.time - began),
      );
    }
    clock.time = began + MINUTE;
  };
  const firing = collectorsWith([rule]);
  await runAll(firing);
  await server.sql('SELECT 1 AS something_to_count');
  // Events: one that somebody made, and one of the server's routine.
  await server.sql("SELECT pg_create_physical_replication_slot('made', true)");
  await server.sql('CREATE TABLE written AS SELECT generate_series(1, 1000)');
  await server.sql('CHECKPOINT');
  await runAll(firing);
  const loops = new Set(aws.asked.wrote);
  aws.reset();

  const api = await builtLambda<ApiHandler>('api', { targets, alerts: { custom: [rule] } }, aws.environment);
  const { alerts } = await storesIn(aws.table).alerts.get('shop', 'hot');
  const [fingerprint = ''] = Object.keys(alerts);
  expect((await call(api, 'POST', `/api/v1/alerts/${fingerprint}/acknowledge`, {})).statusCode).toBeLessThan(300);
  const silence = await call(api, 'POST', '/api/v1/silences', { rule: 'bloat', for: '5m' });
  expect((await call(api, 'DELETE', `/api/v1/silences/${JSON.parse(silence.body).id}`)).statusCode).toBeLessThan(300);
  expect((await call(api, 'POST', '/api/v1/events', { text: 'deploy 4711', id: 'd-4711' })).statusCode).toBe(201);
  for (const path of ['/healthz', '/metrics', '/api/v1/targets', '/api/v1/overview', '/api/v1/alerts/history'])
    expect((await call(api, 'GET', path)).statusCode).toBe(200);
  expectGranted('api');

  const widget = await builtLambda<(event: object) => Promise<string>>('widget', { targets }, aws.environment);
  expect(await widget({ widget: 'open-alerts', cluster: 'shop' })).toContain('<');
  expect([...aws.asked.wrote]).toEqual([]);

  // An hour later: roll-ups, the end of the alert and with it of its acknowledgment.
  clock.time += 60 * MINUTE;
  await runAll(collectorsWith([]));
  for (const text of loops) aws.asked.wrote.add(text);
  expectGranted('loops');

  const receiver = new HttpReceiver();
  const url = await receiver.listen();
  const notifier = await builtLambda<(event: object) => Promise<unknown>>(
    'notifier',
    { targets, notifiers: { channels: [{ type: 'webhook', url }] } },
    aws.environment,
  );
  const at = new Date().toISOString();
  const message = { id: '1', fingerprint, kind: 'firing', at, cluster: 'shop', rule: 'always', title: 'Always' };
  const transition = {
    ...message,
    severity: 'warning',
    labels: {},
    since: at,
    message: 'm',
    action: 'a',
    panel: 'locks',
  };
  const records = { Records: [{ messageId: '1', body: JSON.stringify({ Message: JSON.stringify(transition) }) }] };
  [receiver.status, receiver.retryAfter] = [429, '1'];
  await notifier(records);
  [receiver.status, receiver.retryAfter] = [undefined, undefined];
  const heard = async () => {
    await notifier(records);
    return receiver.received.length;
  };
  await expect.poll(heard, { timeout: 10_000, interval: 500 }).toBe(1);
  receiver.close();
  expectGranted('notifier');
}, 300_000);
