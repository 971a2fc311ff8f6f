import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { openLocalTable } from '../../src/local/local-table.ts';
import { endRetired } from '../../src/loops/compose.ts';
import { pack } from '../../src/store/codec.ts';
import { DynamoTable } from '../../src/store/dynamo-table.ts';
import { keys } from '../../src/store/keys.ts';
import { storesIn } from '../../src/store/stores.ts';
import type { Entry, Table } from '../../src/store/table.ts';
import { type Dynamo, startDynamo } from '../support/dynamo.ts';
import { HttpReceiver } from '../support/receivers.ts';
import { evaluateAndWrite, hotPass, passOf, processOn, snapshotOf, stormConfig } from '../support/storm.ts';

const START = Date.now();

/** What a process that is killed did to the table: everything up to a write, and nothing after it. */
class Killed extends Error {}

/** The table, with the size of what is written, and an end in the middle of a write. */
function watched(table: Table): Table & { largest: number; dieAfter: number; refuses: string | undefined } {
  const seen = {
    largest: 0,
    dieAfter: Number.POSITIVE_INFINITY,
    refuses: undefined as string | undefined,
  };
  const alive = () => {
    if (seen.dieAfter-- <= 0) throw new Killed();
  };
  const note = ({ key, attributes }: Entry) => {
    const bytes = Object.values<unknown>({ ...key, ...attributes }).reduce<number>(
      (sum, value) => sum + (value instanceof Uint8Array ? value.length : JSON.stringify(value ?? '').length),
      0,
    );
    seen.largest = Math.max(seen.largest, bytes);
  };
  const one = async (key: Entry['key'], attributes: Entry['attributes'], write: () => Promise<void>) => {
    if (key.pk === seen.refuses) throw new Killed();
    alive();
    note({ key, attributes });
    await write();
  };
  return Object.assign(seen, {
    get: table.get.bind(table),
    query: table.query.bind(table),
    putIf: table.putIf.bind(table),
    setIf: table.setIf.bind(table),
    remove: table.remove.bind(table),
    put: (key: Entry['key'], attributes: Entry['attributes']) => one(key, attributes, () => table.put(key, attributes)),
    set: (key: Entry['key'], attributes: Entry['attributes']) => one(key, attributes, () => table.set(key, attributes)),
    delete: (key: Entry['key']) => one(key, {}, () => table.delete(key)),
    putAll: async (entries: readonly Entry[]) => {
      for (const entry of entries) note(entry);
      const before = entries.slice(0, Math.min(entries.length, seen.dieAfter));
      await table.putAll(before);
      seen.dieAfter -= entries.length;
      if (before.length < entries.length) throw new Killed();
    },
  });
}

const folder = mkdtempSync(join(tmpdir(), 'pgmon-storm-'));
const hooks = [new HttpReceiver(), new HttpReceiver(), new HttpReceiver()];
let local: Awaited<ReturnType<typeof openLocalTable>>;
let dynamo: Dynamo;
let config: ReturnType<typeof stormConfig>;
beforeAll(async () => {
  [local, dynamo] = await Promise.all([openLocalTable(folder), startDynamo()]);
  for (const hook of hooks) await hook.listen();
  config = stormConfig(hooks.map(({ url }) => url));
});
afterAll(async () => {
  for (const hook of hooks) hook.close();
  await local.close();
  await dynamo.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  for (const hook of hooks) {
    hook.received.length = 0;
    hook.status = undefined;
  }
});

const idsOf = (hook: HttpReceiver | undefined) => hook?.json().map(({ id }) => String(id)) ?? [];
const countsOf = (hook: HttpReceiver | undefined) =>
  hook?.json().map((body) => z.object({ incident: z.object({ alerts: z.number() }) }).parse(body).incident.alerts) ??
  [];

describe.each([
  ['SQLite', 5_000],
  ['DynamoDB', 1_200],
] as const)('[B5] a storm, on %s', (kind, SERIES) => {
  test(`${SERIES} series of one rule in one pass, two channels down, killed again and again: one message, nothing lost`, async () => {
    const table = watched(kind === 'SQLite' ? local.table : new DynamoTable(dynamo.table, dynamo.config));
    let now = START;
    const write = async (dieAfter: number) => {
      table.dieAfter = dieAfter;
      const process = processOn(table, config, () => new Date(now));
      const outcome = await evaluateAndWrite(process, [passOf(now, SERIES)], new Date(now)).then(
        () => 'written',
        (error) => (error instanceof Killed ? 'killed' : String(error)),
      );
      await process.delivery.stop();
      now += 60_000;
      return outcome;
    };
    const [up, ...down] = hooks;
    for (const hook of down) hook.status = 500;
    // In the middle of the outbox; before the state; while the history takes them; before the incident is written, which
    // is after its message; while those that it has are taken out of the outbox.
    expect(await write(0.4 * SERIES)).toBe('killed');
    expect(await write(0.6 * SERIES)).toBe('killed');
    expect(await write(0.2 * SERIES)).toBe('killed');
    table.refuses = keys.incidents('shop').pk;
    expect(await write(Number.POSITIVE_INFINITY)).toBe('killed');
    table.refuses = undefined;
    expect(await write(0.5 * SERIES)).toBe('killed');
    expect(await write(Number.POSITIVE_INFINITY)).toBe('written');
    // A receiver can tell what comes twice by its id.
    expect(new Set(idsOf(up)).size).toBe(1);
    expect(new Set(countsOf(up))).toEqual(new Set([SERIES]));
    expect(table.largest).toBeLessThan(300_000);
    const { entries } = await storesIn(table).outbox.all('shop');
    expect(entries.map(({ waiting }) => waiting.length)).toEqual([2]);
    for (const hook of down) hook.status = undefined;
    now += 300_000;
    expect(await write(Number.POSITIVE_INFINITY)).toBe('written');
    for (const hook of down) expect(new Set(idsOf(hook))).toEqual(new Set(idsOf(up)));
    const [incident] = (await storesIn(table).incidents.open('shop')).incidents;
    expect(Object.keys(incident?.members ?? {})).toHaveLength(SERIES);
    expect((await storesIn(table).outbox.all('shop')).entries).toEqual([]);
    // The history has each once.
    const cursor = { at: new Date(now) };
    expect(await storesIn(table).alertHistory.newest(2 * SERIES, cursor)).toHaveLength(SERIES);
    expect(Object.keys((await storesIn(table).alerts.get('shop', 'storage')).alerts)).toHaveLength(SERIES);
  }, 400_000);
});

