import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { PassRows } from '../../src/collectors/pass-rows.ts';
import { parseConfig } from '../../src/config/load.ts';
import { openLocalTable } from '../../src/local/local-table.ts';
import { alertingOf, deliveryOf } from '../../src/loops/compose.ts';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { channelsOf } from '../../src/notify/channels.ts';
import { type Stores, storesIn } from '../../src/store/stores.ts';
import { apiOver } from '../support/api.ts';
import { pgmon } from '../support/command.ts';
import { HttpReceiver } from '../support/receivers.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const hook = new HttpReceiver();
const folder = mkdtempSync(join(tmpdir(), 'pgmon-incidents-'));
let local: Awaited<ReturnType<typeof openLocalTable>>;
let stores: Stores;
let api: Awaited<ReturnType<typeof apiOver>>;
let pass: (values: Readonly<Record<string, number>>) => Promise<void>;
/** Shortly before now, as the API takes no time of the future. */
let now = Math.floor(Date.now() / 1_000) * 1_000 - 3_600_000;

beforeAll(async () => {
  const url = await hook.listen();
  local = await openLocalTable(folder, () => new Date(now));
  stores = storesIn(local.table);
  const config = parseConfig(
    JSON.stringify({
      cluster: 'shop',
      dsn: 'postgres://a@127.0.0.1/b',
      notifiers: { channels: [{ type: 'webhook', url }] },
    }),
    'test',
    {},
  );
  const clock = () => new Date(now);
  const parts = {
    stores,
    channels: channelsOf(config.notifiers, { env: {}, secret: async () => '' }),
    log: silent,
    now: clock,
  };
  const alerting = alertingOf('hot', config, { ...parts, delivery: deliveryOf(config, parts), deliverMs: () => 5_000 });
  const [shop] = config.targets;
  pass = async (values) => {
    const snapshot: Snapshot = {
      ...{ cluster: 'shop', loop: 'hot', takenAt: new Date(now).toISOString(), up: true, durationMs: 1 },
      outcomes: [
        { collector: 'activity', status: 'ok' },
        { collector: 'canary', status: 'ok' },
      ],
      ...{ findings: [], rates: [], noRates: {}, rows: {} },
      samples: Object.entries(values).map(([metric, value]) => ({ metric, labels: {}, value })),
    };
    if (!shop) throw new Error('no target');
    const at = new Date(now);
    await alerting.write(shop, await alerting.evaluate(shop, [{ snapshot, rows: new PassRows() }], at), at);
    now += 15_000;
  };
  api = await apiOver(stores, ['shop'], config, silent, clock);
});
afterAll(async () => {
  hook.close();
  await api.close();
  await local.close();
  rmSync(folder, { recursive: true, force: true });
});

