import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LOOPS, type Loop } from '../../../src/config/loop.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { Collector } from '../../../src/lambda/collector.ts';
import { loopEnvironment } from '../../../src/lambda/environment.ts';
import { INCIDENTS } from '../../../src/store/outbox.ts';
import { type Stores, storesIn } from '../../../src/store/stores.ts';
import { CountingAws } from '../../support/aws.ts';
import { JumpingClock } from '../../support/jumping-clock.ts';
import { TestServer } from '../../support/test-server.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:shop-AbCdEf';
const MINUTE = 60_000;

/** A rule of each loop that fires at the first pass. */
const RULES: Readonly<Record<Loop, string>> = {
  hot: 'pg_max_connections',
  workload: 'pg_archiver_failing',
  storage: 'sum(pg_database_size_bytes)',
  hourly: 'pg_settings_pending_restart',
};

let aws: CountingAws;
let server: TestServer;
let stores: Stores;
// From now on: what the table holds has ends, by the real clock, too.
const clock = new JumpingClock(Math.ceil(Date.now() / MINUTE) * MINUTE);
let cluster = '';
let count = 0;

beforeAll(async () => {
  [aws, server] = await Promise.all([new CountingAws().start(), TestServer.start(18)]);
  aws.secrets.set(secretArn, JSON.stringify({ dsn: server.postgres.dsn('pgmon') }));
  stores = storesIn(aws.table);
});
beforeEach(() => {
  aws.fault = undefined;
  aws.reset();
  clock.time += 24 * 60 * MINUTE;
  cluster = `shop-${count++}`; // each test has a target of its own
});
afterAll(async () => {
  await aws.close();
  await server.stop();
});

/** A Lambda of a loop, which knows nothing but what is in the table. */
function started(loop: Loop, targets: readonly string[] = [cluster]): Collector {
  Object.assign(process.env, aws.environment);
  const config = configSchema.parse({
    targets: targets.map((name) => ({ cluster: name, auth: { secretArn } })),
    sample_intervals: { hot_path: '60s' },
    alerts: {
      custom: LOOPS.map((one) => ({ name: `${one}_rule`, metric: RULES[one], comparison: '>=', threshold: 0 })),
    },
  });
  const clusters = loop === 'hot' ? targets : undefined;
  return new Collector(loop, config, loopEnvironment.parse(aws.environment), silent, clock, clusters);
}

/** One invocation, in the minute that it is. */
async function run(collector: Collector): Promise<void> {
  const began = clock.time;
  await collector.run(
    { shard: 'default-1', tick: new Date(clock.time).toISOString() },
    () => 58_000 - (clock.time - began),
  );
}

/** What reached the topic of an alert rule, in order. */
const published = (rule: string) =>
  aws.asked.published
    .map((text) => JSON.parse(JSON.parse(text).sqs))
    .filter((one) => one.rule === rule && one.cluster === cluster)
    .map(({ kind }) => kind);
const waiting = async (loop: Loop) => (await stores.outbox.all(cluster, loop)).entries;

describe('a loop that died with entries in its outbox, and never runs again', () => {
  test.each(['workload', 'storage', 'hourly'] as const)(
    '[B9] %s: what it left, the hot loop makes a message of, once',
    async (dead) => {
      await run(started(dead));
      expect((await waiting(dead)).map((entry) => entry.waiting)).toEqual([[INCIDENTS]]);
      expect(published(`${dead}_rule`)).toEqual([]);
      for (let i = 0; i < 3; i++) {
        clock.time += MINUTE;
        await run(started('hot'));
        expect(published(`${dead}_rule`)).toEqual(['firing']);
        expect(await waiting(dead)).toEqual([]);
      }
    },
  );

  test('[B9] hot: what it could not send, workload sends, once', async () => {
    aws.fault = (call) => (call === 'SNS.Publish' ? 'error' : undefined);
    await run(started('hot'));
    expect((await waiting('hot')).map((entry) => entry.waiting)).toEqual([['topic']]);
    aws.fault = undefined;
    const survivor = started('workload');
    // For two minutes it is the loop's own to try again; others look every five.
    clock.time += MINUTE;
    await run(survivor);
    expect(published('hot_rule')).toEqual([]);
    for (let i = 0; i < 5; i++) {
      clock.time += MINUTE;
      await run(survivor);
    }
    expect(published('hot_rule')).toEqual(['firing']);
    expect(await waiting('hot')).toEqual([]);
  });

  test('[B5] hot, killed between a message and the incident that knows of it: it is sent once', async () => {
    aws.fault = (call, body) =>
      /DynamoDB.(Put|Update)/.test(call) && body.includes(`"INCIDENTS#${cluster}`) ? 'error' : undefined;
    await run(started('hot')).catch(() => {});
    aws.fault = undefined;
    expect((await stores.incidents.open(cluster)).incidents).toEqual([]);
    for (let i = 0; i < 3; i++) {
      clock.time += MINUTE;
      await run(started('hot'));
      expect(published('hot_rule')).toEqual(['firing']);
    }
    const { incidents } = await stores.incidents.open(cluster);
    expect(incidents.map(({ base, notified }) => [base.rule, notified?.count])).toContainEqual(['hot_rule', 1]);
    expect(await waiting('hot')).toEqual([]);
  });

  test.each([
    ['storage', 'hot'],
    ['hot', 'workload'],
  ] as const)(
    '[B5] %s, killed between outbox and state: %s sends it, and the loop that comes back knows of it',
    async (dead, other) => {
      aws.fault = (call, body) =>
        /DynamoDB.(Put|Update)/.test(call) && body.includes(`ALERTS#${cluster}`) ? 'error' : undefined;
      await run(started(dead)).catch(() => {});
      aws.fault = undefined;
      // Of the hot loop there is a message beside the transition.
      expect(await waiting(dead)).toHaveLength(dead === 'hot' ? 2 : 1);
      expect((await stores.alerts.get(cluster, dead)).alerts).toEqual({});
      clock.time += 3 * MINUTE;
      await run(started(other));
      expect(published(`${dead}_rule`)).toEqual(['firing']);
      // A third process has nothing left to send, the loop itself the alert that it never wrote.
      clock.time += 6 * MINUTE;
      await run(started(other));
      await run(started(dead));
      expect(published(`${dead}_rule`)).toEqual(['firing']);
      expect(Object.values((await stores.alerts.get(cluster, dead)).alerts).map(({ rule }) => rule)).toContain(
        `${dead}_rule`,
      );
      expect(await waiting(dead)).toEqual([]);
    },
  );
});

test('[E9] alerts of a target that a deployment no longer has end at the topic, once, by the hot loop of another', async () => {
  await run(started('storage'));
  await run(started('hot'));
  expect(published('storage_rule')).toEqual(['firing']);
  clock.time += MINUTE;
  const hot = started('hot', ['another']);
  await run(hot);
  expect(published('storage_rule')).toEqual(['firing', 'resolved']);
  clock.time += 61 * MINUTE;
  await run(hot);
  await run(started('hot', ['another']));
  expect(published('storage_rule')).toEqual(['firing', 'resolved']);
  expect((await stores.alerts.get(cluster, 'storage')).alerts).toEqual({});
});
