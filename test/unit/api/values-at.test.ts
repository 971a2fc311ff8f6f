import { expect, test } from 'vitest';
import type { Reading, Seen } from '../../../src/api/reading.ts';
import { valuesAt } from '../../../src/api/values-at.ts';
import type { LatestSnapshot } from '../../../src/metrics/snapshot.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { storesIn } from '../../../src/store/stores.ts';

const now = new Date('2026-11-22T12:00:00Z');
const good = '2026-11-22T10:00:00.000Z';
const nothing = { durationMs: 1, outcomes: [], findings: [], samples: [], rates: [], noRates: {}, rows: {} };
const passed: LatestSnapshot = { ...nothing, cluster: 'shop', loop: 'hot', takenAt: good, up: true };

async function blockedAt(moment: string, snapshot: LatestSnapshot) {
  const stores = storesIn(SqliteTable.inMemory(() => now));
  await stores.history.append('shop', 'hot', [{ at: good, values: { 'pg_blocked_sessions_total{}': 5 } }]);
  const reading: Reading = { stores, clusters: ['shop'], intervals: new Map([['hot', 15_000]]), now: () => now };
  const seen: Seen = { snapshot, moment: new Date(moment) };
  return (await valuesAt(reading, 'shop', [seen], new Date(moment)))('samples', 'pg_blocked_sessions_total', 'max');
}

test('while a server did not answer, values are those of its last known state, however long ago', async () => {
  const down = { ...passed, takenAt: '2026-11-22T10:29:45.000Z', up: false, lastGood: passed };
  expect(await blockedAt('2026-11-22T10:30:00Z', down)).toBe(5);
});

test('where nothing was collected, there is no value', async () => {
  expect(await blockedAt('2026-11-22T10:00:10Z', passed)).toBe(5);
  expect(await blockedAt('2026-11-22T10:30:00Z', passed)).toBeNull();
});
