import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Transition } from '../../../src/alerts/transition.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { pack } from '../../../src/store/codec.ts';
import { type Key, keys } from '../../../src/store/keys.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { type Stores, storesIn } from '../../../src/store/stores.ts';
import type { Attributes } from '../../../src/store/table.ts';
import { snapshotWith } from '../../support/snapshot.ts';

const now = new Date('2026-11-21T12:00:30Z');
const minute = new Date('2026-11-21T12:00:00Z');
const hour = new Date('2026-11-21T11:00:00Z');
const later = new Date(now.getTime() + 60_000);
const GARBAGE = new Uint8Array([0x42, 1, 2, 3, 255]);
const OTHER = pack({ version: 0, of: 'an older pgmon' });

const snapshot = (loop: Snapshot['loop']): Snapshot => snapshotWith({ loop, takenAt: now.toISOString() });
const transition = (id: string): Transition => ({
  id,
  fingerprint: id,
  kind: 'firing',
  at: now.toISOString(),
  cluster: 'shop',
  rule: 'bloat',
  title: 'Bloat',
  severity: 'warning',
  labels: {},
  since: now.toISOString(),
  message: 'm',
  action: 'a',
  panel: 'storage',
});
const stateSchema = z.object({ count: z.number() });
const data = (bytes: Uint8Array): Attributes => ({ data: bytes });

interface KindOfItem {
  readonly kind: string;
  /** Writes one that can be read, beside the bad one. */
  readonly good: (stores: Stores) => Promise<void>;
  /** Where a bad one lies, and what it is made of. */
  readonly key: Key;
  readonly item: (bytes: Uint8Array) => Attributes;
  /** Reads all that there is; how many were found. */
  readonly read: (stores: Stores) => Promise<number>;
  /** How many are found beside the bad one. */
  readonly left: number;
}

const kinds: readonly KindOfItem[] = [
  {
    kind: 'target',
    good: (stores) => stores.snapshots.put(snapshot('hot')),
    key: keys.target('bad'),
    item: (bytes) => ({ 'seen hot': bytes }),
    read: async (stores) => (await stores.snapshots.verdicts()).length,
    left: 1,
  },
  {
    kind: 'snapshot',
    good: (stores) => stores.snapshots.put(snapshot('hot')),
    key: keys.latest('shop', 'workload'),
    item: data,
    read: async (stores) => (await stores.snapshots.all('shop')).length,
    left: 1,
  },
  ...(['state', 'bulk'] as const).map((part) => ({
    kind: `state of a loop (${part})`,
    good: (stores: Stores) => stores.loopStates.put('shop', 'hot', part, { count: 1 }, later.getTime() / 1_000),
    key: keys.loopState('shop', 'workload', part),
    item: data,
    read: async (stores: Stores) => {
      const found = [
        await stores.loopStates.get('shop', 'hot', part, stateSchema),
        await stores.loopStates.get('shop', 'workload', part, stateSchema),
      ];
      return found.filter((one) => one !== undefined).length;
    },
    left: 1,
  })),
  {
    kind: 'alerts',
    good: (stores) => stores.alerts.put('shop', 'hot', { alerts: {}, revision: 3 }, now),
    key: keys.alerts('shop', 'workload'),
    item: data,
    read: async (stores) => {
      const found = [await stores.alerts.get('shop', 'hot'), await stores.alerts.get('shop', 'workload')];
      return found.reduce((sum, { revision }) => sum + revision, 0);
    },
    left: 3,
  },
  {
    kind: 'notification',
    good: async (stores) => {
      const place = { cluster: 'shop', loop: 'hot', attempts: 0, notBefore: {}, revision: 1 } as const;
      await stores.outbox.putAll([
        { ...place, waiting: [], transition: transition('a') },
        { ...place, waiting: [], transition: transition('z') },
      ]);
    },
    key: keys.outbox('shop', `hot ${now.toISOString()} m`),
    item: data,
    read: async (stores) => (await stores.outbox.all('shop')).entries.length,
    left: 2,
  },
  {
    kind: 'rule history',
    good: async () => {},
    key: keys.ruleHistory('shop', 'hot'),
    item: data,
    read: async (stores) => ((await stores.alerts.ruleHistory('shop', 'hot')) ? 1 : 0),
    left: 0,
  },
  {
    kind: 'change of an alert',
    good: async (stores) => {
      await stores.alertHistory.put(transition('a'));
      await stores.alertHistory.put(transition('z'));
    },
    key: keys.transition('shop', now, 'm'),
    item: data,
    read: async (stores) => (await stores.alertHistory.newest(10, { at: later })).length,
    left: 2,
  },
  {
    kind: 'silence',
    good: (stores) => stores.silences.put({ id: 'a', until: later.toISOString(), createdAt: now.toISOString() }),
    key: keys.silence('bad'),
    item: data,
    read: async (stores) => (await stores.silences.active(now)).length,
    left: 1,
  },
  {
    kind: 'acknowledgement',
    good: (stores) => stores.acknowledgements.put({ fingerprint: 'a', at: now.toISOString() }),
    key: keys.acknowledgement('bad'),
    item: (bytes) => ({ at: bytes, expires: later.getTime() / 1_000 }),
    read: async (stores) => (await stores.acknowledgements.all(now)).size,
    left: 1,
  },
  {
    kind: 'statement',
    good: (stores) => stores.statements.put('shop', new Map([['1', 'SELECT 1']]), now),
    key: keys.statement('shop', '2'),
    item: data,
    read: async (stores) => (await stores.statements.get('shop', ['1', '2', '3'])).size,
    left: 1,
  },
  {
    kind: 'statements of a minute, beside others of it',
    good: (stores) => stores.top.append('shop', 'statements', [{ at: now.toISOString(), rows: [] }]),
    key: keys.top('shop', 'statements', minute),
    item: (bytes) => ({ 'at 45.000': bytes }),
    read: async (stores) => (await stores.top.between('shop', 'statements', minute, later)).length,
    left: 1,
  },
  {
    kind: 'hot pass of a minute, beside others of it',
    good: (stores) => stores.past.append('shop', [snapshot('hot')]),
    key: keys.pass('shop', minute),
    item: (bytes) => ({ 'at 45.000': bytes }),
    read: async (stores) => (await stores.past.between('shop', minute, later)).length,
    left: 1,
  },
  {
    kind: 'lists of an hour',
    good: (stores) => stores.past.putLists({ ...snapshot('storage'), takenAt: hour.toISOString() }),
    key: keys.lists('shop', 'storage', minute),
    item: (bytes) => ({ data: bytes, takenAt: minute.toISOString() }),
    read: async (stores) => ((await stores.past.at('shop', 'storage', now))?.takenAt === hour.toISOString() ? 1 : 0),
    left: 1,
  },
  {
    kind: 'history of a minute, beside others of it',
    good: (stores) => stores.history.append('shop', 'hot', [{ at: now.toISOString(), values: {} }]),
    key: keys.minute('shop', minute),
    item: (bytes) => ({ 'workload 45.000': bytes }),
    read: async (stores) => (await stores.history.between('shop', minute, later)).length,
    left: 1,
  },
  {
    kind: 'roll-up',
    good: (stores) => stores.series.addHour('shop', { at: hour.toISOString(), values: { up: [1, 1, 1] } }),
    key: keys.series('shop', 'hours', new Date(minute.getTime() - 86_400_000)),
    item: (bytes) => ({ from: 0, until: 1, items: 1, times: bytes }),
    read: async (stores) =>
      (await stores.series.between('shop', 'hours', new Date(hour.getTime() - 86_400_000), later, later)).length,
    left: 1,
  },
];

