import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Transition } from '../../src/alerts/transition.ts';
import { notifiersSchema } from '../../src/config/notifiers.ts';
import { MissingSecret } from '../../src/config/secret.ts';
import { openLocalTable } from '../../src/local/local-table.ts';
import { SendError } from '../../src/notify/channel.ts';
import { channelsOf } from '../../src/notify/channels.ts';
import { Delivery, entryOf } from '../../src/notify/delivery.ts';
import { postJson } from '../../src/notify/http.ts';
import { messageOf, plainText } from '../../src/notify/message.ts';
import { relay } from '../../src/notify/relay.ts';
import { ReceiptStore } from '../../src/store/receipts.ts';
import { type Stores, storesIn } from '../../src/store/stores.ts';
import { HttpReceiver } from '../support/receivers.ts';

const folder = mkdtempSync(join(tmpdir(), 'pgmon-delivery-'));
let local: Awaited<ReturnType<typeof openLocalTable>>;
let stores: Stores;
const receiver = new HttpReceiver();
beforeAll(async () => {
  local = await openLocalTable(folder, () => minute(0));
  stores = storesIn(local.table);
  await receiver.listen();
});
afterAll(async () => {
  receiver.close();
  await local.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.refused = 0;
  receiver.status = undefined;
  receiver.retryAfter = undefined;
});

const START = Date.parse('2026-03-02T03:12:00Z');
const minute = (minutes: number) => new Date(START + minutes * 60_000);
const transition = (n: number, more: Partial<Transition> = {}): Transition => ({
  id: `id-${n}`,
  fingerprint: 'f1',
  kind: 'firing',
  at: minute(n).toISOString(),
  cluster: 'shop',
  rule: 'blocking_locks',
  title: 'Blocking locks',
  severity: 'critical',
  labels: { db: 'shop' },
  value: 200,
  threshold: 120,
  since: minute(0).toISOString(),
  message: 'A session has been waiting for a lock for 3 min',
  action: 'Open Locks and find the root of the tree: end it, or wait for it.',
  panel: 'locks',
  culprit: {
    pid: 4711,
    state: 'idle in transaction',
    seconds: 360,
    application: 'billing <x>',
    db: 'shop',
    blocks: [12, 13],
  },
  ...more,
});

function channels(config: object, env: Record<string, string> = {}, secrets: Record<string, string> = {}) {
  const secret = async (arn: string) => {
    const text = secrets[arn];
    if (text === undefined) throw new MissingSecret(`the secret ${arn} does not exist`);
    return text;
  };
  return channelsOf(notifiersSchema.parse(config), { env, secret });
}

/** The deliveries' clock. */
let now = minute(0);

function delivery(config: object, lines: string[] = []) {
  const say = (_: object, message: string) => {
    lines.push(message);
  };
  return new Delivery({
    channels: channels(config),
    outbox: stores.outbox,
    history: stores.alertHistory,
    unitOf: () => 'Seconds',
    pageUrl: 'https://pgmon.example.com/',
    log: { info: say, warn: say, error: say },
    now: () => now,
  });
}

describe('an address with credentials', () => {
  test('they are sent as what they stand for, and never said', async () => {
    const { length: before } = receiver.received;
    const url = new URL(`${receiver.url}/hook`);
    [url.username, url.password] = ['us@er', 's3cret:with/all'];
    await postJson(url.toString(), '{}');
    const [request] = receiver.received.slice(before);
    expect(request?.path).toBe('/hook');
    const said = Buffer.from(request?.headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString();
    expect(said).toBe('us@er:s3cret:with/all');
    const closed = new URL(url);
    closed.port = '1';
    const error = await postJson(closed.toString(), '{}').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SendError);
    expect(String(error)).not.toMatch(/s3cret|us%40er|127\.0\.0\.1/);
  });
});

