import { describe, expect, test } from 'vitest';
import type { Point } from '../../../src/store/history.ts';
import { keys, seriesPartition } from '../../../src/store/keys.ts';
import { combined, type Rollup, rollUp, spreadOf } from '../../../src/store/rollups.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { storesIn } from '../../../src/store/stores.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const begin = Date.parse('2026-11-18T00:00:00Z');

/** What each series was at a time; one of them ends, and one has a pass in four. */
function point(ms: number, i: number): Point {
  const steady = { 'up{}': 1, 'load{}': Math.sin(ms / 1e6) / 3 };
  const values = {
    ...steady,
    ...(i % 4 === 0 ? { 'rare{}': i } : {}),
    ...(ms < begin + HOUR_MS ? { 'old{}': 7 } : {}),
  };
  return { at: new Date(ms).toISOString(), values };
}

function setup(time: string | number) {
  const clock = { now: new Date(time) };
  const table = SqliteTable.inMemory(() => clock.now);
  return { clock, table, ...storesIn(table) };
}

/** The definition: all points between, by step. */
function expected(points: readonly Point[], stepMs: number): Rollup[] {
  const groups = Map.groupBy(points, ({ at }) => Math.floor(Date.parse(at) / stepMs) * stepMs);
  return [...groups].flatMap(([at, group]) => rollUp(new Date(at), group) ?? []);
}

/** Means of roll-ups have seven digits. */
function near(steps: readonly Rollup[]) {
  return steps.map(({ at, values }) => ({
    at,
    values: Object.fromEntries(
      Object.entries(values).map(([key, [least, mean, greatest]]) => [key, [least, expect.closeTo(mean, 4), greatest]]),
    ),
  }));
}

describe('series', () => {
  test('points come back as they were written, from blocks and from what has none yet, in any range', async () => {
    const { clock, history, series, table } = setup(begin);
    const points = Array.from({ length: 4 * 150 }, (_, i) => point(begin + i * 15_000, i));
    for (let i = 0; i < points.length; i += 4) {
      await history.append('shop', 'hot', points.slice(i, i + 4));
      clock.now = new Date(begin + (i + 4) * 15_000);
      if (i % 8 === 0) await series.blockPoints('shop', clock.now);
    }
    const blocks = (await table.query(seriesPartition('shop', 'points'))).map(({ sk }) => sk);
    expect(blocks).toHaveLength(14);
    for (const [from, to] of [
      [0, 150],
      [7, 9],
      [5, 43],
      [135, 149],
      [149, 150],
    ] as const) {
      const [first, last] = [new Date(begin + from * 60_000), new Date(begin + to * 60_000)];
      const truth = points.filter(({ at }) => at >= first.toISOString() && at <= last.toISOString()).map(spreadOf);
      expect(await series.between('shop', 'points', first, last, clock.now)).toEqual(truth);
    }
    const only = await series.between('shop', 'points', new Date(begin), clock.now, clock.now, ['rare']);
    expect(only.filter(({ values }) => Object.keys(values).length > 0)).toHaveLength(150);
    expect(only).toHaveLength(600);
  });

  test('a gap stays one, and what was measured around it is there', async () => {
    const { clock, history, series } = setup(begin);
    for (const minute of [3, 47]) await history.append('shop', 'hot', [point(begin + minute * 60_000, 0)]);
    clock.now = new Date(begin + HOUR_MS);
    await series.blockPoints('shop', clock.now);
    const steps = await series.between('shop', 'points', new Date(begin), clock.now, clock.now);
    expect(steps.map(({ at }) => at.slice(14, 16))).toEqual(['03', '47']);
    const later = new Date(begin + 2 * HOUR_MS);
    expect(await series.between('shop', 'points', new Date(begin + HOUR_MS), later, later)).toEqual([]);
  });

  test('minutes, hours and days are what their points give, also where they are not rolled up yet', async () => {
    const { clock, history, series, table } = setup(begin);
    const points: Point[] = [];
    for (let minute = 0; minute < 51 * 60; minute += 10) {
      const one = point(begin + minute * 60_000, minute / 10);
      points.push(one);
      clock.now = new Date(one.at);
      if (minute % 60 === 0) await series.rollUp('shop', clock.now);
      await history.append('shop', 'workload', [one]);
    }
    expect((await table.query(seriesPartition('shop', 'minutes'))).length).toBe(50);
    expect((await table.query(seriesPartition('shop', 'hours'))).map(({ sk }) => sk)).toEqual([
      '2026-11-18',
      '2026-11-19',
      '2026-11-20',
    ]);
    expect((await table.query(seriesPartition('shop', 'days'))).map(({ sk }) => sk)).toEqual(['2026-11']);
    const read = (resolution: 'minutes' | 'hours') =>
      series.between('shop', resolution, new Date(begin), clock.now, clock.now);
    // What is not rolled up comes as its points.
    const rolled = begin + 50 * HOUR_MS;
    const [before, after] = [
      points.filter(({ at }) => Date.parse(at) < rolled),
      points.filter(({ at }) => Date.parse(at) >= rolled).map(spreadOf),
    ];
    expect(await read('minutes')).toEqual(near([...expected(before, 300_000), ...after]));
    expect(await read('hours')).toEqual(near([...expected(before, HOUR_MS), ...after]));
    const days = await series.between('shop', 'days', new Date(begin), clock.now, clock.now);
    const hours = expected(before, HOUR_MS);
    const ofDay = (day: number) => hours.filter(({ at }) => Math.floor((Date.parse(at) - begin) / DAY_MS) === day);
    expect(days).toEqual(
      near([
        ...[0, 1].flatMap((day) => combined(new Date(begin + day * DAY_MS), ofDay(day)) ?? []),
        ...ofDay(2),
        ...after,
      ]),
    );
    expect(await series.since('shop', clock.now)).toEqual(new Date(begin));
    // The hour of a time in the middle of it.
    const [one] = await series.between(
      'shop',
      'hours',
      new Date(begin + 90 * 60_000),
      new Date(begin + 90 * 60_000),
      clock.now,
    );
    expect(one?.at).toBe('2026-11-18T01:00:00.000Z');
  });

  test('a block that is unreadable is read from what it was made of', async () => {
    const { clock, history, series, table } = setup(begin);
    for (let minute = 0; minute < 60; minute++)
      await history.append('shop', 'hot', [point(begin + minute * 60_000, minute)]);
    clock.now = new Date(begin + HOUR_MS + 100_000);
    await series.blockPoints('shop', clock.now);
    await table.put(keys.series('shop', 'points', new Date(begin + 600_000)), {
      from: 'x',
      times: new Uint8Array([1, 2]),
    });
    const read = await series.between('shop', 'points', new Date(begin), clock.now, clock.now);
    expect(read).toHaveLength(60);
  });

  test('a range before everything, or of 400 days with nothing in it, asks for few partitions', async () => {
    const { table, series } = setup(begin);
    let asked = 0;
    const query = table.query.bind(table);
    table.query = (...parameters) => {
      asked += 1;
      return query(...parameters);
    };
    const now = new Date(begin);
    expect(await series.between('shop', 'days', new Date(begin - 400 * DAY_MS), now, now)).toEqual([]);
    expect(asked).toBeLessThan(30);
    expect(
      await series.between('shop', 'points', new Date(begin - 90 * DAY_MS), new Date(begin - 89 * DAY_MS), now),
    ).toEqual([]);
  });
});
