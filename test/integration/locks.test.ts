import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { offenderOf } from '../../src/alerts/offender.ts';
import { activity } from '../../src/collectors/activity/activity.ts';
import { serveApi } from '../support/api.ts';
import { TestLoop, total } from '../support/pass.ts';
import { majors, useServer } from '../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major, { max_prepared_transactions: '10' });
  let loop: TestLoop;
  beforeAll(() => {
    loop = new TestLoop(server().postgres.dsn('pgmon'), { collectors: [activity] });
  });
  afterAll(() => loop?.close());

  test('[A1] two sessions that hand a lock to each other in one long statement never wait long', async () => {
    const clients = await Promise.all([server().open('hander'), server().open('hander')]);
    const done = clients.map((client) =>
      client
        .query(`DO $$ BEGIN
          FOR i IN 1..100000 LOOP
            PERFORM pg_advisory_lock(7); PERFORM pg_sleep(0.002); PERFORM pg_advisory_unlock(7);
          END LOOP; END $$`)
        .catch(() => {}),
    );
    let waiting = 0;
    for (let i = 0; i < 60; i++) {
      const snapshot = await loop.snapshot();
      const rows = activity
        .rowsOf(snapshot.rows['activity'])
        .filter(({ wait_event_type }) => wait_event_type === 'Lock');
      waiting += rows.length;
      // Each holds it for 2 ms: a second is far beyond what a loaded machine makes of that.
      for (const { wait_seconds } of rows) expect(wait_seconds ?? 0).toBeLessThan(1);
      expect(total(snapshot, 'pg_longest_blocked_seconds')).toBeLessThan(1);
      await sleep(50);
    }
    expect(waiting).toBeGreaterThan(10);
    await server().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'hander'");
    await Promise.all(done);
  });

  test('[M4] a prepared transaction that blocks is named, by table, row and advisory lock, and with how to end it', async () => {
    const odd = "it's";
    await server().sql('CREATE TABLE prepared_for (id int PRIMARY KEY, n int)');
    await server().sql('INSERT INTO prepared_for VALUES (1, 0), (2, 0)');
    const prepare = async (gid: string, ...statements: string[]) => {
      const client = await server().open('preparer');
      for (const statement of ['BEGIN', ...statements]) await client.query(statement);
      await client.query(`PREPARE TRANSACTION '${gid.replaceAll("'", "''")}'`);
      await client.end();
    };
    const prepared = async (gid: string, waits: string, ...statements: string[]) => {
      await prepare(gid, ...statements);
      // Holds a lock on the same table that nobody minds, and must not be named.
      await prepare('innocent', 'SELECT * FROM prepared_for LIMIT 0');
      const waiter = await server().open('waiter');
      const waited = waiter.query(waits).catch(() => {});
      await server().until(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'waiter' AND wait_event_type = 'Lock'",
      );
      await loop.snapshot();
      const snapshot = await loop.snapshot();
      const sessions = activity.rowsOf(snapshot.rows['activity']);
      const offender = offenderOf('blocker', {}, { sessions, holders: [], showQueries: false, showUsers: false });
      await server().sql(`ROLLBACK PREPARED '${gid.replaceAll("'", "''")}'`);
      await server().sql("ROLLBACK PREPARED 'innocent'");
      await waited;
      await waiter.end();
      return offender;
    };
    for (const [gid, waits, ...statements] of [
      [odd, 'UPDATE prepared_for SET n = 1 WHERE id = 1', 'UPDATE prepared_for SET n = 2 WHERE id = 1'],
      ['whole table', 'UPDATE prepared_for SET n = 1 WHERE id = 2', 'LOCK TABLE prepared_for IN SHARE MODE'],
      ['advisory', 'SELECT pg_advisory_xact_lock(7, 8)', 'SELECT pg_advisory_xact_lock(7, 8)'],
    ] as const) {
      const name = `'${gid.replaceAll("'", "''")}'`;
      expect(await prepared(gid, waits, ...statements)).toMatchObject({
        name: `prepared transaction ${name}`,
        db: 'postgres',
        blocks: [expect.any(Number)],
        remedy: expect.stringContaining(`in database postgres: ROLLBACK PREPARED ${name}`),
      });
    }
  });

  test('[A1] a wait that continues is as long as it is, and on 12 and 13 since it was first seen', async () => {
    await server().sql('CREATE TABLE waited_for (id int PRIMARY KEY, n int)');
    await server().sql('INSERT INTO waited_for VALUES (1, 0)');
    const holder = await server().open();
    await holder.query('BEGIN');
    await holder.query('UPDATE waited_for SET n = 1');
    const waiter = await server().open();
    // Its statement is two seconds old when it begins to wait.
    const started = performance.now();
    const waited = waiter.query('UPDATE waited_for SET n = 2 WHERE pg_sleep(2) IS NOT NULL').catch(() => {});
    await server().until("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    const began = performance.now();
    expect(began - started).toBeGreaterThan(1_900);
    await loop.snapshot();
    const seen = performance.now();
    await sleep(1_500);
    const least = (performance.now() - seen) / 1_000;
    const found = total(await loop.snapshot(), 'pg_longest_blocked_seconds');
    expect(found).toBeGreaterThan(least - 0.5);
    expect(found).toBeLessThan((performance.now() - began) / 1_000 + 0.2);
    await holder.query('COMMIT');
    await waited;
    expect(total(await loop.snapshot(), 'pg_longest_blocked_seconds')).toBe(0);
    await Promise.all([holder.end(), waiter.end()]);
  });

  test('locks: an ALTER TABLE that waits blocks who comes after it; a lock upgrade waits for the other reader', async () => {
    await server().sql('CREATE TABLE altered (i int)');
    const pid = async (client: Awaited<ReturnType<ReturnType<typeof server>['open']>>): Promise<number> =>
      (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    const [reader, alter, late] = [await server().open(), await server().open(), await server().open()];
    const pids = [await pid(reader), await pid(alter), await pid(late)];
    await reader.query('BEGIN');
    await reader.query('SELECT * FROM altered');
    await alter.query('BEGIN');
    await alter.query('SELECT * FROM altered');
    const altering = alter.query('LOCK TABLE altered IN ACCESS EXCLUSIVE MODE').catch(() => {});
    await server().until('SELECT 1 FROM pg_locks WHERE NOT granted');
    const reading = late.query('SELECT * FROM altered').catch(() => {});
    await server().until('SELECT 1 FROM pg_locks WHERE NOT granted HAVING count(*) = 2');
    await server().until("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' HAVING count(*) = 2");
    const snapshot = await loop.snapshot();
    const blockers = new Map(
      activity.rowsOf(snapshot.rows['activity']).map((row) => [row.pid, row.blocked_by] as const),
    );
    const truth = await server().sql(
      'SELECT pid, pg_blocking_pids(pid) AS by FROM pg_stat_activity WHERE pid = ANY($1)',
      [pids],
    );
    // The late reader waits for the one that is ahead, and, holding it itself, also blocks: both say so.
    for (const row of truth)
      expect([row['pid'], blockers.get(Number(row['pid'])) ?? []]).toEqual([row['pid'], row['by']]);
    await reader.query('COMMIT');
    await altering;
    await alter.query('COMMIT');
    await reading;
    await Promise.all([reader.end(), alter.end(), late.end()]);
  });

  test('[A12] a relation that is none of the largest tables, locked in another database, has its name', async () => {
    await server().sql('CREATE DATABASE store');
    const holder = await server().open('test', 'postgres', 'store');
    await holder.query('CREATE TABLE parted (at date) PARTITION BY RANGE (at)');
    const api = await serveApi(server().postgres.dsn('pgmon'));
    await api.pass();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE parted IN ACCESS EXCLUSIVE MODE');
    const waiter = await server().open('test', 'postgres', 'store');
    const waiting = waiter.query('SELECT * FROM parted').catch(() => {});
    await server().until("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    await api.pass();
    const { trees } = JSON.parse(await (await fetch(`${api.url}/api/v1/locks`)).text());
    expect(trees[0]?.blocks[0]?.lock_relation).toBe('public.parted');
    await holder.query('ROLLBACK');
    await waiting;
    await api.close();
    await Promise.all([holder.end(), waiter.end()]);
  });

  test('[A12] a table that is locked in another database has its name', async () => {
    await server().sql('CREATE DATABASE shop');
    const holder = await server().open('test', 'postgres', 'shop');
    await holder.query('CREATE TABLE "odd.orders" (id int)');
    const api = await serveApi(server().postgres.dsn('pgmon'));
    const locked = async (): Promise<unknown> => {
      await api.pass();
      const answer = JSON.parse(await (await fetch(`${api.url}/api/v1/locks`)).text());
      return answer.trees[0]?.blocks[0]?.lock_relation;
    };
    expect(await locked()).toBeUndefined();
    await holder.query('BEGIN');
    await holder.query('LOCK TABLE "odd.orders" IN ACCESS EXCLUSIVE MODE');
    const waiter = await server().open('test', 'postgres', 'shop');
    const waiting = waiter.query('SELECT * FROM "odd.orders"').catch(() => {});
    await server().until("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    // An answer of less than a second ago is given again.
    await expect.poll(locked, { timeout: 20_000 }).toBe('public."odd.orders"');
    await holder.query('ROLLBACK');
    await waiting;
    await api.close();
    await Promise.all([holder.end(), waiter.end()]);
  });
});
