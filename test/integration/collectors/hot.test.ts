import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { activity } from '../../../src/collectors/activity/activity.ts';
import { lockTree } from '../../../src/collectors/activity/lock-tree.ts';
import { canaryStatement } from '../../../src/collectors/canary.ts';
import { collectors } from '../../../src/collectors/index.ts';
import type { PostgresServer } from '../../../src/local/postgres-server.ts';
import { seriesKey } from '../../../src/metrics/sample.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { rowsOf, TestLoop, total } from '../../support/pass.ts';
import { startStandby } from '../../support/standby.ts';
import { majors, useServer } from '../../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major, { max_prepared_transactions: '2', wal_level: 'replica', hot_standby: 'on' });
  let loop: TestLoop;
  beforeAll(() => {
    loop = new TestLoop(server().postgres.dsn('pgmon'));
  });
  afterAll(() => loop?.close());

  test('every hot collector answers a role with pg_monitor only, and no series comes twice', async () => {
    const snapshot = await loop.snapshot();
    expect(snapshot.problem).toBeUndefined();
    expect(snapshot.outcomes.filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(snapshot.server?.major).toBe(major);
    const keys = snapshot.samples.map(({ metric, labels }) => seriesKey(metric, labels));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('connections: the sessions that the test opened, by state and database, without our own', async () => {
    await server().sql('CREATE DATABASE "Odd ""name"". ünïcode"');
    const end = await server().sessions({ idle: 3, active: 2, 'idle in transaction': 1 }, 'Odd "name". ünïcode');
    await server().until("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' HAVING count(*) = 2");
    const snapshot = await loop.snapshot();
    const of = (state: string) =>
      total(snapshot, 'pg_connections', { db: 'Odd "name". ünïcode', backend_type: 'client backend', state });
    expect([of('idle'), of('active'), of('idle in transaction')]).toEqual([3, 2, 1]);
    expect(total(snapshot, 'pg_active_sessions', { wait_event: 'PgSleep' })).toBe(2);
    expect(rowsOf(snapshot, 'activity').some(({ application }) => String(application).startsWith('pgmon/'))).toBe(
      false,
    );
    await end();
    const after = await loop.snapshot();
    expect(() => total(after, 'pg_connections', { db: 'Odd "name". ünïcode' })).toThrow('no sample');
  });

  test('limits: max_connections less what is reserved', async () => {
    const snapshot = await loop.snapshot();
    expect(total(snapshot, 'pg_max_connections')).toBe(100);
    expect(total(snapshot, 'pg_reserved_connections')).toBe(3);
    expect(total(snapshot, 'pg_in_recovery')).toBe(0);
  });

  test('ages: a transaction left idle is as old as it is, and 0 when it is gone', async () => {
    const end = await server().sessions({ 'idle in transaction': 1 });
    await sleep(1_200);
    const snapshot = await loop.snapshot();
    for (const metric of ['pg_longest_transaction_seconds', 'pg_longest_idle_in_transaction_seconds']) {
      expect(total(snapshot, metric)).toBeGreaterThan(1.1);
      expect(total(snapshot, metric)).toBeLessThan(10);
    }
    await end();
    const after = await loop.snapshot();
    expect(total(after, 'pg_longest_idle_in_transaction_seconds')).toBe(0);
  });

  test('a role that loses pg_monitor while it runs knows less, and says so: nothing becomes 0', async () => {
    await server().sql('CREATE ROLE blinded LOGIN; GRANT pg_monitor TO blinded');
    const dsn = server().postgres.dsn('blinded');
    const [hot, workload] = [new TestLoop(dsn), new TestLoop(dsn, { loop: 'workload' })];
    const end = await server().sessions({ 'idle in transaction': 2 });
    const shown = ['pg_client_connections', 'pg_longest_transaction_seconds', 'pg_blocked_sessions_total'];
    const metricsOf = ({ samples }: Snapshot) => new Set(samples.map(({ metric }) => metric));
    expect([...metricsOf(await hot.snapshot())]).toEqual(expect.arrayContaining(shown));
    expect(metricsOf(await workload.snapshot()).has('pg_xmin_horizon_age')).toBe(true);
    await server().sql('REVOKE pg_monitor FROM blinded');
    const [after, slower] = [await hot.snapshot(), await workload.snapshot()];
    for (const metric of shown) expect([metric, metricsOf(after).has(metric)]).toEqual([metric, false]);
    expect(after.outcomes.find(({ collector }) => collector === 'activity')).toMatchObject({
      status: 'ok',
      reason: expect.stringMatching(/^\d+ sessions of other users are hidden from this role/),
      hint: expect.stringContaining('GRANT pg_monitor'),
    });
    for (const collector of ['xmin_horizon', 'replication'])
      expect(slower.outcomes.find((one) => one.collector === collector)).toMatchObject({
        status: 'skipped',
        hint: expect.stringContaining('GRANT pg_monitor'),
      });
    expect(metricsOf(slower).has('pg_xmin_horizon_age')).toBe(false);
    await server().sql('GRANT pg_monitor TO blinded');
    expect([...metricsOf(await hot.snapshot())]).toEqual(expect.arrayContaining(shown));
    await end();
    await Promise.all([hot.close(), workload.close()]);
    await server().sql('DROP ROLE blinded');
  });

  test('locks: the tree that the test made, from its root to its leaves, with wait times', async () => {
    const tree = await server().lockTree();
    await loop.snapshot(); // before 14 a wait is counted from the pass that saw it first
    await sleep(1_100);
    const snapshot = await loop.snapshot();
    expect(total(snapshot, 'pg_blocked_sessions_total')).toBe(3);
    expect(total(snapshot, 'pg_blocking_root_sessions')).toBe(1);
    expect(total(snapshot, 'pg_longest_blocked_seconds')).toBeGreaterThan(1);
    const roots = lockTree(activity.rowsOf(snapshot.rows['activity']));
    expect(roots.map(({ pid, blockedTotal }) => [pid, blockedTotal])).toEqual([[tree.root, 3]]);
    expect(roots[0]?.blocks.map(({ pid }) => pid)).toEqual([tree.middle]);
    const middle = roots[0]?.blocks[0];
    // Who waits for a row second waits for the first waiter, which holds the right to be next.
    expect(new Set(middle?.blocks.map(({ pid }) => pid))).toEqual(new Set([tree.leaf, tree.second]));
    expect(middle?.session?.query).toBe('UPDATE tree SET n = n + ? WHERE id = ?');
    const [truth] = await server().sql(
      'SELECT host(client_addr) AS client_addr, extract(epoch FROM backend_start)::float8 AS backend_start FROM pg_stat_activity WHERE pid = $1',
      [tree.root],
    );
    expect(roots[0]?.session).toMatchObject(truth ?? {});
    await tree.release();
    const after = await loop.snapshot();
    expect(total(after, 'pg_blocked_sessions_total')).toBe(0);
  });

  test('locks: a prepared transaction, which has no session, is a root with pid 0', async () => {
    await server().sql('CREATE TABLE victim_of_prepared (i int)');
    const client = await server().open();
    await client.query('BEGIN');
    await client.query('LOCK TABLE victim_of_prepared IN ACCESS EXCLUSIVE MODE');
    await client.query("PREPARE TRANSACTION 'held'");
    const waiter = await server().open();
    const waiting = waiter.query('SELECT * FROM victim_of_prepared');
    await server().until("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
    const snapshot = await loop.snapshot();
    expect(
      lockTree(activity.rowsOf(snapshot.rows['activity'])).map(({ pid, blockedTotal }) => [pid, blockedTotal]),
    ).toEqual([[0, 1]]);
    await server().sql("ROLLBACK PREPARED 'held'");
    await waiting;
  });

  test('vacuum progress: a VACUUM at work, with its table', async () => {
    await server().sql(
      'CREATE TABLE "Vacuum me.now" AS SELECT i, repeat(\'x\', 200) AS t FROM generate_series(1, 60000) AS i',
    );
    await server().sql('DELETE FROM "Vacuum me.now" WHERE i % 2 = 0');
    const client = await server().open('vacuumer');
    await client.query('SET vacuum_cost_delay = 20');
    await client.query('SET vacuum_cost_limit = 50');
    const vacuum = client.query('VACUUM "Vacuum me.now"').catch(() => {});
    await server().until('SELECT 1 FROM pg_stat_progress_vacuum');
    const snapshot = await loop.snapshot();
    expect(rowsOf(snapshot, 'vacuum_progress')).toMatchObject([
      { relation: 'public."Vacuum me.now"', is_autovacuum: false, db: 'postgres' },
    ]);
    expect(total(snapshot, 'pg_manual_vacuum_jobs')).toBe(1);
    expect(total(snapshot, 'pg_autovacuum_jobs')).toBe(0);
    await server().sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'vacuumer'");
    await vacuum;
  });

  test('canary: SELECT 1 is timed, and a statement of the configuration is explained', async () => {
    const timed = new TestLoop(server().postgres.dsn('pgmon'), {
      collectors: [
        ...collectors.filter(({ name }) => name === 'canary'),
        canaryStatement('SELECT count(*) FROM pg_catalog.pg_class;'),
      ],
    });
    const snapshot = await timed.snapshot();
    await timed.close();
    expect(total(snapshot, 'pg_canary_seconds')).toBeGreaterThan(0);
    expect(total(snapshot, 'pg_canary_statement_seconds')).toBeGreaterThan(0);
    expect(snapshot.outcomes.map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  test('canary: timed from its own sending, in every pass, and not lost among answers that come together', async () => {
    const times: number[] = [];
    for (let i = 0; i < 5; i++) times.push(total(await loop.snapshot(), 'pg_canary_seconds'));
    // No round trip through two processes takes less than 20 microseconds; between two answers of a burst lie one or two.
    for (const seconds of times) expect(seconds).toBeGreaterThan(0.000_02);
  });

  test('a canary statement that writes is refused by the server and harms no other collector', async () => {
    await server().sql('CREATE TABLE IF NOT EXISTS victim (i int)');
    await server().sql('GRANT INSERT ON victim TO pgmon');
    const writer = new TestLoop(server().postgres.dsn('pgmon'), {
      collectors: [
        canaryStatement('INSERT INTO public.victim VALUES (1)'),
        ...collectors.filter((collector) => collector.loop === 'hot'),
      ],
      enforce: false,
    });
    const snapshot = await writer.snapshot();
    await writer.close();
    await server().sql('REVOKE INSERT ON victim FROM pgmon');
    const others = snapshot.outcomes.filter(({ collector }) => collector !== 'canary_statement');
    expect(snapshot.outcomes.find(({ collector }) => collector === 'canary_statement')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('read-only'),
    });
    expect(others.every(({ status }) => status === 'ok')).toBe(true);
    expect(await server().sql('SELECT count(*)::int AS rows FROM victim')).toEqual([{ rows: 0 }]);
  });

  describe('on a streaming standby', () => {
    let standby: PostgresServer;
    let onStandby: TestLoop;
    beforeAll(async () => {
      standby = await startStandby(server());
      onStandby = new TestLoop(standby.dsn('pgmon'));
    }, 60_000);
    afterAll(async () => {
      await onStandby?.close();
      await standby?.stop('immediate');
      if (standby) rmSync(standby.dataDir, { recursive: true, force: true });
    });

    test('every hot collector answers there, too', async () => {
      await server().until(
        "SELECT 1 FROM pg_stat_replication WHERE application_name = 'standby1' AND state = 'streaming'",
      );
      const snapshot = await onStandby.snapshot();
      expect(snapshot.problem).toBeUndefined();
      expect(snapshot.server?.role).toBe('standby');
      expect(snapshot.outcomes.filter(({ status }) => status !== 'ok')).toEqual([]);
      expect(total(snapshot, 'pg_in_recovery')).toBe(1);
    });
  });
});
