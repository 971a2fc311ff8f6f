import { expect, test } from 'vitest';
import type { Row } from '../../../src/collectors/collector.ts';
import { invalidIndexes } from '../../../src/collectors/invalid-indexes.ts';
import { partitions } from '../../../src/collectors/partitions/partitions.ts';
import { replication } from '../../../src/collectors/replication.ts';
import { settings } from '../../../src/collectors/settings.ts';
import { eventsOf } from '../../../src/events/compare.ts';
import { comparable, defineEventKind, difference } from '../../../src/events/kind.ts';
import { eventKinds } from '../../../src/events/kinds/index.ts';
import { type Known, knownAfter } from '../../../src/events/last-good.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { passAt } from './support.ts';

const index = (name: string): Row => ({
  index: name,
  relation: 'public.t',
  size_bytes: 0,
  is_maintained: true,
  all_indexes: 1,
});
const indexGone = defineEventKind({
  name: 'index_gone',
  loop: 'storage',
  title: 'Index gone',
  reads: [invalidIndexes],
  many: (count) => `${count} indexes are gone`,
  compare: (comparison) =>
    comparable(comparison, invalidIndexes).flatMap((place) =>
      difference(place, (row) => row.index).gone.map((row) => ({
        db: place.db,
        object: row.index,
        from: row.index,
        text: `${row.index} is gone.`,
      })),
    ),
});

const fail = (kind: string, error: unknown) => {
  throw new Error(kind, { cause: error });
};
const between = (previous: Snapshot, current: Snapshot, kinds = [indexGone]) =>
  eventsOf(kinds, { last: previous, previous, current, now: new Date(current.takenAt) }, fail);
const indexes = (minute: number, database: string, names: readonly string[], more: object = {}) =>
  passAt(minute, 'storage', [{ collector: invalidIndexes, database, rows: names.map(index), ...more }]);

test('two comparisons of the same passes give the same events, with the same ids', () => {
  const [a, b] = [indexes(0, 'app', ['x', 'y']), indexes(10, 'app', ['y'])];
  const [first, again] = [between(a, b), between(a, b)];
  expect(first).toEqual(again);
  expect(first).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      at: b.takenAt,
      since: a.takenAt,
      cluster: 'shop',
      kind: 'index_gone',
      severity: 'notice',
      source: 'seen',
      db: 'app',
      object: 'x',
      from: 'x',
      text: 'x is gone.',
    },
  ]);
});

test('hundreds at once are one event, with how many they are and the names of ten', () => {
  const names = Array.from({ length: 400 }, (_, i) => `public.i${i}`);
  const [event, ...others] = between(indexes(0, 'app', names), indexes(10, 'app', []));
  expect(others).toEqual([]);
  expect(event).toMatchObject({ count: 400, db: 'app' });
  expect(event?.text).toBe(
    '400 indexes are gone: public.i0, public.i1, public.i2, public.i3, public.i4, public.i5, public.i6, public.i7, public.i8, public.i9 and 390 more',
  );
  expect(between(indexes(0, 'app', names.slice(0, 10)), indexes(10, 'app', []))).toHaveLength(10);
});

test('what is many at once is found by the names of 1,000, and of 5,000 in all databases', () => {
  const names = Array.from({ length: 1_200 }, (_, i) => `public.i${i}`);
  const [event] = between(indexes(0, 'app', names), indexes(10, 'app', []));
  expect(event?.objects).toEqual(names.slice(0, 1_000));
  const inEach = (minute: number, rows: readonly string[]) =>
    passAt(
      minute,
      'storage',
      Array.from({ length: 50 }, (_, i) => ({
        collector: invalidIndexes,
        database: `d${i}`,
        rows: rows.map(index),
      })),
    );
  const found = between(inEach(0, names.slice(0, 400)), inEach(10, []));
  expect(found.map(({ count, objects }) => [count, objects?.length])).toEqual(
    Array.from({ length: 50 }, () => [400, 100]),
  );
  // The same change has the same id, whatever it is found by.
  expect(between(indexes(0, 'app', names.slice(0, 5)), indexes(10, 'app', []))[0]?.objects).toBeUndefined();
});

