import { describe, expect, test } from 'vitest';
import type { Transition } from '../../../src/alerts/transition.ts';
import { AlertHistoryStore, type HistoryCursor } from '../../../src/store/alerts.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';

const NOW = Date.parse('2026-03-02T03:12:00Z');
const transition = (n: number, at: number, cluster: string): Transition => ({
  id: `id-${n}`,
  fingerprint: `f${n}`,
  kind: 'firing',
  at: new Date(at).toISOString(),
  cluster,
  rule: 'invalid_index',
  title: 'Invalid index',
  severity: 'warning',
  labels: {},
  since: new Date(at).toISOString(),
  message: '1 indexes in shop are invalid',
  action: 'REINDEX INDEX CONCURRENTLY',
  panel: 'storage',
});

test.each([1, 7, 50, 119, 120, 200])(
  '[B7] pages of %i have each of 120 transitions of one pass once, while new ones arrive',
  async (limit) => {
    const history = new AlertHistoryStore(SqliteTable.inMemory(() => new Date(NOW)));
    for (let n = 0; n < 120; n++) await history.put(transition(n, NOW, `target ${n % 5}`));
    const ids: string[] = [];
    let before: HistoryCursor = { at: new Date(NOW + 1) };
    for (let page = 0; page <= 120; page++) {
      const found = await history.newest(limit, before);
      expect(found.length).toBeLessThanOrEqual(limit);
      ids.push(...found.map(({ id }) => id));
      await history.put(transition(1_000 + page, NOW + 60_000 + page, 'shop'));
      const last = found.at(-1);
      if (!last || found.length < limit) break;
      before = { at: new Date(last.at), id: last.id };
    }
    expect(ids).toHaveLength(120);
    expect(new Set(ids).size).toBe(120);
  },
);

describe('a year of changes', () => {
  const DAY = 86_400_000;
  let now = NOW;
  const table = SqliteTable.inMemory(() => new Date(now));
  const history = new AlertHistoryStore(table);
  const ids = async (limit: number, before: HistoryCursor, matches?: (one: Transition) => boolean) =>
    (await history.newest(limit, before, matches)).map(({ id }) => id);

  test('the newest come first, over months and a year, and a target has no part in the order', async () => {
    const days = [0, 1, 3, 40, 75, 300, 399];
    for (const day of days.toReversed()) await history.put(transition(day, NOW - day * DAY, `target ${day % 3}`));
    const before = { at: new Date(NOW + 1) };
    expect(await ids(100, before)).toEqual(days.map((day) => `id-${day}`));
    expect(await ids(1, before)).toEqual(['id-0']);
    expect(await ids(3, before)).toEqual(['id-0', 'id-1', 'id-3']);
    expect(await ids(2, before, ({ cluster }) => cluster === 'target 0')).toEqual(['id-0', 'id-3']);
  });

  test('what is written twice is there once', async () => {
    await history.put(transition(1, NOW - DAY, 'target 1'));
    expect(await ids(2, { at: new Date(NOW + 1) })).toEqual(['id-0', 'id-1']);
  });

  test('a cursor of a time alone leaves out what is of that time, one with an id what is not before it', async () => {
    const at = new Date(NOW - 40 * DAY);
    expect(await ids(1, { at })).toEqual(['id-75']);
    expect(await ids(1, { at, id: 'id-40' })).toEqual(['id-75']);
    expect(await ids(1, { at, id: 'id-41' })).toEqual(['id-40']);
    expect(await ids(1, { at: new Date(at.getTime() + 1) })).toEqual(['id-40']);
  });

  test('400 days after a change it is gone', async () => {
    now = NOW + DAY - 1_000;
    expect(await ids(100, { at: new Date(now) })).toContain('id-399');
    now = NOW + DAY + 1_000;
    expect(await ids(100, { at: new Date(now) })).not.toContain('id-399');
  });
});
