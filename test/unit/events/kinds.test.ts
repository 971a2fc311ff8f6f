import { expect, test } from 'vitest';
import type { Collector, Row } from '../../../src/collectors/collector.ts';
import { databases } from '../../../src/collectors/databases.ts';
import { powerfulRoles } from '../../../src/collectors/powerful-roles.ts';
import { relations } from '../../../src/collectors/relations/relations.ts';
import { settings } from '../../../src/collectors/settings.ts';
import { tableSizes } from '../../../src/collectors/table-sizes.ts';
import { vacuum } from '../../../src/collectors/vacuum.ts';
import { eventsOf } from '../../../src/events/compare.ts';
import { eventKinds } from '../../../src/events/kinds/index.ts';
import { type Answered, passAt } from './support.ts';

/** The events between two answers of a collector. */
function events(collector: Collector, before: readonly Row[], after: readonly Row[], more: Partial<Answered> = {}) {
  const database = collector.scope === 'database' ? { database: 'app' } : {};
  const at = (minute: number, rows: readonly Row[]) =>
    passAt(minute, collector.loop, [{ collector, rows, ...database, ...more }]);
  const [previous, current] = [at(0, before), at(10, after)];
  const comparison = { last: previous, previous, current, now: new Date(current.takenAt) };
  return eventsOf(eventKinds, comparison, (kind, error) => {
    throw new Error(kind, { cause: error });
  });
}

const role = (i: number, powers: readonly string[]): Row => ({ role: `r${i}`, powers, all_roles: 900 });

test('of a list of roles that is cut, at least so many became superusers', () => {
  const [before, after] = [['createrole'], ['createrole', 'superuser']].map((powers) =>
    Array.from({ length: 496 }, (_, i) => role(i, powers)),
  );
  const texts = (more: Partial<Answered>) =>
    events(powerfulRoles, before ?? [], after ?? [], more).map(({ text }) => text.split(':')[0]);
  expect(texts({ total: 900 })).toEqual(['At least 496 roles became superusers']);
  expect(texts({})).toEqual(['496 roles became superusers']);
});

test('a role that may create databases and roles is said with both', () => {
  const [event] = events(powerfulRoles, [], [role(1, ['createdb', 'createrole'])]);
  expect(event?.text).toBe('Role r1 gained createdb, createrole.');
});

const table = (more: Row): Row => ({
  relation: 'public.t',
  dead_tuples: 0,
  live_tuples: 0,
  modified: 0,
  autovacuum_seconds: null,
  autoanalyze_seconds: null,
  manual_vacuum_seconds: null,
  manual_analyze_seconds: null,
  vacuum_threshold: 50,
  autovacuum_enabled: true,
  autovacuum_count: 0,
  vacuum_count: 0,
  autoanalyze_count: 0,
  analyze_count: 0,
  pages_bytes: 0,
  all_dead_tuples: 0,
  all_tables: 1,
  ...more,
});

test('a vacuum: what the pass before and the pass after saw, without a size that nobody has measured', () => {
  const text = (before: Row, after: Row) =>
    events(vacuum, [table(before)], [table({ ...after, vacuum_count: 1 })]).map((event) => event.text);
  expect(text({ dead_tuples: 25_000 }, { pages_bytes: 8_192 })).toEqual([
    'public.t was vacuumed (by hand); the pass before it saw 25,000 dead rows, the pass after it 0 dead rows in 8 kB.',
  ]);
});

test('an analyze: what is known to have changed before it, and nothing where that is not known', () => {
  const text = (modified: number | null) =>
    events(vacuum, [table({ modified })], [table({ autoanalyze_count: 1 })]).map((event) => event.text);
  expect(text(1_200)).toEqual(['public.t was analyzed (autovacuum), after at least 1,200 changed rows.']);
  expect(text(0)).toEqual(['public.t was analyzed (autovacuum).']);
  expect(text(null)).toEqual(['public.t was analyzed (autovacuum).']);
});

const MB = 1_024 ** 2;

test.each([
  ['filled', 0, 58, ['table_grown']],
  ['emptied', 58, 0, ['table_shrunk']],
  ['filled from little', 4, 58, ['table_grown']],
  ['grown by less than tenfold', 10, 90, []],
  ['filled with little', 0, 20, []],
  ['a jump of a large one', 400, 700, ['table_grown']],
  ['growth of a large one', 4_000, 4_300, []],
])('sizes: %s', (_, from, to, kinds) => {
  const size = (mb: number, measured_at: number): Row => ({
    relation: 'public.t',
    oid: '1',
    relkind: 'r',
    size_bytes: mb * MB,
    indexes_bytes: 0,
    measured_at,
    growth_bytes: null,
    growth_seconds: null,
  });
  expect(events(tableSizes, [size(from, 0)], [size(to, 600)]).map(({ kind }) => kind)).toEqual(kinds);
});

test('the server does not say whether the statistics of a database were reset, or those of one table', () => {
  const row = (stats_reset: number): Row => ({
    ...Object.fromEntries(Object.keys(databases.columns).map((name) => [name, 0])),
    db: 'app',
    stats_reset,
  });
  const found = events(databases, [row(1_000)], [row(2_000)]);
  expect(found.map(({ kind, text }) => [kind, text])).toEqual([
    ['statistics_reset', 'The statistics of database app, or of one of its tables or functions, were reset.'],
  ]);
});

test('what the server works out by itself is no setting that was changed; one that was set back is', () => {
  const setting = (name: string, value: string, is_changed: boolean): Row => ({
    name,
    setting: value,
    unit: null,
    category: null,
    source: 'default',
    scope: 'server',
    is_changed,
    pending_restart: false,
  });
  const found = events(
    settings,
    [setting('shared_memory_size', '143', false), setting('in_hot_standby', 'on', false), setting('a', '1', true)],
    [setting('shared_memory_size', '1163', false), setting('in_hot_standby', 'off', false), setting('a', '2', false)],
  );
  expect(found.map(({ object }) => object)).toEqual(['a']);
});

test('a materialized view is called one', () => {
  const row = (change: string): Row => ({
    change,
    kind: 'materialized view',
    relation: 'public.mv',
    was: null,
    parent: null,
  });
  const [event] = events(relations, [], [row('dropped')]);
  expect(event).toMatchObject({ from: 'materialized view', text: 'Materialized view public.mv was dropped.' });
});