test('each database has its own event of what is many there, and hundreds of databases are not hundreds of events', () => {
  const of = (minute: number, databases: number, names: readonly string[]) =>
    passAt(
      minute,
      'storage',
      Array.from({ length: databases }, (_, i) => ({
        collector: invalidIndexes,
        database: `d${i}`,
        rows: (i === 0 && names.length > 0 ? [...names, 'one more'] : names).map(index),
      })),
    );
  const names = Array.from({ length: 30 }, (_, i) => `i${i}`);
  const two = between(of(0, 2, names), of(10, 2, []));
  expect(two.map(({ db, count }) => [db, count])).toEqual([
    ['d0', 31],
    ['d1', 30],
  ]);
  const many = between(of(0, 400, names), of(10, 400, []));
  expect(many).toHaveLength(101);
  expect(new Set(many.map(({ id }) => id)).size).toBe(101);
  expect(many[0]).toMatchObject({ db: 'd0', count: 31 });
  expect(many.at(-1)).toMatchObject({
    count: 9_000,
    text: expect.stringMatching(/^9,000 indexes are gone: i0 \(d100\), /),
  });
  expect(many.at(-1)?.db).toBeUndefined();
  // Few in each of many databases: an event each, not of each index.
  const few = between(of(0, 20, ['x', 'y']), of(10, 20, []));
  expect(few.map(({ db, count }) => `${db} ${count}`)).toEqual(
    Array.from({ length: 20 }, (_, i) => `d${i} ${i === 0 ? 3 : 2}`),
  );
});

test('a row that leaves a list that is cut is no change; nor is one of a collector that failed, or was never asked', () => {
  const whole = indexes(0, 'app', ['x']);
  expect(between(whole, indexes(10, 'app', ['y'], { total: 700 }))).toEqual([]);
  expect(between(whole, indexes(10, 'app', [], { status: 'failed' }))).toEqual([]);
  expect(between(whole, indexes(10, 'app', [], { status: 'skipped' }))).toEqual([]);
  expect(between(whole, indexes(10, 'other', []))).toEqual([]);
  expect(between(whole, passAt(10, 'storage'))).toEqual([]);
});

test('what vanished while a collector failed, or the target was down, is found with its next answer', () => {
  const passes = [
    indexes(0, 'app', ['x']),
    indexes(10, 'app', [], { status: 'failed' }),
    passAt(20, 'storage', [], { up: false, problem: { kind: 'refused', message: 'no', hint: '' } }),
    indexes(30, 'app', []),
  ];
  let known: Known | undefined;
  const found = passes.map((current) => {
    const before = known;
    known = knownAfter(known, current, [indexGone]);
    if (!before) return 0;
    const comparison = { last: before.last, previous: before.good ?? before.last, current, now: new Date() };
    return eventsOf([indexGone], comparison, fail).length;
  });
  expect(found).toEqual([0, 0, 0, 1]);
});

test('a database that is gone takes its indexes with it, without a word of each', () => {
  const first = { ...indexes(0, 'app', ['x']), databases: ['app', 'postgres'] };
  const later = { ...passAt(10, 'storage'), databases: ['postgres'] };
  const known = knownAfter(knownAfter(undefined, first, [indexGone]), later, [indexGone]);
  expect(known.good?.rows).toEqual({});
  expect(between(first, later)).toEqual([]);
});

test('a kind that fails costs no other its events', () => {
  const broken = defineEventKind({
    name: 'broken',
    loop: 'storage',
    title: 'Broken',
    compare: () => {
      throw new Error('rows of another version');
    },
  });
  const faults: string[] = [];
  const [a, b] = [indexes(0, 'app', ['x']), indexes(10, 'app', [])];
  const comparison = { last: a, previous: a, current: b, now: new Date() };
  expect(eventsOf([broken, indexGone], comparison, (kind) => faults.push(kind))).toHaveLength(1);
  expect(faults).toEqual(['broken']);
});

const setting = (name: string, value: string | null, more: Row = {}): Row => ({
  name,
  setting: value,
  unit: null,
  category: null,
  source: 'configuration file',
  scope: 'server',
  is_changed: true,
  pending_restart: false,
  ...more,
});