describe('what cannot be written, or read', () => {
  const fresh = () => watched(new DynamoTable(dynamo.table, dynamo.config));
  const clear = async (table: Table) => {
    const stores = storesIn(table);
    await stores.alerts.put('shop', 'storage', { alerts: {}, revision: 0 }, new Date());
    await stores.incidents.putOpen('shop', { revision: 0, folded: 0, incidents: [] }, new Date());
  };

  test('[B6] a failed delete of an acknowledgment loses nothing: "resolved" is sent, once, and the delete is tried again', async () => {
    const table = fresh();
    await clear(table);
    let now = START + 86_400_000;
    const process = processOn(table, config, () => new Date(now));
    const { stores } = process;
    const write = (value: number) => evaluateAndWrite(process, [passOf(now, 1, value)], new Date(now));
    await write(1);
    const [fingerprint = ''] = Object.keys((await stores.alerts.get('shop', 'storage')).alerts);
    await stores.acknowledgements.put({ fingerprint, at: new Date(now).toISOString() });
    const [remove] = [table.delete];
    table.delete = async (key) => {
      if (key.pk === keys.acknowledgement('').pk) throw new Error('throttled');
      await remove(key);
    };
    for (let i = 0; i < 2; i++) {
      now += 600_000;
      await write(0).catch(() => hotPass(process, new Date(now)));
    }
    expect(hooks[0]?.json().map(({ kind }) => kind)).toEqual(['firing', 'resolved']);
    expect((await stores.acknowledgements.all(new Date(now))).size).toBe(1);
    table.delete = remove;
    now += 600_000;
    await write(0);
    expect((await stores.acknowledgements.all(new Date(now))).size).toBe(0);
    expect(hooks[0]?.json().map(({ kind }) => kind)).toEqual(['firing', 'resolved']);
  });

  test('[B4] one bad stored alert, and one bad notification, stop no other', async () => {
    const table = fresh();
    await clear(table);
    const now = START + 2 * 86_400_000;
    await evaluateAndWrite(
      processOn(table, config, () => new Date(now)),
      [passOf(now, 2)],
      new Date(now),
    );
    const { alerts } = storesIn(table);
    const state = await alerts.get('shop', 'storage');
    const [bad = ''] = Object.keys(state.alerts);
    const broken = { ...state, alerts: { ...state.alerts, [bad]: { ...state.alerts[bad], value: null } } };
    await table.put(keys.alerts('shop', 'storage'), { data: pack(broken), parts: [] });
    await table.put(keys.outbox('shop', 'storage 2026 bad'), { data: pack({ nothing: true }) });
    expect(Object.keys((await alerts.get('shop', 'storage')).alerts)).toHaveLength(1);
    const later = now + 600_000;
    await evaluateAndWrite(
      processOn(table, config, () => new Date(later)),
      [passOf(later, 2)],
      new Date(later),
    );
    expect(Object.keys((await alerts.get('shop', 'storage')).alerts)).toHaveLength(2);
  });

  test('[E9] alerts of a target that the configuration no longer has end at their receivers, once', async () => {
    const table = fresh();
    await clear(table);
    const now = START + 3 * 86_400_000;
    const process = processOn(table, config, () => new Date(now));
    const { delivery, stores } = process;
    await stores.snapshots.put(snapshotOf(now, 0));
    await evaluateAndWrite(process, [passOf(now, 2)], new Date(now));
    expect(await endRetired(config, ['shop'], stores, delivery, new Date(now + 1_000))).toEqual([]);
    expect(await endRetired(config, [], stores, delivery, new Date(now + 1_000))).toEqual(['shop']);
    await delivery.deliver(30_000);
    expect(await endRetired(config, [], stores, delivery, new Date(now + 2_000))).toEqual([]);
    await delivery.deliver(30_000);
    const heard = hooks[0]?.json() ?? [];
    expect(heard.map(({ kind }) => kind)).toEqual(['firing', 'resolved']);
    expect(heard[1]?.['message']).toMatch(
      /^No longer monitored: the target was removed from the configuration: .* database_/,
    );
  });
});