describe('messages', () => {
  const message = messageOf(transition(3), 'Seconds', 'https://pgmon.example.com/');

  test('say what, where, against what, since when, who, what to do, where to look', () => {
    expect(message.subject).toBe('shop: Blocking locks, 3 min');
    expect(plainText(message)).toEqual([
      'pid 4711, billing <x>, idle in transaction for 6 min, database shop.',
      'A session has been waiting for a lock for 3 min (threshold 2 min).',
      'Critical. Since 2026-03-02 03:12:00 UTC, for 3 min.',
      'What to do: Open Locks and find the root of the tree: end it, or wait for it.',
      'Open at 03:15: https://pgmon.example.com/#/locks?cluster=shop&at=2026-03-02T03%3A15%3A00.000Z&db=shop',
      'Runbook: https://pgmon.example.com/runbook/blocking_locks?pid=4711&db=shop',
      expect.stringMatching(/^Silence 1 h: https:\/\/pgmon\.example\.com\/#\/alerts\?cluster=shop&alert=/),
      'Target shop, rule blocking_locks, id id-3',
    ]);
    const ended = messageOf(transition(7, { kind: 'resolved', until: minute(4).toISOString() }), 'Seconds', '');
    expect(ended.subject).toBe('shop: over after 4 min: Blocking locks, 3 min');
    expect(plainText(ended).slice(0, 2)).toEqual([
      'It was: A session has been waiting for a lock for 3 min.',
      'It lasted 4 min, from 2026-03-02 03:12:00 UTC to 2026-03-02 03:16:00 UTC.',
    ]);
  });
});

describe('delivery', () => {
  const hook = () => ({ channels: [{ type: 'webhook', url: receiver.url }] });
  const ids = () => receiver.received.map(({ headers }) => headers['x-pgmon-id']);
  let cluster = '';
  let runs = 0;
  beforeEach(() => {
    cluster = `target${runs++}`;
  });
  const put = async (to: Delivery, ...transitions: Transition[]) => {
    const entries = transitions.map((one) => {
      const entry = entryOf(one, { cluster, loop: 'hot', revision: 1 });
      return { ...entry, waiting: [...entry.waiting, ...to.channelsFor(['shop'], one.severity)] };
    });
    await stores.outbox.putAll(entries);
    to.add(entries);
  };
  const stored = async () => (await stores.outbox.all(cluster)).entries;
  const deliver = async (to: Delivery, from: number, until = from, step = 0.25) => {
    for (let at = from; at <= until; at += step) {
      now = minute(at);
      await to.deliver(5_000);
    }
  };

  test('a receiver that is down for an hour gets everything, in order, once it is back', async () => {
    const lines: string[] = [];
    const to = delivery(hook(), lines);
    await put(to, transition(0), transition(1, { id: 'id-1', kind: 'resolved' }));
    receiver.status = 500;
    await deliver(to, 0, 60);
    expect(to.waiting(cluster, 'hot')).toBe(2);
    // It was tried again and again, and left alone in between.
    expect(receiver.refused).toBeGreaterThan(5);
    expect(receiver.refused).toBeLessThan(20);
    receiver.status = undefined;
    await deliver(to, 60, 70);
    expect(ids()).toEqual(['id-0', 'id-1']);
    expect([to.waiting(cluster, 'hot'), await stored()]).toEqual([0, []]);
    expect(lines.some((line) => line.includes('did not take "Blocking locks": answered 500 no'))).toBe(true);
  });

  test('[B9] it is tried after 5 s, and at least every 5 min, whatever the pace of the loop', async () => {
    const to = delivery(hook());
    await put(to, transition(0));
    receiver.status = 500;
    await deliver(to, 0);
    await deliver(to, 4 / 60);
    expect(receiver.refused).toBe(1);
    await deliver(to, 5 / 60);
    expect(receiver.refused).toBe(2);
    await deliver(to, 1, 60, 1);
    receiver.status = undefined;
    await deliver(to, 65);
    expect(ids()).toEqual(['id-0']);
  });

  test('[B9] one message that is never taken holds back no other', async () => {
    const to = delivery(hook());
    await put(to, transition(0));
    receiver.status = 400;
    await deliver(to, 0);
    receiver.status = undefined;
    await put(to, ...[1, 2, 3].map((n) => transition(n, { fingerprint: `f${n}`, id: `other-${n}` })));
    await deliver(to, 4 / 60);
    expect(ids()).toEqual([]);
    await deliver(to, 6 / 60);
    expect(ids().toSorted()).toEqual(['id-0', 'other-1', 'other-2', 'other-3']);
  });

  test('429 with Retry-After is obeyed', async () => {
    const to = delivery(hook());
    await put(to, transition(0));
    receiver.status = 429;
    receiver.retryAfter = '600';
    await deliver(to, 0);
    receiver.status = undefined;
    await deliver(to, 1, 9, 1);
    expect([receiver.refused, receiver.received.length]).toEqual([1, 0]);
    await deliver(to, 10);
    expect(ids()).toEqual(['id-0']);
  });

  test('429 that asks for a day is tried again after a quarter of an hour', async () => {
    const to = delivery(hook());
    await put(to, transition(0));
    receiver.status = 429;
    receiver.retryAfter = '86400';
    await deliver(to, 0);
    receiver.status = undefined;
    await deliver(to, 1, 14, 1);
    expect(ids()).toEqual([]);
    await deliver(to, 15);
    expect(ids()).toEqual(['id-0']);
  });

  test('a process killed between sending and marking sends the same id again, and nothing is lost', async () => {
    await put(delivery(hook()), transition(0), transition(1, { id: 'id-1' }));
    await channels(hook())[0]?.send(messageOf(transition(0), 'Seconds', ''));
    // The next process knows only what the table says.
    const next = delivery(hook());
    next.add(await stored());
    await deliver(next, 1);
    expect(ids()).toEqual(['id-0', 'id-0', 'id-1']);
    expect(await stored()).toEqual([]);
    const before = { at: minute(10) };
    const kept = await stores.alertHistory.newest(10, before, ({ id }) => id === 'id-0' || id === 'id-1');
    expect(kept.map(({ id }) => id)).toEqual(['id-1', 'id-0']);
  });

  test('after a day it expires, with a line in the log and a count that stays', async () => {
    const lines: string[] = [];
    const to = delivery(hook(), lines);
    await put(to, transition(0));
    receiver.status = 500;
    await deliver(to, 24 * 60);
    expect(to.waiting(cluster, 'hot')).toBe(1);
    await deliver(to, 24 * 60 + 11);
    expect([to.waiting(cluster, 'hot'), to.expired(cluster, 'hot')]).toEqual([0, 1]);
    const name = to.channelsFor(['shop'], 'critical')[0];
    expect(lines).toContain(`target${runs - 1}: expired after a day: Blocking locks was not delivered to ${name}`);
    const { entries, expired } = await stores.outbox.all(cluster);
    expect([entries, expired.get('hot')]).toEqual([[], 1]);
  });

  test('one channel that fails holds back no other', async () => {
    const dead = { type: 'webhook', url: 'http://127.0.0.1:9/' };
    const to = delivery({ channels: [dead, { type: 'webhook', url: receiver.url }] });
    await put(to, transition(0));
    await deliver(to, 0);
    expect(ids()).toEqual(['id-0']);
    expect((await stored()).map(({ waiting }) => waiting)).toEqual([[to.channelsFor(['shop'], 'critical')[0]]]);
  });

  test('floors and filters', async () => {
    const to = delivery({
      channels: [
        { type: 'webhook', url: `${receiver.url}/critical`, min_severity: 'critical' },
        { type: 'webhook', url: `${receiver.url}/other`, clusters: ['other'] },
      ],
    });
    expect(to.channelsFor(['shop'], 'warning')).toEqual([]);
    expect(to.channelsFor(['shop'], 'critical')).toEqual([expect.stringMatching(/^webhook [0-9a-f]{8}$/)]);
    expect(to.channelsFor(['other'], 'info')).toEqual([expect.stringMatching(/^webhook [0-9a-f]{8}$/)]);
  });
});

describe('[B9] names of channels', () => {
  const urls = ['http://127.0.0.1:9/a', 'http://127.0.0.1:9/b'];
  const list = urls.map((url) => ({ type: 'webhook', url }));
  const namesOf = (all: object[]) => channels({ channels: all }).map(({ name }) => name);

  test('stay the same wherever in the list a channel is, and tell addresses apart', () => {
    expect(namesOf([{ type: 'eventbridge' }, ...list.toReversed()]).slice(1)).toEqual(namesOf(list).toReversed());
    expect(new Set(namesOf(list)).size).toBe(2);
  });

  test('what waits for one channel goes to it, and to nobody else, after the list was reordered', async () => {
    const other = new HttpReceiver();
    await other.listen();
    const mine = { type: 'webhook', url: receiver.url, min_severity: 'critical' };
    const theirs = { type: 'webhook', url: other.url, clusters: ['nobody'] };
    const before = delivery({ channels: [mine, theirs] });
    const entry = {
      ...entryOf(transition(0), { cluster: 'reordered', loop: 'hot', revision: 1 }),
      waiting: before.channelsFor(['shop'], 'critical'),
    };
    const after = delivery({ channels: [theirs, mine] });
    after.add([entry]);
    await after.deliver(5_000);
    expect([receiver.received.length, other.received.length]).toEqual([1, 0]);
    other.close();
  });

  test('the same address twice, with filters of its own each, and a name that is given', () => {
    const [first = {}] = list;
    const names = namesOf([first, { ...first, clusters: ['shop'] }, { ...first, name: 'on-call' }]);
    expect(names).toEqual([names[0], `${names[0]} 2`, 'on-call']);
    const two = { ...first, name: 'on-call' };
    expect(() => namesOf([two, two])).toThrow('has two channels with the same name: names must be unique');
    expect(() => namesOf([{ ...first, name: 'history' }])).toThrow('must not be one of history');
  });
});

describe('the notifier of a deployment, which only knows what the table says', () => {
  let runs = 0;
  const relaying = (config: object, at: () => Date = () => minute(0)) => {
    const receipts = new ReceiptStore(local.table);
    return (one: Transition) =>
      relay(one, { channels: channels(config), receipts, unitOf: () => 'Seconds', pageUrl: '', now: at });
  };
  const pager = () => ({ channels: [{ type: 'webhook', url: receiver.url, min_severity: 'critical' }] });
  const alert = () => {
    const fingerprint = `relayed ${runs++}`;
    return [
      transition(0, { fingerprint, id: 'a' }),
      transition(1, { fingerprint, id: 'b', kind: 'de-escalated', severity: 'warning', previous: 'critical' }),
      transition(2, { fingerprint, id: 'c', kind: 'resolved', severity: 'warning', previous: 'warning' }),
    ];
  };
  const kinds = () => receiver.json().map(({ kind }) => kind);

  test('[B3] a channel for critical alerts hears the end after critical, warning, over; each once', async () => {
    const send = relaying(pager());
    for (const one of [...alert()].flatMap((one) => [one, one])) await send(one);
    expect(kinds()).toEqual(['firing', 'de-escalated', 'resolved']);
  });

  test('[B3] a queue has no order: never an end without a beginning, never a beginning after the end', async () => {
    const send = relaying(pager());
    for (const one of alert().toReversed()) await send(one);
    expect(kinds()).toEqual([]);
    const [firing, warning, resolved] = alert();
    for (const one of [firing, resolved, warning, firing]) if (one) await send(one);
    expect(kinds()).toEqual(['firing', 'resolved']);
  });

  test('[B9] a channel that asks to be left alone is, over processes, and gets everything after it', async () => {
    let now = minute(0);
    const [firing] = alert();
    if (!firing) throw new Error('no alert');
    receiver.status = 429;
    receiver.retryAfter = '600';
    await expect(relaying(pager(), () => now)(firing)).rejects.toThrow('answered 429');
    receiver.status = undefined;
    now = minute(9);
    await expect(relaying(pager(), () => now)(firing)).rejects.toThrow('asked to pause until');
    expect([receiver.refused, receiver.received.length]).toEqual([1, 0]);
    now = minute(11);
    await relaying(pager(), () => now)(firing);
    expect(kinds()).toEqual(['firing']);
  });
});
