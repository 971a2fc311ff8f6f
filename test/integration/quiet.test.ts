import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { expect, test } from 'vitest';
import { LOOPS } from '../../src/config/loop.ts';
import type { Event } from '../../src/events/event.ts';
import { TestServer } from '../support/test-server.ts';
import { Watching } from '../support/watching.ts';

/** How long the load runs; a quiet hour is PGMON_QUIET_SECONDS=3600 PGMON_QUIET_TPS=20. */
const SECONDS = Number(process.env['PGMON_QUIET_SECONDS'] ?? 8);
/** Transactions a second, at most; without it as many as there can be. */
const TPS = Number(process.env['PGMON_QUIET_TPS'] ?? Number.POSITIVE_INFINITY);
/** Between two passes: those of an hour are as far apart as the hot ones of `serve`. */
const PAUSE_MS = Math.min(15_000, Math.max(500, (SECONDS / 240) * 1_000));
const CLIENTS = 4;
const ACCOUNTS = 10_000;
const ROUTINE = ['vacuum', 'analyze', 'checkpoint'];

/** The transaction of pgbench, which the shipped binaries of the server do not have. */
async function transactions(client: pg.Client, ended: () => boolean, onDone: () => void): Promise<void> {
  const random = (most: number) => 1 + Math.floor(Math.random() * most);
  while (!ended()) {
    const [account, teller, delta] = [random(ACCOUNTS), random(10), random(10_000) - 5_000];
    await client.query('BEGIN');
    await client.query('UPDATE pgbench_accounts SET abalance = abalance + $1 WHERE aid = $2', [delta, account]);
    await client.query('SELECT abalance FROM pgbench_accounts WHERE aid = $1', [account]);
    await client.query('UPDATE pgbench_tellers SET tbalance = tbalance + $1 WHERE tid = $2', [delta, teller]);
    await client.query('UPDATE pgbench_branches SET bbalance = bbalance + $1 WHERE bid = 1', [delta]);
    await client.query('INSERT INTO pgbench_history VALUES ($1, 1, $2, $3, now())', [teller, account, delta]);
    await client.query('COMMIT');
    onDone();
    if (Number.isFinite(TPS)) await sleep(Math.random() * 2 * (CLIENTS / TPS) * 1_000);
  }
}

test('a quiet time of pgbench has no events but vacuum, analyze and checkpoints', {
  timeout: SECONDS * 1_000 + 240_000,
}, async () => {
  // Autovacuum and checkpoints come a minute's worth in a second.
  const server = await TestServer.start(18, {
    autovacuum: 'on',
    autovacuum_naptime: '1s',
    autovacuum_vacuum_threshold: '20',
    autovacuum_analyze_threshold: '20',
    checkpoint_timeout: '30s',
    max_wal_size: '64MB',
  });
  console.log(`watched: ${server.postgres.dsn('pgmon')}`);
  const loops = LOOPS.map((loop) => new Watching(server.postgres.dsn('pgmon'), loop));
  try {
    await server.sql('CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84))');
    await server.sql('CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84))');
    await server.sql('CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88))');
    await server.sql('CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp)');
    await server.sql(`INSERT INTO pgbench_accounts SELECT g, 1, 0, '' FROM generate_series(1, ${ACCOUNTS}) AS g`);
    await server.sql("INSERT INTO pgbench_tellers SELECT g, 1, 0, '' FROM generate_series(1, 10) AS g");
    await server.sql("INSERT INTO pgbench_branches VALUES (1, 0, '')");
    let [ended, done] = [false, 0];
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => server.open('pgbench')));
    const load = Promise.all(
      clients.map((client) =>
        transactions(
          client,
          () => ended,
          () => {
            done += 1;
          },
        ),
      ),
    );
    const events: Event[] = [];
    const pass = async () => {
      for (const watching of loops) events.push(...(await watching.events()));
    };
    const hasRun = () =>
      done > 100 && ['checkpoint', 'vacuum'].every((kind) => events.some((event) => event.kind === kind));
    const began = Date.now();
    const lasted = () => (Date.now() - began) / 1_000;
    // At least so long, and on a slow machine until there was something to see.
    while (lasted() < SECONDS || (!hasRun() && lasted() < SECONDS + 90)) {
      await pass();
      await sleep(PAUSE_MS);
      if (lasted() > SECONDS) await server.sql('CHECKPOINT');
    }
    await server.sql('CHECKPOINT');
    await pass();
    ended = true;
    await load;
    const counts = Map.groupBy(events, ({ kind }) => kind);
    console.log(`${done} transactions:`, [...counts].map(([kind, of]) => `${of.length} ${kind}`).join(', '));
    for (const { kind, at, text } of events) if (!ROUTINE.includes(kind)) console.log(at, kind, text);
    expect(done).toBeGreaterThan(100);
    expect(events.filter(({ kind }) => !ROUTINE.includes(kind))).toEqual([]);
    expect([...counts.keys()]).toContain('checkpoint');
    expect([...counts.keys()]).toContain('vacuum');
  } finally {
    for (const { loop } of loops) await loop.close();
    await server.stop();
  }
});