describe('[E6] an item that cannot be read is left out, said once, and nothing else suffers', () => {
  let table: SqliteTable;
  let stores: Stores;
  let lines: string[];
  beforeEach(() => {
    table = SqliteTable.inMemory(() => now);
    lines = [];
    stores = storesIn(table, { warn: (_, message) => lines.push(message) });
  });

  describe.each([
    ['garbage', GARBAGE],
    ['of another form', OTHER],
    ['empty', new Uint8Array()],
  ])('%s', (_, bytes) => {
    test.each(kinds)('$kind', async ({ good, key, item, read, left }) => {
      await good(stores);
      await table.set(key, item(bytes));
      expect([await read(stores), await read(stores)]).toEqual([left, left]);
      expect(lines).toEqual([expect.stringContaining(`${key.pk} / ${key.sk}`)]);
      expect(stores.unreadable.warnings()).toEqual(lines);
      await table.delete(key);
    });
  });

  test('a part that is missing', async () => {
    const rows = [{ text: Array.from({ length: 90_000 }, () => Math.random().toString(36).slice(2)).join('') }];
    await stores.snapshots.put({ ...snapshot('hot'), rows: { activity: rows } });
    expect((await stores.snapshots.get('shop', 'hot'))?.rows['activity']).toEqual(rows);
    const { pk } = keys.latest('shop', 'hot');
    const [part] = (await table.query(pk)).filter(({ sk }) => String(sk).startsWith('hot#'));
    await table.delete({ pk, sk: String(part?.['sk']) });
    expect(await stores.snapshots.get('shop', 'hot')).toBeUndefined();
    expect(lines).toEqual(['the stored snapshot LATEST#shop / hot is unreadable and was left out']);
  });

  test('one of a target is a finding of its next snapshot, until it can be read again', async () => {
    const key = keys.latest('shop', 'workload');
    await table.put(key, { data: GARBAGE });
    await stores.snapshots.all('shop');
    await stores.snapshots.put(snapshot('hot'));
    await stores.snapshots.put({ ...snapshot('hot'), cluster: 'other' });
    expect((await stores.snapshots.get('shop', 'hot'))?.findings).toEqual([
      {
        aspect: 'store',
        severity: 'warning',
        message: expect.stringContaining('LATEST#shop / workload is unreadable'),
      },
    ]);
    expect((await stores.snapshots.get('other', 'hot'))?.findings).toEqual([]);
    await stores.snapshots.put(snapshot('workload'));
    await stores.snapshots.all('shop');
    expect(stores.unreadable.warnings()).toEqual([]);
  });
});
