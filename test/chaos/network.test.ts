import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { TestServer } from '../support/test-server.ts';
import { BadNetwork, type Weather } from './support/bad-network.ts';
import { failed, Watched } from './support/watched.ts';

let server: TestServer;
let network: BadNetwork;
let watched: Watched;
beforeAll(async () => {
  server = await TestServer.start(18);
});
beforeEach(async () => {
  network = new BadNetwork(server.postgres.port);
  const port = await network.listen();
  watched = await Watched.start('hot', {
    victim: `postgres://pgmon@127.0.0.1:${port}/postgres`,
    other: server.postgres.dsn('pgmon'),
  });
  expect((await watched.pass()).up).toBe(true);
});
afterEach(async () => {
  await watched.close();
  network.close();
});
afterAll(() => server.stop());

test.each<[Weather & string, readonly string[]]>([
  ['black hole', ['timeout']],
  ['one-way loss', ['timeout']],
  ['reset', ['unreachable', 'disconnected']],
])('%s: named as what it is, costs the other nothing, and ends with it', async (weather, kinds) => {
  network.weather = weather;
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    const snapshot = await watched.pass();
    expect(snapshot.up).toBe(false);
    expect(kinds).toContain(snapshot.problem?.kind);
    // The deadline of a pass and one connect timeout.
    expect(performance.now() - began).toBeLessThan(3_000);
  }
  network.weather = 'fair';
  const back = await watched.pass();
  expect([back.up, failed(back)]).toEqual([true, []]);
  expect(network.open).toBe(1);
});

test('two seconds of latency: too much for the loop, and over when it is', async () => {
  network.weather = { latencyMs: 2_000 };
  expect((await watched.pass()).up).toBe(false);
  network.weather = { latencyMs: 100 };
  let snapshot = await watched.pass();
  for (let i = 0; i < 4 && !snapshot.up; i++) snapshot = await watched.pass();
  expect(snapshot.up).toBe(true);
  network.weather = 'fair';
  expect((await watched.pass()).up).toBe(true);
});

/** What is still in use, once what is not has been thrown away. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('no garbage collector');
  collect();
  return process.memoryUsage().heapUsed;
}

/** Passes of the soak: `PGMON_CHAOS_PASSES=2000` for the long form. */
const PASSES = Number(process.env['PGMON_CHAOS_PASSES'] ?? 300);

test('hundreds of passes through a network that resets every tenth leak nothing', async () => {
  for (let i = 0; i < 50; i++) {
    if (i % 10 === 0) network.weather = 'reset';
    await watched.pass();
    network.weather = 'fair';
    await watched.pass();
  }
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const before = heapBytes();
  for (let i = 0; i < PASSES / 2; i++) {
    if (i % 10 === 0) network.weather = 'reset';
    await watched.pass();
    network.weather = 'fair';
    await watched.pass();
  }
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBeLessThanOrEqual(timers + 3);
  expect(heapBytes() - before).toBeLessThan(16 * 1_024 * 1_024);
  expect(network.open).toBe(1);
}, 600_000);

test('a name that does not resolve is said, and nothing else happens', async () => {
  const lost = await Watched.start('hot', {
    victim: 'postgres://pgmon@no-such-host.invalid/postgres?sslmode=disable',
    other: server.postgres.dsn('pgmon'),
  });
  expect((await lost.pass()).problem?.message).toContain('does not resolve');
  await lost.close();
});