const blocked = (seconds: number) => ({ pg_longest_blocked_seconds: seconds });
const listSchema = z.object({
  times: z
    .object({ incidents: z.number(), mtta_seconds: z.number().nullable(), mttr_seconds: z.number().nullable() })
    .optional(),
  items: z.array(z.looseObject({ id: z.string(), state: z.string(), acknowledged: z.looseObject({}).nullable() })),
  next_cursor: z.string().optional(),
});
const get = async (path: string) => {
  const response = await fetch(`${api.url}/api/v1${path}`);
  return { status: response.status, body: await response.json() };
};
const list = async (query = '') => {
  // The API gives the same answer for a quarter of a second.
  await sleep(300);
  return listSchema.parse((await get(`/incidents${query}`)).body);
};
const acknowledge = (id: string, body: object = {}) =>
  fetch(`${api.url}/api/v1/incidents/${id}/acknowledge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const heard = () => hook.json().map(({ kind, severity }) => `${kind} ${severity}`);

test('an incident from its beginning to its end: who acknowledged it, that it got worse, how long it lasted', async () => {
  await pass(blocked(60));
  const { items } = await list();
  expect(items).toMatchObject([
    {
      state: 'open',
      clusters: ['shop'],
      severity: 'warning',
      rule: 'blocking_locks',
      alerts: { open: 1, all: 1 },
      acknowledged: null,
      ended_at: null,
    },
  ]);
  const [{ id } = { id: '' }] = items;
  expect(hook.json()).toMatchObject([{ fingerprint: id, kind: 'firing', incident: { id } }]);

  now += 60_000;
  expect((await acknowledge(id, { by: 'anna' })).status).toBe(204);
  await pass(blocked(90));
  expect((await list()).items).toMatchObject([{ acknowledged: { by: 'anna' } }]);
  // It gets worse: said again, and acknowledged by nobody.
  await pass(blocked(200));
  expect((await list()).items).toMatchObject([{ acknowledged: null, severity: 'critical' }]);
  for (let i = 0; i < 12; i++) await pass(blocked(0));
  expect(heard()).toEqual(['firing warning', 'escalated critical', 'resolved critical']);

  const ended = await list();
  expect(ended.items).toMatchObject([{ id, state: 'ended', highest: 'critical' }]);
  expect(ended.times).toMatchObject({ incidents: 1, mtta_seconds: expect.closeTo(75, -1) });
  expect(ended.times?.mttr_seconds).toBeGreaterThan(60);
  const details = z
    .object({ timeline: z.array(z.looseObject({ kind: z.string() })) })
    .parse((await get(`/incidents/${id}`)).body);
  expect(details.timeline.map(({ kind }) => kind)).toEqual([
    ...['opened', 'notified', 'acknowledged', 'escalated', 'notified', 'ended', 'notified'],
  ]);

  // What ended has nothing to acknowledge, and says when it ended.
  const late = await acknowledge(id);
  expect([late.status, await late.text()]).toEqual([409, expect.stringContaining('there is nothing to acknowledge')]);
});

test('it is in the history when it cannot come back any more, and every page has each once', async () => {
  const ids = new Set((await list()).items.map(({ id }) => id));
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 25; j++) await pass(blocked(0));
    await pass(blocked(60));
    for (const { id } of (await list('?state=open')).items) ids.add(id);
    for (let j = 0; j < 12; j++) await pass(blocked(0));
  }
  for (let j = 0; j < 25; j++) await pass(blocked(0));
  expect((await stores.incidents.open('shop')).incidents).toEqual([]);
  const paged: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(`?limit=1${cursor ? `&cursor=${cursor}` : ''}`);
    paged.push(...page.items.map(({ id }) => id));
    cursor = page.next_cursor;
  } while (cursor);
  expect(paged).toHaveLength(4);
  expect(new Set(paged)).toEqual(ids);
  expect((await list('?state=open')).items).toEqual([]);
  expect((await list('?state=ended')).items).toHaveLength(4);
  expect((await get(`/incidents/${paged[3]}`)).status).toBe(200);
});

test('what is not so has its answer', async () => {
  const none = 'f'.repeat(32);
  expect((await get(`/incidents/${none}`)).status).toBe(404);
  expect((await acknowledge(none)).status).toBe(404);
  expect((await get('/incidents/nothing')).status).toBe(400);
  expect((await get('/incidents?cursor=xyz')).status).toBe(400);
  expect((await get('/incidents?cluster=nobody')).status).toBe(404);
  expect((await get('/incidents?limit=0')).status).toBe(400);
  expect((await get('/incidents?unknown=1')).status).toBe(400);
});

test('the command line lists incidents, and shows one', async () => {
  const env = { PGMON_CLUSTER: 'shop', PGMON_DSN: 'postgres://a@127.0.0.1/b', PGMON_HTTP_BIND: new URL(api.url).host };
  const listed = await pgmon(['incidents', '--json'], env, folder);
  expect(listed.code).toBe(0);
  const { incidents } = z.object({ incidents: z.array(z.object({ id: z.string() })) }).parse(JSON.parse(listed.stdout));
  expect(incidents).toHaveLength(4);
  const shown = await pgmon(['incident', incidents[3]?.id ?? ''], env, folder);
  expect(shown.stdout).toMatch(/acknowledged/i);
}, 60_000);
