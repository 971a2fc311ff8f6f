/**
 * What a reader of the page waits for: the requests of every view, 50 a second, over 100 targets with 7 days of passes every 15
 * seconds and 400 days of roll-ups, for an hour up to now, for one in the past and for long ranges; and what a view of them costs
 * on DynamoDB. The past of one target is written by the stores' own functions, and copied row by row to the others: 100 times
 * the same values, read from 100 places. Roll-ups of hours are there for 40 days, beyond which no view reads them, and of days
 * for all.
 *
 * `--short`: half of one day of the seven, and a second for each view. `--folder=<path>`: the store is kept there, and used again
 * by the next run. The loops do not run meanwhile.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import Table from 'cli-table3';
import { catalogOf } from '../src/collectors/catalog.ts';
import { collectorsOf } from '../src/collectors/index.ts';
import { parseConfig } from '../src/config/load.ts';
import { openLocalTable, storeFile } from '../src/local/local-table.ts';
import { storesIn } from '../src/store/stores.ts';
import { apiOver, serveApi } from '../test/support/api.ts';
import type { Taken } from './support/api-process.ts';
import { crowd } from './support/crowd.ts';
import { pathOf, TIMES, VIEWS } from './support/page-requests.ts';
import { ReadUnits } from './support/read-units.ts';
import { manyTables } from './support/scenarios.ts';
import { machine, withServer } from './support/server.ts';
import { askSteadily, percentile } from './support/steady.ts';
import { copyTarget, type Length, type Seen, writePast } from './support/years.ts';

const RATE = 50;
const isShort = process.argv.includes('--short');
const LENGTH: Length = isShort ? { passDays: 0.5, hourDays: 8 } : { passDays: 7, hourDays: 40 };
const SECONDS = isShort ? 1 : 10;
/** In the short form, targets that have the whole past; the others have the last two hours of passes. */
const WHOLE = isShort ? 2 : 100;

const names = Array.from({ length: 100 }, (_, i) => `db-${String(i + 1).padStart(3, '0')}`);
const [first = ''] = names;
const config = parseConfig(JSON.stringify({ cluster: 'shop', dsn: 'postgres://nobody@127.0.0.1/none' }), 'bench', {});

const kept = process.argv.find((text) => text.startsWith('--folder='))?.slice('--folder='.length);
const folder = kept ?? mkdtempSync(join(tmpdir(), 'pgmon-bench-'));
/** When the past ends, written once all of it is there. */
const endFile = join(folder, 'bench-end');
try {
  if (!existsSync(endFile)) await prepare();
  const end = readFileSync(endFile, 'utf8');
  const gigabytes = (statSync(storeFile(folder)).size / 1e9).toFixed(1);
  console.log(
    `100 targets, ${WHOLE} with ${LENGTH.passDays} days of passes every 15 s, 400 days of roll-ups: ${gigabytes} GB up to ${end}`,
  );
  await measure(end);
} finally {
  if (!kept) rmSync(folder, { recursive: true, force: true });
}

