import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../../../lib/bundle.ts';
import { LAMBDAS } from '../../../lib/lambdas.ts';
import { LOOPS, type Loop } from '../../../src/config/loop.ts';
import { configSchema } from '../../../src/config/schema.ts';
import type { Clock } from '../../../src/lambda/clock.ts';
import { Collector } from '../../../src/lambda/collector.ts';
import { loopEnvironment } from '../../../src/lambda/environment.ts';
import { DynamoTable } from '../../../src/store/dynamo-table.ts';
import { keys } from '../../../src/store/keys.ts';
import { storesIn } from '../../../src/store/stores.ts';
import type { Table } from '../../../src/store/table.ts';
import { CountingAws } from '../../support/aws.ts';
import { builtLambda } from '../../support/bundles.ts';
import { TestServer } from '../../support/test-server.ts';

type Handler = (
  event: object,
  context: { getRemainingTimeInMillis: () => number },
) => Promise<{ passes: number; skipped?: string }>;

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const secret = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:shop-AbCdEf';
const HBA = 'host all pgmon 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n';
const full = (seconds: number) => {
  const end = performance.now() + seconds * 1_000;
  return { getRemainingTimeInMillis: () => end - performance.now() };
};
let minute = 0;
const tick = (shard = 'default-1') => ({ shard, tick: new Date(Date.UTC(2026, 0, 1, 0, minute++)).toISOString() });

