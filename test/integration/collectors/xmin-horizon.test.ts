import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectors } from '../../../src/collectors/index.ts';
import { rowsOf, TestLoop, total } from '../../support/pass.ts';
import { majors, useServer } from '../../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major, { max_prepared_transactions: '2', wal_level: 'logical' });
  let loop: TestLoop;
  beforeAll(async () => {
    loop = new TestLoop(server().postgres.dsn('pgmon'), {
      loop: 'workload',
      collectors: collectors.filter(({ name }) => name === 'xmin_horizon'),
    });
    await server().sql('CREATE TABLE dead (i int)');
    await server().sql('CREATE TABLE held (id int PRIMARY KEY, n int)');
    await server().sql('INSERT INTO held VALUES (1, 0)');
  });
  afterAll(() => loop?.close());

  const pidOf = async (client: pg.Client) => String((await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid);
  const begin = async (...statements: string[]) => {
    const client = await server().open();
    for (const statement of ['BEGIN', ...statements]) await client.query(statement);
    return client;
  };
  /** So many transactions go by. */
  async function pass(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await server().sql('SELECT txid_current()');
  }
  /** The oldest transaction that VACUUM has to leave the rows of, in its own words, and the rows that it left. */
  async function vacuum(): Promise<{ oldest: number; left: number }> {
    await server().sql('INSERT INTO dead VALUES (1)');
    await server().sql('DELETE FROM dead');
    const client = await server().open();
    const said: string[] = [];
    client.on('notice', ({ message, detail }) => said.push(`${message}\n${detail ?? ''}`));
    await client.query('VACUUM (VERBOSE) dead');
    await client.end();
    const text = said.join('\n');
    const oldest = /(?:oldest xmin|removable cutoff): (\d+)/.exec(text)?.[1];
    const left = /(\d+) (?:dead row versions cannot be removed yet|are dead but not yet removable)/.exec(text)?.[1];
    if (oldest === undefined || left === undefined) throw new Error(`VACUUM says: ${text}`);
    return { oldest: Number(oldest), left: Number(left) };
  }
  const nextXid = async () => Number((await server().sql('SELECT txid_current()::float8 AS xid'))[0]?.['xid']);
  const holders = async () => {
    const snapshot = await loop.snapshot();
    expect(snapshot.outcomes.map(({ status }) => status)).toEqual(['ok']);
    return { rows: rowsOf(snapshot, 'xmin_horizon'), snapshot };
  };

  test('[A2] a transaction that wrote and is idle holds the horizon by its own id, as VACUUM says', async () => {
    const idle = await begin('UPDATE held SET n = 1 WHERE id = 1');
    const own = Number((await idle.query('SELECT txid_current()::float8 AS xid')).rows[0].xid);
    const waiter = await server().open();
    const waiting = waiter.query('UPDATE held SET n = 2 WHERE id = 1').catch(() => {});
    await server().until("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    await pass(100);
    const truth = await vacuum();
    expect(truth.oldest).toBe(own);
    expect(truth.left).toBeGreaterThan(0);
    const { rows, snapshot } = await holders();
    const age = (await nextXid()) - own;
    // Who waits for it has a snapshot just as old, and is no cause.
    expect(rows).toEqual([
      expect.objectContaining({ holder: 'backend', name: await pidOf(idle), held_in: 'postgres' }),
    ]);
    expect(age - total(snapshot, 'pg_xmin_horizon_age', { holder: 'backend' })).toBeGreaterThanOrEqual(0);
    expect(age - total(snapshot, 'pg_xmin_horizon_age', { holder: 'backend' })).toBeLessThan(5);
    await idle.query('COMMIT');
    await waiting;
    expect((await vacuum()).left).toBe(0);
    expect((await holders()).rows).toEqual([]);
    await Promise.all([idle.end(), waiter.end()]);
  });

  test('[A2] a snapshot that followed a transaction holds the horizon itself when that is over', async () => {
    const writer = await begin('UPDATE held SET n = 3 WHERE id = 1');
    const follower = await begin('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ', 'SELECT count(*) FROM held');
    const cause = await pidOf(writer);
    expect((await holders()).rows.map(({ name }) => name)).toEqual([cause]);
    await writer.query('COMMIT');
    await pass(20);
    expect((await vacuum()).left).toBeGreaterThan(0);
    expect((await holders()).rows.map(({ name }) => name)).toEqual([await pidOf(follower)]);
    await Promise.all([writer.end(), follower.query('COMMIT').then(() => follower.end())]);
  });

  test("[A2] a transaction of another database leaves this one's rows alone, and says where it holds", async () => {
    await server().sql('CREATE DATABASE elsewhere');
    const idle = await server().open('test', 'postgres', 'elsewhere');
    await idle.query('BEGIN');
    await idle.query('CREATE TABLE here (i int)');
    await pass(20);
    expect((await vacuum()).left).toBe(0);
    expect((await holders()).rows).toEqual([
      expect.objectContaining({ holder: 'backend', name: await pidOf(idle), held_in: 'elsewhere' }),
    ]);
    await idle.query('ROLLBACK');
    await idle.end();
  });

  test('[A2] a snapshot in another database that followed a transaction here holds that database, after its cause', async () => {
    const writer = await begin('UPDATE held SET n = 5 WHERE id = 1');
    const follower = await server().open('test', 'postgres', 'elsewhere');
    await follower.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await follower.query('SELECT count(*) FROM pg_class');
    const fresh = await holders();
    expect(fresh.rows.map(({ name, held_in }) => [name, held_in])).toEqual([[await pidOf(writer), 'postgres']]);
    // The truth: rows of that database may not be removed because of the follower alone.
    const admin = await server().open('admin', 'postgres', 'elsewhere');
    await admin.query('CREATE TABLE mine AS SELECT 1 AS i');
    await admin.query('DELETE FROM mine');
    await server().until(
      "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND xact_start < now() - interval '5 seconds'",
      [Number(await pidOf(follower))],
    );
    await admin.query('VACUUM mine');
    expect((await admin.query("SELECT pg_relation_size('mine')::int AS bytes")).rows[0].bytes).toBeGreaterThan(0);
    const { rows } = await holders();
    expect(rows.map(({ name, held_in }) => [name, held_in])).toEqual([
      [await pidOf(writer), 'postgres'],
      [await pidOf(follower), 'elsewhere'],
    ]);
    await follower.query('COMMIT');
    await admin.query('VACUUM mine');
    expect((await admin.query("SELECT pg_relation_size('mine')::int AS bytes")).rows[0].bytes).toBe(0);
    await writer.query('ROLLBACK');
    await Promise.all([writer.end(), follower.end(), admin.end()]);
  });

  test('[A2] a prepared transaction holds its database, with everybody who follows it', async () => {
    const client = await begin('UPDATE held SET n = 4 WHERE id = 1', "PREPARE TRANSACTION 'left behind'");
    const follower = await begin('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ', 'SELECT count(*) FROM held');
    await pass(20);
    expect((await vacuum()).left).toBeGreaterThan(0);
    expect((await holders()).rows.map(({ holder, name }) => [holder, name])).toEqual([
      ['prepared transaction', 'left behind'],
    ]);
    await follower.query('COMMIT');
    await server().sql("ROLLBACK PREPARED 'left behind'");
    await Promise.all([client.end(), follower.end()]);
  });

  test('[A2] a plain VACUUM that runs for long holds nothing', async () => {
    await server().sql("CREATE TABLE slow AS SELECT i, repeat('x', 200) AS t FROM generate_series(1, 60000) AS i");
    await server().sql('DELETE FROM slow WHERE i % 2 = 0');
    const client = await server().open('vacuumer');
    await client.query('SET vacuum_cost_delay = 20');
    await client.query('SET vacuum_cost_limit = 50');
    const vacuuming = client.query('VACUUM slow').catch(() => {});
    await server().until('SELECT 1 FROM pg_stat_progress_vacuum');
    await pass(20);
    expect((await vacuum()).left).toBe(0);
    expect((await holders()).rows).toEqual([]);
    await server().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vacuumer'");
    await vacuuming;
  });
});
