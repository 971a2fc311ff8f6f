import { PassRows } from '../../src/collectors/pass-rows.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import { targetSchema } from '../../src/config/target.ts';
import { alertingOf, deliveryOf } from '../../src/loops/compose.ts';
import type { Pass } from '../../src/loops/pass-output.ts';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { channelsOf } from '../../src/notify/channels.ts';
import { storesIn } from '../../src/store/stores.ts';
import type { Table } from '../../src/store/table.ts';

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

/** The alerting of a process that begins with nothing but the table: that of the storage loop, and that of the hot one. */
export function processOn(table: Table, config: Config, now: () => Date, deliverMs = 120_000) {
  const stores = storesIn(table);
  const secret = async () => '';
  const parts = { stores, channels: channelsOf(config.notifiers, { env: {}, secret }), log: silent, now };
  const delivery = deliveryOf(config, parts);
  const shared = { ...parts, delivery, deliverMs: () => deliverMs };
  const [alerting, hot] = [alertingOf('storage', config, shared), alertingOf('hot', config, shared)];
  return { alerting, hot, delivery, stores };
}

type Loops = Pick<ReturnType<typeof processOn>, 'alerting' | 'hot'>;

/** What the loops do with the passes of {@link shop}: evaluate the rules, then write and send. */
export async function evaluateAndWrite(loops: Loops, passes: readonly Pass[], now: Date): Promise<void> {
  await loops.alerting.write(shop, await loops.alerting.evaluate(shop, passes, now), now);
  await hotPass(loops, now);
}

/** A pass of the hot loop, which puts together what the other left. */
export async function hotPass({ hot }: Loops, now: Date): Promise<void> {
  const quiet: Pass = { snapshot: { ...snapshotOf(now.getTime(), 0), loop: 'hot' }, rows: new PassRows() };
  await hot.write(shop, await hot.evaluate(shop, [quiet], now), now);
}
