import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { DynamoTable } from '../../src/store/dynamo-table.ts';
import { type Stores, storesIn } from '../../src/store/stores.ts';
import { createTable } from '../support/dynamo.ts';
import { HttpReceiver } from '../support/receivers.ts';
import { type Emulator, startEmulator } from './support/emulator.ts';
import { FaultProxy } from './support/fault-proxy.ts';
import type { StormRun } from './support/storm-process.ts';

const SERIES = 5_000;
const TABLE = 'storm';

let aws: Emulator;
let proxy: FaultProxy;
let endpoint: string;
let table: DynamoTable;
let stores: Stores;
const hooks = [new HttpReceiver(), new HttpReceiver(), new HttpReceiver()] as const;
const [up, ...down] = hooks;
const running = new Set<ChildProcess>();
beforeAll(async () => {
  aws = await startEmulator(60);
  await createTable(TABLE, aws.client);
  proxy = new FaultProxy(aws.url);
  endpoint = await proxy.listen();
  table = new DynamoTable(TABLE, aws.client);
  stores = storesIn(table);
  for (const hook of hooks) await hook.listen();
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  for (const hook of hooks) hook.close();
  proxy?.close();
  table?.close();
  await aws?.stop();
});

/** A process over the pass of that time. */
function started(at: number) {
  const run: StormRun = { endpoint, table: TABLE, urls: hooks.map(({ url }) => url), series: SERIES, at };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'support/storm-process.ts'), JSON.stringify(run)], {
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  running.add(child);
  const ended = once(child, 'exit').then(([code, signal]) => {
    running.delete(child);
    return signal ?? code;
  });
  return { child, ended };
}

/** Kills a process over the pass of that time as soon as it has done so much. */
async function killedOnce(at: number, reached: () => boolean): Promise<void> {
  const { child, ended } = started(at);
  while (!reached()) {
    if (child.exitCode !== null) throw new Error('it ended before it could be killed');
    await sleep(5);
  }
  child.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
}

const idsOf = (hook: HttpReceiver) => new Set(hook.json().map(({ id }) => id));
const countsOf = (hook: HttpReceiver) => new Set(hook.json().map(({ incident }) => withAlerts.parse(incident).alerts));
const withAlerts = z.object({ alerts: z.number() });

test(`[B5] a storm of ${SERIES} series on DynamoDB, two channels down, its process killed again and again: nothing is lost`, async () => {
  let at = Date.now();
  for (const hook of down) hook.status = 500;
  // In the middle of the outbox, which takes 200 batches; then in the middle of sending.
  const batches = proxy.called('BatchWriteItem');
  await killedOnce(at, () => proxy.called('BatchWriteItem') - batches >= 80);
  const { entries: begun } = await stores.outbox.all('shop');
  expect(begun.length).toBeGreaterThan(1_000);
  expect(begun.length).toBeLessThan(SERIES);
  at += 60_000;
  // While the incident takes its alerts out of the outbox, one by one.
  const deletes = proxy.called('DeleteItem');
  await killedOnce(at, () => proxy.called('DeleteItem') - deletes >= 500);
  at += 60_000;
  expect(await started(at).ended).toBe(0);

  // The channel that works has one message; what came twice it can tell by the id.
  expect(idsOf(up).size).toBe(1);
  expect(countsOf(up)).toEqual(new Set([SERIES]));
  for (const hook of down) expect(hook.received).toEqual([]);
  const { entries } = await stores.outbox.all('shop');
  expect(entries.map(({ waiting }) => waiting.length)).toEqual([2]);

  for (const hook of down) hook.status = undefined;
  at += 300_000;
  expect(await started(at).ended).toBe(0);
  for (const hook of down) expect(idsOf(hook)).toEqual(idsOf(up));
  expect((await stores.outbox.all('shop')).entries).toEqual([]);
  // The history and the state have each once.
  expect(await stores.alertHistory.newest(2 * SERIES, { at: new Date(at + 60_000) })).toHaveLength(SERIES);
  expect(Object.keys((await stores.alerts.get('shop', 'storage')).alerts)).toHaveLength(SERIES);
  // As it went over the wire.
  expect(proxy.largest.itemBytes).toBeLessThan(300_000);
  expect(proxy.largest.expressionBytes).toBeLessThan(4_096);
  expect(proxy.largest.itemBytes).toBeGreaterThan(10_000);
}, 600_000); // a minute where the machine is free
