import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWorkload } from '../../../src/local/demo/workload.ts';
import { deepLockTree } from '../../support/deep-lock-tree.ts';
import { startStandby } from '../../support/standby.ts';
import { TestServer } from '../../support/test-server.ts';

/** Where the page is, what it can show, and the moment of an incident that is over. */
export interface Scene {
  readonly url: string;
  readonly up: string;
  readonly down: string;
  /** Of the server at work. */
  readonly dsn: string;
  readonly at: string;
  readonly queryid: string | undefined;
}

const UP = 'shop';
const DOWN = 'archive-eu-central-1';

/** What every list of the page has a row for. */
const OBJECTS = [
  'CREATE TABLE orders (id serial PRIMARY KEY, note text, customer_id int)',
  'INSERT INTO orders (note, customer_id) SELECT md5(i::text), i % 1000 FROM generate_series(1, 60000) AS i',
  'CREATE INDEX orders_note ON orders (note)',
  'CREATE INDEX orders_note_again ON orders (note)',
  'CREATE TABLE customer (id int PRIMARY KEY, "odd ""name"", with a long tail behind it" text)',
  'INSERT INTO customer SELECT i FROM generate_series(0, 999) AS i',
  'ALTER TABLE orders ADD CONSTRAINT of_customer FOREIGN KEY (customer_id) REFERENCES customer',
  'CREATE TABLE import_of_the_accounting_department_without_a_primary_key (line text)',
  "INSERT INTO import_of_the_accounting_department_without_a_primary_key VALUES ('a'), ('a')",
  'CREATE SEQUENCE nearly_used_up MAXVALUE 1000',
  "SELECT setval('nearly_used_up', 930)",
  'GRANT SELECT ON nearly_used_up TO pgmon',
  'CREATE TABLE measured (at date, value float) PARTITION BY RANGE (at)',
  "CREATE TABLE measured_01 PARTITION OF measured FOR VALUES FROM ('2026-10-01') TO ('2026-11-01')",
  "CREATE TABLE measured_03 PARTITION OF measured FOR VALUES FROM ('2026-12-01') TO ('2027-01-01')",
  'CREATE TABLE measured_rest PARTITION OF measured DEFAULT',
  "SELECT pg_create_physical_replication_slot('for_nobody', true)",
  'ANALYZE',
  'UPDATE orders SET note = note WHERE id < 20000',
] as const;

/** A failed one stays as an invalid index. */
const INVALID =
  'CREATE UNIQUE INDEX CONCURRENTLY only_once ON import_of_the_accounting_department_without_a_primary_key (line)';

/** A server at work and one that is down, watched by a pgmon each for some minutes. */
export async function makeScene(say: (text: string) => void): Promise<Scene & { readonly close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-scene-'));
  const [shop, archive] = await Promise.all([
    TestServer.start(18, { wal_level: 'logical', autovacuum: 'on', autovacuum_naptime: '30s' }),
    TestServer.start(18),
  ]);
  for (const statement of OBJECTS) await shop.sql(statement);
  await shop.sql(INVALID).catch(() => {});
  await shop.sql('CREATE ROLE shop LOGIN');
  await shop.sql('CREATE DATABASE shop OWNER shop');
  const standby = await startStandby(shop);
  const workload = await startWorkload(shop.postgres.dsn('shop', 'shop'));
  const watched = await watch(folder, {
    [UP]: shop.postgres.dsn('pgmon'),
    [DOWN]: archive.postgres.dsn('pgmon'),
  });
  say(`watching at ${watched.url}`);
  const post = (text: string) =>
    fetch(`${watched.url}/api/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text, cluster: UP }),
    });
  await sleep(60_000);
  await post('deploy 4711');
  await shop.sql("ALTER SYSTEM SET work_mem = '16MB'");
  await shop.sql('SELECT pg_reload_conf()');
  await shop.sql('DROP INDEX orders_note_again');
  const held = await deepLockTree(shop);
  say('a session blocks twelve others');
  await sleep(45_000);
  const at = new Date(Date.now() - 5_000).toISOString();
  await sleep(10_000);
  await held.release();
  await archive.stop();
  say('the second server is down');
  await sleep(75_000);
  const answer = await fetch(`${watched.url}/api/v1/top-queries?cluster=${UP}&limit=1`);
  const { items } = (await answer.json()) as { items: readonly { queryid: string }[] };
  return {
    url: watched.url,
    up: UP,
    down: DOWN,
    dsn: shop.postgres.dsn('pgmon'),
    at,
    queryid: items[0]?.queryid,
    close: async () => {
      await watched.close();
      await workload.stop();
      await standby.stop();
      await shop.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A pgmon over these targets, as soon as it serves. */
export async function watch(folder: string, targets: Readonly<Record<string, string>>) {
  const file = join(folder, `pgmon-${Object.keys(targets).length}.yaml`);
  writeFileSync(
    file,
    JSON.stringify({
      targets: Object.entries(targets).map(([cluster, dsn]) => ({ cluster, dsn })),
      http: { bind: '127.0.0.1:0' },
      store: { path: join(folder, `store-${Object.keys(targets).length}`) },
      sample_intervals: { hot_path: '5s', workload: '30s' },
      alerts: { rules: { server_down: { for: '0s' } } },
    }),
  );
  const running = spawn(process.execPath, ['bin/pgmon.mjs', 'serve', '--config', file], {
    env: { PATH: process.env['PATH'] },
  });
  let said = '';
  running.stderr.on('data', (text) => {
    said += text;
  });
  for (let i = 0; i < 600 && !said.includes('Ctrl-C'); i++) await sleep(100);
  const [url] = /http:\S+/.exec(said) ?? [];
  if (!url) throw new Error(`pgmon does not serve: ${said}`);
  return { url, close: () => ended(running) };
}

async function ended(running: ChildProcess): Promise<void> {
  running.kill('SIGINT');
  await new Promise((resolve) => running.on('exit', resolve));
}
