import { expect, test } from 'vitest';
import type { Transition } from '../../../src/alerts/transition.ts';
import { openAlerts } from '../../../src/api/open-alerts.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { storesIn } from '../../../src/store/stores.ts';

const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 0, 0, second));

test('an alert of the past is open until its condition was over, and says of when its value is', async () => {
  const now = () => at(900);
  const stores = storesIn(SqliteTable.inMemory(now));
  const transition = (kind: Transition['kind'], second: number, more: Partial<Transition> = {}): Transition => ({
    ...{
      id: `${kind} ${second}`,
      fingerprint: 'f',
      kind,
      at: at(second).toISOString(),
      cluster: 'shop',
      rule: 'blocked',
    },
    ...{ title: 'Blocked', severity: 'warning', labels: {}, value: 34.5, since: at(10).toISOString(), message: '' },
    ...{ action: '', panel: 'locks', ...more },
  });
  await stores.alertHistory.put(transition('firing', 50));
  await stores.alertHistory.put(transition('resolved', 200, { until: at(80).toISOString() }));
  const reading = { stores, clusters: ['shop'], intervals: new Map(), now };
  const open = async (second: number) => await openAlerts(reading, ['shop'], at(second));
  expect(await open(30)).toMatchObject([{ state: 'pending' }]);
  expect(await open(79)).toMatchObject([{ state: 'firing', value: 34.5, valueAt: at(50).toISOString() }]);
  expect(await open(80)).toEqual([]);
  expect(await open(150)).toEqual([]);
  expect(await open(210)).toEqual([]);
});
