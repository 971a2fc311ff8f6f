/**
 * What a reader of the page waits for: the requests of every view, 50 a second, over 100 targets with 7 days of passes every 15
 * seconds and 400 days of roll-ups, now, at a past moment and over long ranges; and what a view of them costs on DynamoDB.
 * `--short`: half of one day of the seven, hours of 8 days, and a second for each view. The loops do not run meanwhile: what reaches the target is
 * counted by it.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import Table from 'cli-table3';
import { type Catalog, catalogOf } from '../src/collectors/catalog.ts';
import { collectorsOf } from '../src/collectors/index.ts';
import { parseConfig } from '../src/config/load.ts';
import type { Config } from '../src/config/schema.ts';
import { openLocalTable, storeFile } from '../src/local/local-table.ts';
import { storesIn } from '../src/store/stores.ts';
import { apiOver, serveApi } from '../test/support/api.ts';
import { ReadUnits } from './support/read-units.ts';
import { manyTables } from './support/scenarios.ts';
import { machine, withServer } from './support/server.ts';
import { copyTarget, type Length, type Seen, writePast } from './support/years.ts';

const RATE = 50;
const TARGETS = 100;
const isShort = process.argv.includes('--short');
const LENGTH: Length = isShort ? { passDays: 0.5, hourDays: 8 } : { passDays: 7, hourDays: 400 };
/** Targets that have the whole past; the others have the last two hours of passes. */
const WHOLE = isShort ? 2 : 10;
const SECONDS = isShort ? 1 : 10;

/** What each view of the page asks for, with the time of the page where it has one. */
const VIEWS: Readonly<Record<string, readonly string[]>> = {
  Overview: [
    '/overview?',
    '/alerts?',
    ...['pg_tps', 'pg_client_connections', 'pg_query_latency_seconds_mean', 'pg_cache_hit_ratio'].map(chart),
  ],
  Activity: ['/activity?', '/connections?kind=sessions&limit=200&', '/connections?limit=200&', chart('pg_connections')],
  Locks: ['/locks?', '/locks/moments?', chart('pg_blocked_sessions_total'), chart('pg_longest_blocked_seconds')],
  Statements: ['/top-queries?window=15m&', chart('pg_qps'), chart('pg_query_latency_seconds_mean')],
  Storage: ['/storage?limit=200&', '/storage?kind=databases&', '/indexes?limit=200&', chart('pg_database_size_bytes')],
  Replication: ['/replication?', '/replication?kind=slots&', chart('pg_replication_lag_seconds')],
  Autovacuum: ['/autovacuum?limit=200&', '/autovacuum?kind=progress&', '/autovacuum?kind=stale&'],
  Wraparound: ['/wraparound?', '/wraparound?kind=tables&', '/wraparound?kind=holders&'],
  Settings: ['/settings?limit=200&'],
  Events: ['/events?'],
  Alerts: ['/alerts?', '/alerts/history?', '/targets?'],
  'Collector health': ['/agent?'],
};

/** The times that a page may have. */
const TIMES: Readonly<Record<string, string>> = {
  now: 'from=-1h',
  'three hours up to a moment': 'from=-9h&to=-6h',
  'one day': 'from=-1d',
  'seven days': 'from=-7d',
  '400 days': 'from=-400d',
};

function chart(metric: string): string {
  return `/history?metric=${metric}&`;
}

const names = Array.from({ length: TARGETS }, (_, i) => `db-${String(i + 1).padStart(3, '0')}`);
const [first = ''] = names;

