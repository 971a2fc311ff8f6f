import { expect, test } from 'vitest';
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