test('a setting that other sessions get is an event with from and to; what our own session or role hides is none', () => {
  const of = (minute: number, rows: readonly Row[]) => passAt(minute, 'hourly', [{ collector: settings, rows }]);
  const before = of(0, [
    setting('work_mem', '4096', { unit: 'kB' }),
    setting('statement_timeout', null),
    setting('a.b', '1'),
  ]);
  const after = of(60, [
    setting('work_mem', '8192', { unit: 'kB' }),
    setting('statement_timeout', '2700', { scope: 'role' }),
    setting('a.b', '2', { scope: 'connection' }),
  ]);
  expect(between(before, after, [...eventKinds])).toMatchObject([
    { kind: 'setting_changed', object: 'work_mem', from: '4096', to: '8192', by: 'configuration file' },
  ]);
});

test('a value of any length fits into an event', () => {
  const of = (minute: number, value: string) =>
    passAt(minute, 'hourly', [{ collector: settings, rows: [setting('shared_preload_libraries', value)] }]);
  const [event] = between(of(0, ''), of(60, 'x'.repeat(1_000_000)), [...eventKinds]);
  expect(event?.to).toHaveLength(500);
  expect(event?.text.length).toBeLessThanOrEqual(2_000);
});

test('two replicas of one name are two: one that goes is one event', () => {
  const replica = (name: string, pid: number): Row => ({
    replica: name,
    client: '10.0.0.1',
    slot: '',
    pid,
    started_at: pid,
    state: 'streaming',
    sync_state: 'async',
    streaming: 1,
    lag_bytes: 0,
    lag_seconds: 0,
  });
  const of = (minute: number, rows: readonly Row[]) => passAt(minute, 'workload', [{ collector: replication, rows }]);
  const both = of(1, [replica('twin', 1), replica('twin #2', 2)]);
  expect(between(both, of(2, [replica('twin #2', 2)]), [...eventKinds])).toMatchObject([
    { kind: 'replica_gone', object: 'twin', from: '10.0.0.1' },
  ]);
  expect(between(of(0, [replica('twin', 1)]), both, [...eventKinds])).toMatchObject([
    { kind: 'replica_connected', object: 'twin #2' },
  ]);
  // The initial copy of a table is no replica.
  expect(between(of(0, []), of(1, [replica('pg_16394_sync_16385_7301', 3)]), [...eventKinds])).toEqual([]);
});

const table = (count: number, newest: number): Row => {
  const names = Array.from({ length: count }, (_, i) => `public.p${newest - i}`);
  return {
    parent: 'public.parted',
    strategy: 'range',
    partition_key: null,
    is_time: false,
    has_ranges: true,
    partitions: count,
    listed: count,
    oldest: null,
    newest: null,
    holes: null,
    covered_until: null,
    period: null,
    is_complete: false,
    default_rows: null,
    ends: count <= 20 ? names : [...names.slice(0, 10), ...names.slice(-10)],
  };
};

test.each([
  ['few, one more', [3, 3], [4, 4], ['got partition public.p4.']],
  [
    'few, the oldest replaced by a new one',
    [3, 3],
    [3, 4],
    ['got partition public.p4.', 'lost partition public.p1, detached or dropped.'],
  ],
  ['many, one more', [90, 90], [91, 91], ['got partition public.p91.']],
  [
    'many, rolling on',
    [90, 90],
    [90, 92],
    ['got 2 partitions public.p92, public.p91.', 'lost 2 partitions public.p2, public.p1, detached or dropped.'],
  ],
  ['many, the newest goes', [90, 90], [89, 89], ['lost a partition, detached or dropped.']],
  ['many, half of them go', [90, 90], [45, 90], ['lost 45 partitions, detached or dropped.']],
  ['nothing', [90, 90], [90, 90], []],
])('partitions: %s', (_, [count = 0, newest = 0], [nextCount = 0, nextNewest = 0], texts) => {
  const of = (minute: number, row: Row) =>
    passAt(minute, 'storage', [{ collector: partitions, database: 'app', rows: [row] }]);
  const found = between(of(0, table(count, newest)), of(10, table(nextCount, nextNewest)), [...eventKinds]);
  expect(found.map(({ text }) => text)).toEqual(texts.map((text) => `public.parted ${text}`));
});

test('every kind has its own name, of a form that filters and posted events can rely on', () => {
  const names = eventKinds.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !/^[a-z][a-z_]+$/.test(name))).toEqual([]);
});
