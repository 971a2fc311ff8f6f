import { describe, expect, test } from 'vitest';
import type { Transition } from '../../../src/alerts/transition.ts';
import { keys, partitionsOf } from '../../../src/store/keys.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { storesIn } from '../../../src/store/stores.ts';

const START = Date.parse('2026-10-31T22:00:00Z');
const now = new Date('2026-11-01T12:00:00Z');
const clusters = Array.from({ length: 40 }, (_, i) => `server-${i}`);

describe('[C9] what all targets write into is spread', () => {
  test('evenly enough, and each target always into the same partition', () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 1_000; i++) {
      const { pk } = keys.target(`db-${i}.example.com`);
      counts.set(pk, (counts.get(pk) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted()).toEqual([...partitionsOf('TARGETS')].toSorted());
    for (const [pk, count] of counts) expect([pk, count > 75 && count < 175]).toEqual([pk, true]);
    expect(keys.target('shop')).toEqual(keys.target('shop'));
  });

  test('changes of alerts are merged, newest first over partitions and months, up to the limit', async () => {
    const { alertHistory } = storesIn(SqliteTable.inMemory(() => now));
    const all = clusters.flatMap((cluster, c) =>
      Array.from({ length: 12 }, (_, i): Transition => {
        const at = new Date(START + (i * clusters.length + c) * 20_000).toISOString();
        return {
          id: `${cluster}-${i}`,
          fingerprint: cluster,
          kind: 'firing',
          at,
          cluster,
          rule: 'bloat',
          title: 'Bloat',
          severity: 'warning',
          labels: {},
          since: at,
          message: 'm',
          action: 'a',
          panel: 'storage',
        };
      }),
    );
    for (const one of all) await alertHistory.put(one);
    const newest = all.toSorted((a, b) => (a.at < b.at ? 1 : -1)).map(({ id }) => id);
    const ids = async (limit: number, before = now, matches?: (one: Transition) => boolean) =>
      (await alertHistory.newest(limit, { at: before }, matches)).map(({ id }) => id);
    expect(await ids(480)).toEqual(newest);
    expect(await ids(50)).toEqual(newest.slice(0, 50));
    expect(await ids(500)).toEqual(newest);
    const middle = all.find(({ id }) => id === newest[100])?.at ?? '';
    expect(await ids(30, new Date(Date.parse(middle) - 1))).toEqual(newest.slice(101, 131));
    expect(await ids(5, now, ({ cluster }) => cluster === 'server-7')).toEqual(
      newest.filter((id) => id.startsWith('server-7-')).slice(0, 5),
    );
  });

  test('targets are listed once, wherever an earlier version wrote them', async () => {
    const table = SqliteTable.inMemory(() => now);
    const { snapshots } = storesIn(table);
    const outcome = { takenAt: now.toISOString(), up: true, durationMs: 1, outcomes: [], findings: [] };
    for (const cluster of clusters) {
      await snapshots.put({ cluster, loop: 'hot', ...outcome, samples: [], rates: [], noRates: {}, rows: {} });
      await table.put({ pk: 'TARGETS', sk: `${cluster}-old` }, { 'seen hot': now.toISOString() });
    }
    const listed = await snapshots.clusters();
    expect(listed.filter((one) => !one.endsWith('-old'))).toEqual([...clusters].toSorted());
    expect(new Set(listed).size).toBe(listed.length);
    expect((await snapshots.verdicts()).filter(({ cluster }) => clusters.includes(cluster))).toHaveLength(40);
  });
});

test('[C9] sessions of a minute that take more than 400 KB are split, and read with the others', async () => {
  const { past, history } = storesIn(SqliteTable.inMemory(() => now));
  const noise = () => Array.from({ length: 30_000 }, () => Math.random().toString(36).slice(2)).join('');
  const passes = ['00.000', '15.000', '30.000', '45.000'].map((second, i) => ({
    ...{ cluster: 'shop', loop: 'hot' as const, up: true, durationMs: 1, outcomes: [], findings: [] },
    ...{ samples: [], rates: [], noRates: {}, takenAt: `2026-11-01T11:59:${second}Z` },
    rows: { activity: [{ pid: i, query: i === 0 ? 'small' : noise() }] },
  }));
  await past.append('shop', passes.slice(0, 1));
  await past.append('shop', passes.slice(1, 2));
  await past.append('shop', passes.slice(2));
  expect(await past.between('shop', new Date('2026-11-01T11:59:00Z'), now)).toEqual(passes);
  expect(await past.between('shop', new Date('2026-11-01T11:59:20Z'), new Date('2026-11-01T11:59:40Z'))).toEqual([
    passes[2],
  ]);
  const values = Object.fromEntries(Array.from({ length: 20_000 }, () => [`m{db="${Math.random()}"}`, Math.random()]));
  await history.append('shop', 'hot', [{ at: '2026-11-01T11:59:00.000Z', values }]);
  await history.append('shop', 'workload', [{ at: '2026-11-01T11:59:00.000Z', values: { up: 1 } }]);
  expect(await history.between('shop', new Date('2026-11-01T11:00:00Z'), now)).toHaveLength(2);
});