async function prepare(): Promise<void> {
  const began = performance.now();
  const end = new Date();
  await withServer({}, async (admin, { port, dsn: superuser, version }) => {
    console.log(machine(version));
    await manyTables(admin, 200);
    const sessions = await crowd(superuser, 40, 12);
    const live = await serveApi(`postgres://pgmon@127.0.0.1:${port}/postgres`);
    for (let i = 0; i < 3; i++) {
      for (let n = 0; n < 180; n++) await admin.query(`SELECT count(*) AS n${n % 60} FROM t_${n % 60} WHERE id > 0`);
      await live.pass();
    }
    const snapshots = await live.stores.snapshots.all('shop');
    const [load] = await live.stores.activity.passes('shop', new Date(Date.now() - 60_000), new Date());
    const ids = snapshots.flatMap(({ rows }) => (rows['statements'] ?? []).map((row) => String(row['queryid'])));
    const texts = await live.stores.statements.get('shop', ids);
    await live.close();
    await sessions.leave();
    const catalog = catalogOf(collectorsOf(config));
    const charted = (name: string) => {
      const metric = catalog.get(name);
      if (!metric || metric.detail) return 'none';
      return metric.type === 'counter' ? 'rate' : 'gauge';
    };
    const seenAs = (cluster: string): Seen => {
      const named = snapshots.map((snapshot) => ({ ...snapshot, cluster }));
      const hot = named.find(({ loop }) => loop === 'hot');
      if (!hot) throw new Error('the hot loop saw nothing');
      return { hot, others: named.filter((one) => one !== hot), load, isCharted: charted };
    };
    const local = await openLocalTable(folder, () => end);
    const stores = storesIn(local.table);
    await stores.statements.put(first, texts, end);
    await writePast(stores, seenAs(first), LENGTH, end);
    const lately = names[WHOLE];
    if (lately) await writePast(stores, seenAs(lately), { passDays: 2 / 24, hourDays: 2 }, end);
    await local.close();
    copyTarget(folder, first, names.slice(1, WHOLE));
    if (lately) copyTarget(folder, lately, names.slice(WHOLE + 1));
    const again = await openLocalTable(folder, () => end);
    for (const cluster of names)
      for (const snapshot of snapshots)
        await storesIn(again.table).snapshots.put({ ...snapshot, cluster, takenAt: end.toISOString() });
    await again.close();
  });
  writeFileSync(endFile, end.toISOString());
  console.log(`made in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
}

async function measure(end: string): Promise<void> {
  const table = new Table({
    style: { head: [], border: [] },
    head: [
      'view',
      'p50 ms',
      'p95 ms',
      'p99 ms',
      'CPU ms',
      'loop p99',
      'load',
      ...Object.keys(TIMES).map((name) => `units: ${name}`),
    ],
  });
  const units = await unitsOf(end);
  const child = fork(new URL('./support/api-process.ts', import.meta.url), [folder, names.join(','), end]);
  const [url] = (await once(child, 'message')) as [string];
  const p95: number[] = [];
  let peakMb = 0;
  try {
    for (const [view, requests] of Object.entries(VIEWS)) {
      const urls = shuffled(
        names.flatMap((cluster) =>
          Object.values(TIMES).flatMap((time) => requests.map((request) => `${url}${pathOf(request, cluster, time)}`)),
        ),
      );
      await askSteadily(urls.slice(-RATE), RATE);
      await taken(child);
      const { ms, failed } = await askSteadily(urls.slice(0, RATE * SECONDS), RATE);
      if (failed[0]) throw new Error(`${failed.length} requests failed, the first is ${failed[0]}`);
      const took = await taken(child);
      p95.push(percentile(ms, 95));
      peakMb = took.peakMb;
      table.push([
        view,
        ...[50, 95, 99].map((percent) => percentile(ms, percent).toFixed(0)),
        (took.cpuMs / ms.length).toFixed(1),
        took.delayMs.p99.toFixed(0),
        loadavg()[0]?.toFixed(1),
        ...(units.get(view) ?? []),
      ]);
    }
  } finally {
    child.kill();
  }
  console.log(table.toString());
  const hour = [...units.values()].map(([now = 0]) => now);
  console.log(
    `goal: p95 under 100 ms for every view at ${RATE} requests a second (the slowest: ${Math.max(...p95).toFixed(0)} ms); under 60 read units for a view of the last hour (the most: ${Math.max(...hour)}); the process held ${peakMb.toFixed(0)} MB at most; ${cpus().length} CPUs`,
  );
}

/** Read units of each view at each of the times, with the list of targets, which every page asks for. */
async function unitsOf(end: string): Promise<ReadonlyMap<string, readonly number[]>> {
  const now = () => new Date(end);
  const local = await openLocalTable(folder, now);
  const counter = new ReadUnits();
  const api = await apiOver(storesIn(counter.counting(local.table)), names, config, undefined, now);
  const all = new Map<string, number[]>();
  for (const [view, requests] of Object.entries(VIEWS)) {
    const units: number[] = [];
    for (const time of Object.values(TIMES)) {
      // Any POST empties the cache of answers, by which one view would read what the one before it has paid for.
      const headers = { 'content-type': 'application/json' };
      await api.app.request('http://localhost/api/v1/events', { method: 'POST', headers, body: '{}' });
      counter.units = 0;
      for (const request of ['/targets', ...requests]) {
        const path = pathOf(request, first, time);
        const { status } = await api.app.request(`http://localhost${path}`);
        if (status !== 200) throw new Error(`${path} answered ${status}`);
      }
      units.push(counter.units);
    }
    all.set(view, units);
  }
  await api.close();
  await local.close();
  return all;
}

async function taken(child: ChildProcess): Promise<Taken> {
  const answer = once(child, 'message') as Promise<[Taken]>;
  child.send('taken');
  return (await answer)[0];
}

/** The same order at every run. */
function shuffled<T>(values: readonly T[]): T[] {
  return values
    .map((value, i) => ({ value, order: (i * 7_919) % 10_007 }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ value }) => value);
}