let aws: CountingAws;
let server: TestServer;
let table: Table;
let stores: ReturnType<typeof storesIn>;
beforeAll(async () => {
  [aws, server] = await Promise.all([new CountingAws().start(), TestServer.start(18, {}, HBA)]);
  await server.sql("ALTER ROLE pgmon PASSWORD 'first'");
  login('first');
  const { AWS_REGION: region = '' } = aws.environment;
  table = new DynamoTable('pgmon', {
    endpoint: aws.url,
    region,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  stores = storesIn(table);
});
afterEach(async () => {
  aws.fault = undefined;
  // Each test is a process of its own, whose lease would outlive it.
  for (const loop of LOOPS) await table.delete(keys.lease(loop, 'default-1'));
});
afterAll(async () => {
  await aws.close();
  await server.stop();
});

/** As if the time for which a process has the lease were over. */
async function endLease(loop: Loop): Promise<void> {
  await table.set(keys.lease(loop, 'default-1'), { until: 0 });
}

function login(password: string): void {
  aws.secrets.set(
    secret,
    JSON.stringify({ username: 'pgmon', password, host: '127.0.0.1', port: String(server.postgres.port) }),
  );
}
const config = (more: object = {}) => ({
  targets: [{ cluster: 'shop', auth: { secretArn: secret } }],
  timeouts: { connect_timeout_ms: 500 },
  ...more,
});

test('what a start loads of every bundle is under 1.25 megabytes', async () => {
  const into = mkdtempSync(join(tmpdir(), 'pgmon-sizes-'));
  for (const name of LAMBDAS) {
    const folder = await bundle(name, config(), into);
    expect([name, startBytes(folder, 'index.mjs') < 1_250_000]).toEqual([name, true]);
  }
});

/** Bytes of a module and of all that it imports statically. */
function startBytes(folder: string, file: string, seen = new Set<string>()): number {
  if (seen.has(file)) return 0;
  seen.add(file);
  const text = readFileSync(join(folder, file), 'utf8');
  const imports = [...text.matchAll(/(?:from|import)"\.\/([^"]+\.mjs)"/g)].map(([, name = '']) => name);
  return imports.reduce((sum, name) => sum + startBytes(folder, name, seen), Buffer.byteLength(text));
}

describe('the hot loop, as it is deployed', () => {
  test('makes its passes inside the minute, keeps and publishes them once', async () => {
    // On a clock of its own, which goes from pass to pass: a slow machine changes nothing.
    const start = Math.ceil(Date.now() / 60_000) * 60_000;
    let time = start;
    const clock: Clock = {
      now: () => new Date(time),
      sleep: async (ms) => {
        time += ms;
      },
    };
    Object.assign(process.env, aws.environment);
    const settings = configSchema.parse(config({ sample_intervals: { hot_path: '5s' } }));
    const environment = loopEnvironment.parse(aws.environment);
    const hot = new Collector('hot', settings, environment, silent, clock);
    aws.reset();
    // 18 s, of which 6 are for writing: passes at 0, 5, and none that could not end in time.
    const report = await hot.run(tick(), () => 18_000 - (time - start));
    expect(report).toMatchObject({ shard: 'default-1', passes: 3 });
    expect(aws.asked.calls.get('CloudWatch.PutMetricData')).toBe(1);
    const snapshot = await stores.snapshots.get('shop', 'hot');
    expect([snapshot?.up, snapshot?.problem]).toEqual([true, undefined]);
    const points = await stores.history.between('shop', new Date(start), new Date(start + 60_000));
    expect(points.map(({ at }) => Date.parse(at) - start)).toEqual([0, 5_000, 10_000]);
  });

  test('a tick that comes twice is served once; two processes are never at work at once', async () => {
    const settings = config({ sample_intervals: { hot_path: '60s' } });
    const [one, other] = [
      await builtLambda<Handler>('hot', settings, aws.environment),
      await builtLambda<Handler>('hot', settings, aws.environment),
    ];
    const same = tick();
    expect(await one(same, full(30))).toMatchObject({ passes: 1 });
    expect(await other(same, full(30))).toMatchObject({ passes: 0, skipped: 'served' });
    // The lease of the first lasts as long as it could have worked.
    expect(await other(tick(), full(30))).toMatchObject({ passes: 0, skipped: 'held' });
    expect(await one(tick(), full(30))).toMatchObject({ passes: 1 });
    await endLease('hot');
    const [first, second] = await Promise.all([other(tick(), full(30)), one(tick(), full(30))]);
    expect([first.passes, second.passes].toSorted()).toEqual([0, 1]);
  });

  test('continues from what another process has seen', async () => {
    const settings = config({ sample_intervals: { hot_path: '60s' } });
    const handler = () => builtLambda<Handler>('workload', settings, aws.environment);
    const [one, other] = [await handler(), await handler()];
    await one(tick(), full(30));
    await server.sql('SELECT pg_stat_force_next_flush()');
    await one(tick(), full(30));
    await endLease('workload');
    expect(await other(tick(), full(30))).toMatchObject({ passes: 1 });
    const snapshot = await stores.snapshots.get('shop', 'workload');
    expect(Object.values(snapshot?.noRates ?? {})).not.toContain('first-run');
    expect(snapshot?.rates.length).toBeGreaterThan(10);
  });

  test('a rotated password costs nothing', async () => {
    const handler = await builtLambda<Handler>('storage', config(), aws.environment);
    await handler(tick(), full(9));
    await server.sql("ALTER ROLE pgmon PASSWORD 'second'");
    login('second');
    await server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'pgmon'");
    await handler(tick(), full(9));
    expect((await stores.snapshots.get('shop', 'storage'))?.problem).toBeUndefined();
  });
});

describe('what goes wrong', () => {
  const two = config({
    targets: [
      { cluster: 'shop', auth: { secretArn: secret } },
      { cluster: 'nobody', host: '127.0.0.1', port: 1, auth: { secretArn: `${secret}x` } },
    ],
    sample_intervals: { hot_path: '60s' },
  });

  test.each([
    ['is missing', undefined, 'does not exist: check the ARN'],
    ['is no JSON', 'hunter2', 'has the wrong form'],
    ['lacks the password', '{"username":"pgmon"}', 'has the wrong form'],
  ])("a secret that %s is the target's problem, and no other's", async (_, text, message) => {
    if (text === undefined) aws.secrets.delete(`${secret}x`);
    else aws.secrets.set(`${secret}x`, text);
    const handler = await builtLambda<Handler>('hot', two, aws.environment);
    expect(await handler(tick(), full(9))).toMatchObject({ passes: 1 });
    const nobody = await stores.snapshots.get('nobody', 'hot');
    expect(nobody?.problem).toMatchObject({ kind: 'auth', message: expect.stringContaining(message) });
    expect(JSON.stringify(nobody)).not.toContain('hunter2');
    expect((await stores.snapshots.get('shop', 'hot'))?.up).toBe(true);
  });

  test.each(['throttle', 'error', 'hang'] as const)(
    'a table that does not take anything (%s): metrics still go out, and the run fails',
    async (fault) => {
      const handler = await builtLambda<Handler>(
        'hot',
        config({ sample_intervals: { hot_path: '60s' } }),
        aws.environment,
      );
      aws.reset();
      aws.fault = (call) => (call.startsWith('DynamoDB') ? fault : undefined);
      await expect(handler(tick(), full(25))).rejects.toThrow(/writes failed|not everything could be kept in time/);
      expect(aws.asked.calls.get('CloudWatch.PutMetricData')).toBe(1);
    },
  );

  test('CloudWatch that refuses: everything else is kept, and the run fails', async () => {
    const handler = await builtLambda<Handler>('hourly', config(), aws.environment);
    aws.fault = (call) => (call.startsWith('CloudWatch') ? 'error' : undefined);
    await expect(handler(tick(), full(25))).rejects.toThrow('1 writes failed');
    expect((await stores.snapshots.get('shop', 'hourly'))?.up).toBe(true);
  });

  test('SNS that is down: what waits stays, and is sent when it is back', async () => {
    const settings = config({
      targets: [{ cluster: 'down', host: '127.0.0.1', port: 1, auth: { secretArn: secret } }],
      alerts: { rules: { server_down: { for: '0s' } } },
      sample_intervals: { hot_path: '60s' },
    });
    const handler = await builtLambda<Handler>('hot', settings, aws.environment);
    aws.fault = (call) => (call.startsWith('SNS') ? 'error' : undefined);
    await handler(tick(), full(20));
    aws.reset();
    aws.fault = undefined;
    expect((await stores.outbox.all('down', 'hot')).entries.map(({ waiting }) => waiting)).toEqual([['topic']]);
    await new Promise((resolve) => setTimeout(resolve, 15_500));
    await handler(tick(), full(20));
    // Of the targets of other tests, which this configuration does not have, alerts may end meanwhile.
    const heard = aws.asked.published.map((text) => JSON.parse(JSON.parse(text).sqs));
    expect(heard.filter(({ cluster }) => cluster === 'down').map(({ rule }) => rule)).toEqual(['server_down']);
    expect((await stores.outbox.all('down', 'hot')).entries).toEqual([]);
  }, 60_000);
});
