import { expect, test } from 'vitest';
import type { Load } from '../../../src/collectors/activity/load.ts';
import { ActivityStore } from '../../../src/store/activity.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';

const HOUR = 3_600_000;
const start = Math.floor(Date.now() / (24 * HOUR) - 2) * 24 * HOUR;
const loadAt = (ms: number, n: number): Load => ({
  at: new Date(ms).toISOString(),
  passes: 1,
  blocked: 0,
  groups: n > 0 ? [[n, 'shop', 'CPU', 'CPU', null, null, '7', null]] : [],
});

test('hours and days are rolled up once they are over, and again after a gap', async () => {
  const store = new ActivityStore(SqliteTable.inMemory());
  for (let i = 0; i < 26; i++)
    await store.append('shop', [loadAt(start + i * HOUR, 2), loadAt(start + i * HOUR + 15_000, 0)]);
  await store.rollUp('shop', new Date(start + 25 * HOUR + 1_000));
  const hours = await store.periods('shop', 'hours', new Date(start), new Date(start + 48 * HOUR));
  expect(hours.map(({ at }) => Date.parse(at))).toEqual(Array.from({ length: 25 }, (_, i) => start + i * HOUR));
  expect(hours[0]).toMatchObject({ passes: 2, groups: [[1, 'shop', 'CPU', 'CPU', null, null, '7', null]] });
  const days = await store.periods('shop', 'days', new Date(start), new Date(start + 48 * HOUR));
  expect(days).toEqual([{ ...hours[0], passes: 48 }]);
  await store.append('shop', [loadAt(start + 30 * HOUR, 4)]);
  await store.rollUp('shop', new Date(start + 31 * HOUR));
  const later = await store.periods('shop', 'hours', new Date(start + 25 * HOUR), new Date(start + 48 * HOUR));
  expect(later.map(({ at, groups }) => [Date.parse(at), groups[0]?.[0]])).toEqual([
    [start + 25 * HOUR, 1],
    [start + 30 * HOUR, 4],
  ]);
});

test('five minutes are means of their passes, rolled up or not', async () => {
  const store = new ActivityStore(SqliteTable.inMemory());
  const passes: Load[] = [];
  for (let i = 0; i < 4 * 150; i++) {
    if (i >= 200 && i < 300) continue; // nothing was measured for 25 minutes
    passes.push({ ...loadAt(start + i * 15_000, i % 5), blocked: i % 37 === 0 ? i : 0 });
  }
  await store.append('shop', passes);
  const expected = [...Map.groupBy(passes, ({ at }) => Math.floor(Date.parse(at) / 300_000) * 300_000)].map(
    ([at, group]) => {
      const blocked = Math.max(...group.map((one) => one.blocked));
      const sessions = group.reduce((sum, { groups }) => sum + (groups[0]?.[0] ?? 0), 0) / group.length;
      return { at: new Date(at).toISOString(), passes: group.length, blocked, sessions };
    },
  );
  const read = async (from: number, to: number) =>
    (await store.minutes('shop', new Date(start + from * 60_000), new Date(start + to * 60_000))).map(
      ({ groups, ...rest }) => ({ ...rest, sessions: expect.closeTo(groups[0]?.[0] ?? 0, 3) }),
    );
  expect(await read(0, 150)).toEqual(expected);
  await store.rollUp('shop', new Date(start + 2 * HOUR + 1_000));
  expect(await read(0, 150)).toEqual(expected);
  // From within five minutes, over the border of what is rolled up.
  const after = (ms: number) => expected.filter(({ at }) => Date.parse(at) >= start + ms);
  expect(await read(112, 150)).toEqual(after(110 * 60_000));
});