const folder = mkdtempSync(join(tmpdir(), 'pgmon-bench-'));
try {
  await withServer({}, async (admin, { port, version }) => {
    await manyTables(admin, 200);
    const dsn = `postgres://pgmon@127.0.0.1:${port}/postgres`;
    const began = performance.now();
    const config = parseConfig(JSON.stringify({ cluster: 'shop', dsn }), 'bench', {});
    const live = await serveApi(dsn);
    for (let i = 0; i < 3; i++) await live.pass();
    const snapshots = await live.stores.snapshots.all('shop');
    const [load] = await live.stores.activity.passes('shop', new Date(Date.now() - 60_000), new Date());
    await live.close();
    const catalog = catalogOf(collectorsOf(config));
    const seenAs = (cluster: string): Seen => {
      const named = snapshots.map((snapshot) => ({ ...snapshot, cluster }));
      const hot = named.find(({ loop }) => loop === 'hot');
      if (!hot) throw new Error('the hot loop saw nothing');
      const others = named.filter((one) => one !== hot);
      return { hot, others, load, isCharted: (metric) => charted(catalog, metric) };
    };

    const local = await openLocalTable(folder);
    const stores = storesIn(local.table);
    const lately = names[WHOLE] ?? '';
    await writePast(stores, seenAs(first), LENGTH, new Date());
    await writePast(stores, seenAs(lately), { passDays: 2 / 24, hourDays: 2 }, new Date());
    await local.close();
    copyTarget(folder, first, names.slice(1, WHOLE));
    copyTarget(folder, lately, names.slice(WHOLE + 1));
    const seconds = ((performance.now() - began) / 1_000).toFixed(0);
    const gigabytes = (statSync(storeFile(folder)).size / 1e9).toFixed(2);
    console.log(
      `${machine(version)}; ${TARGETS} targets, ${WHOLE} of them with ${LENGTH.passDays} days of passes every 15 s, the others with two hours; 400 days of roll-ups; ${gigabytes} GB, made in ${seconds} s`,
    );
    await measure(admin, config);
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

interface Admin {
  query(text: string): Promise<{ rows: Record<string, unknown>[] }>;
}

async function measure(admin: Admin, config: Config): Promise<void> {
  const local = await openLocalTable(folder);
  const counter = new ReadUnits();
  const counted = await apiOver(storesIn(counter.counting(local.table)), names, config);
  const api = await apiOver(storesIn(local.table), names, config);
  const queries = async () => {
    const found = await admin.query(
      "SELECT coalesce(sum(calls), 0)::float8 AS calls FROM pg_stat_statements(false) WHERE userid = (SELECT oid FROM pg_roles WHERE rolname = 'pgmon')",
    );
    return Number(found.rows[0]?.['calls']);
  };
  const before = await queries();
  const table = new Table({
    style: { head: [], border: [] },
    head: ['view', 'median ms', 'p97.5 ms', 'not 2xx', ...Object.keys(TIMES).map((name) => `read units: ${name}`)],
  });
  const all: { readonly slow: number; readonly units: number }[] = [];
  for (const [view, paths] of Object.entries(VIEWS)) {
    const units: number[] = [];
    for (const time of Object.values(TIMES)) {
      counter.units = 0;
      // The head of the page asks for the targets beside what its view asks for.
      for (const path of [...paths, '/targets?']) await counted.app.request(`http://localhost${of(path, first, time)}`);
      units.push(counter.units);
    }
    // Targets and times in turn: identical requests within a second would share one answer.
    const requests = names.flatMap((cluster) =>
      Object.values(TIMES).flatMap((time) => paths.map((path) => of(path, cluster, time))),
    );
    const { latency, non2xx, errors } = await autocannon({
      url: api.url,
      connections: 10,
      overallRate: RATE,
      duration: SECONDS,
      requests: shuffled(requests).map((path) => ({ method: 'GET', path, headers: { 'accept-encoding': 'gzip' } })),
    });
    all.push({ slow: latency.p97_5, units: units[0] ?? 0 });
    table.push([view, latency.p50, latency.p97_5, non2xx + errors, ...units]);
  }
  console.log(table.toString());
  const most = (key: 'slow' | 'units') => Math.max(...all.map((one) => one[key]));
  console.log(
    `goal: p95 under 100 ms for every view at ${RATE} requests a second (the slowest p97.5, which is above it: ${most('slow')} ms); under 60 read units for a view of the last hour (the most: ${most('units')}); none reaches the target (${(await queries()) - before} did)`,
  );
  await api.close();
  await counted.close();
  await local.close();
}

function of(path: string, cluster: string, time: string): string {
  return path === '/targets?' ? '/api/v1/targets' : `/api/v1${path}cluster=${cluster}&${time}`;
}

/** The same order at every run. */
function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value, i) => ({ value, order: (i * 7_919) % 10_007 }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ value }) => value);
}

function charted(catalog: Catalog, name: string): 'gauge' | 'rate' | 'none' {
  const metric = catalog.get(name);
  if (!metric || metric.detail) return 'none';
  return metric.type === 'counter' ? 'rate' : 'gauge';
}
