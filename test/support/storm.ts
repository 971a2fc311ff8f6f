import { effectiveRules } from '../../src/alerts/effective.ts';
import { catalogOf } from '../../src/collectors/catalog.ts';
import { collectors } from '../../src/collectors/index.ts';
import { PassRows } from '../../src/collectors/pass-rows.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import { targetSchema } from '../../src/config/target.ts';
import { Alerting } from '../../src/loops/alerting.ts';
import { deliveryOf } from '../../src/loops/compose.ts';
import type { Pass } from '../../src/loops/pass-output.ts';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { channelsOf } from '../../src/notify/channels.ts';
import { storesIn } from '../../src/store/stores.ts';
import type { Table } from '../../src/store/table.ts';

const catalog = catalogOf(collectors);
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The target of every storm. */
export const shop = targetSchema.parse({ cluster: 'shop', dsn: 'postgres://pgmon@127.0.0.1/shop' });

/** {@link shop}, with a webhook for each address. */
export function stormConfig(urls: readonly string[]): Config {
  return configSchema.parse({
    targets: [{ cluster: 'shop', dsn: 'postgres://pgmon@127.0.0.1/shop' }],
    notifiers: { channels: urls.map((url) => ({ type: 'webhook', url })) },
  });
}

/** A pass in which so many databases have an invalid index. */
export function snapshotOf(at: number, count: number, value = 1): Snapshot {
  return {
    cluster: 'shop',
    loop: 'storage',
    takenAt: new Date(at).toISOString(),
    up: true,
    durationMs: 1,
    outcomes: [{ collector: 'invalid_indexes', status: 'ok' }],
    findings: [],
    samples: Array.from({ length: count }, (_, i) => ({
      metric: 'pg_invalid_indexes',
      labels: { db: `database_${i}` },
      value,
    })),
    rates: [],
    noRates: {},
    rows: {},
  };
}

/** {@link snapshotOf} as the loop hands it on. */
export function passOf(at: number, count: number, value = 1): Pass {
  return { snapshot: snapshotOf(at, count, value), rows: new PassRows() };
}

/** The alerting of a process that begins with nothing but the table. */
export function processOn(table: Table, config: Config, now: () => Date, deliverMs = 120_000) {
  const stores = storesIn(table);
  const secret = async () => '';
  const delivery = deliveryOf(config, {
    stores,
    channels: channelsOf(config.notifiers, { env: {}, secret }),
    log: silent,
    now,
  });
  const alerting = new Alerting({
    loop: 'storage',
    intervalMs: 600_000,
    rules: effectiveRules(config.alerts, catalog).rules.filter(({ id }) => id === 'invalid_index'),
    catalog,
    alerts: stores.alerts,
    incidents: stores.incidents,
    outbox: stores.outbox,
    silences: stores.silences,
    acknowledgements: stores.acknowledgements,
    delivery,
    deliverMs: () => deliverMs,
    sharesOutbox: false,
    maintenance: [],
    repeatMs: 3_600_000,
    showQueries: false,
    showUsers: false,
    log: silent,
  });
  return { alerting, delivery, stores };
}

/** What a loop does with the passes of {@link shop}: evaluates the rules, then writes and sends. */
export async function evaluateAndWrite(alerting: Alerting, passes: readonly Pass[], now: Date): Promise<void> {
  await alerting.write(shop, await alerting.evaluate(shop, passes, now), now);
}
