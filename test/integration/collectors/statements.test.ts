import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { rowsOf, TestLoop, total, unexpected } from '../../support/pass.ts';
import { majors, useServer } from '../../support/test-server.ts';

const qps = ({ samples }: Snapshot) => samples.filter(({ metric }) => metric === 'pg_qps');
const reasons = ({ noRates }: Snapshot) =>
  Object.entries(noRates).flatMap(([key, reason]) => (key.startsWith('pg_qps{') ? [reason] : []));

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major, { 'pg_stat_statements.max': '100', 'pg_stat_statements.track': 'all' });
  let loop: TestLoop;
  beforeAll(async () => {
    await server().sql('CREATE TABLE shop (id int PRIMARY KEY, note text)');
    await server().sql('INSERT INTO shop SELECT i, md5(i::text) FROM generate_series(1, 100) AS i');
    loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'workload', databases: '{ include: [postgres] }' });
  });
  afterAll(() => loop?.close());

  const idOf = async (like: string) =>
    String(
      (await server().sql('SELECT queryid::text AS id FROM pg_stat_statements WHERE query LIKE $1', [like]))[0]?.['id'],
    );

  test('the calls, rows and time of a statement that the test ran', async () => {
    await server().sql('SELECT pg_stat_statements_reset()');
    await server().sql('SELECT note FROM shop WHERE id < 10');
    expect(reasons(await loop.snapshot()).every((reason) => reason === 'first-run')).toBe(true);
    const queryid = await idOf('SELECT note FROM shop%');
    for (let i = 0; i < 37; i++) await server().sql('SELECT note FROM shop WHERE id < 10');
    await server().sql('SELECT pg_sleep(0.3)');
    const snapshot = await loop.snapshot();
    const row = rowsOf(snapshot, 'statements').find((one) => one['queryid'] === queryid);
    expect(row).toMatchObject({ db: 'postgres', calls: 37, result_rows: 37 * 9, total_calls: 38 });
    expect(total(snapshot, 'pg_stmt_calls_total', { queryid })).toBe(38);
    expect(total(snapshot, 'pg_stmt_rows_total', { queryid })).toBe(38 * 9);
    const sleeping = rowsOf(snapshot, 'statements').find((one) => Number(one['mean_seconds']) > 0.25);
    expect(sleeping).toMatchObject({ calls: 1 });
    expect(Number(sleeping?.['exec_seconds'])).toBeLessThan(1);
    // 38 statements of ours and the test's own look-up, over the time between the passes.
    const seconds = Number(row?.['interval_seconds']);
    expect(total(snapshot, 'pg_qps', { db: 'postgres' }) * seconds).toBeGreaterThanOrEqual(38);
    expect(total(snapshot, 'pg_qps', { db: 'postgres' }) * seconds).toBeLessThan(38 + 45);
    expect(total(snapshot, 'pg_query_latency_seconds_mean', { db: 'postgres' })).toBeGreaterThan(0.002);
    expect(total(snapshot, 'pg_query_latency_seconds_p95', { db: 'postgres' })).toBeLessThan(0.25);
  });

  describe('only what ran since the last pass is sent, and the list is that of the server', () => {
    const ofColumns = (i: number) =>
      `SELECT ${Array(i + 1)
        .fill('1')
        .join(', ')}`;
    // From 18 without the comment that it begins with, and `false` may be a parameter.
    const sent = async () =>
      Number(
        (
          await server().sql(
            "SELECT coalesce(sum(rows), 0)::int AS n FROM pg_stat_statements WHERE query LIKE '%stats_reset%.pg_stat_statements(%' AND userid = 'pgmon'::regrole",
          )
        )[0]?.['n'],
      );
    let quiet: TestLoop;
    const shown = async () => {
      const snapshot = await quiet.snapshot();
      expect(unexpected(snapshot)).toEqual([]);
      return { snapshot, rows: rowsOf(snapshot, 'statements') };
    };
    beforeAll(async () => {
      quiet = new TestLoop(server().postgres.dsn('pgmon'), {
        loop: 'workload',
        databases: '{ include: [postgres] }',
        limits: { topQueries: 100 },
      });
    });
    afterAll(() => quiet?.close());
    // Far below pg_stat_statements.max: what is evicted would be counted from zero, that of the passes, too.
    beforeEach(async () => {
      await server().sql('SELECT pg_stat_statements_reset()');
      for (let i = 0; i < 40; i++) await server().sql(ofColumns(i));
      await server().sql('SELECT note FROM shop WHERE id < 10');
      await shown();
      await shown();
    });

    test('of 40 that rest and one that runs, with its calls', async () => {
      for (let i = 0; i < 3; i++) await server().sql('SELECT note FROM shop WHERE id < 10');
      const queryid = await idOf('SELECT note FROM shop%');
      const before = await sent();
      const { snapshot, rows } = await shown();
      const [truth] = await server().sql('SELECT count(*)::int AS n FROM pg_stat_statements(false)');
      expect(Number(truth?.['n'])).toBeGreaterThan(50);
      // Those of the pass itself and of the test are among them.
      const rowsSent = (await sent()) - before;
      expect(rowsSent).toBeGreaterThan(0);
      expect(rowsSent).toBeLessThan(35);
      expect(Math.abs(total(snapshot, 'pg_stat_statements_entries') - Number(truth?.['n']))).toBeLessThanOrEqual(4);
      expect(rows.find((row) => row['queryid'] === queryid)).toMatchObject({ calls: 3, total_calls: 4 });
      const { rows: later } = await shown();
      expect(later.find((row) => row['queryid'] === queryid)).toMatchObject({ calls: 0, total_calls: 4 });
    });

    test('one whose first run outlasts a pass is counted when it ends', async () => {
      const client = await server().open('batch');
      const running = client.query('SELECT pg_sleep(2), $1::text AS nightly', ['x']);
      await server().until(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'batch' AND wait_event = 'PgSleep'",
      );
      const { snapshot } = await shown();
      expect(
        rowsOf(snapshot, 'statements').filter((row) => row['calls'] === 1 && Number(row['exec_seconds']) > 1),
      ).toEqual([]);
      await running;
      const queryid = await idOf('SELECT pg_sleep%nightly%');
      const { rows } = await shown();
      expect(rows.find((row) => row['queryid'] === queryid)).toMatchObject({ calls: 1, total_calls: 1 });
      expect(Number(rows.find((row) => row['queryid'] === queryid)?.['exec_seconds'])).toBeGreaterThanOrEqual(2);
      await client.end();
    });

    test('one that is reset alone is gone, a renamed database has its new name, a dropped one nothing', async () => {
      await server().sql('CREATE DATABASE gone');
      const client = new pg.Client(server().postgres.dsn('postgres', 'gone'));
      await client.connect();
      await client.query('SELECT 1 AS one, 2 AS two, 3 AS three, 4 AS four');
      await client.end();
      const of = async (db: string) => (await shown()).rows.filter((row) => row['db'] === db).length;
      expect(await of('gone')).toBeGreaterThan(0);
      await server().sql('ALTER DATABASE gone RENAME TO moved');
      expect([await of('moved'), await of('gone')]).toEqual([1, 0]);
      await server().sql('DROP DATABASE moved');
      expect(await of('moved')).toBe(0);
      const queryid = await idOf('SELECT note FROM shop%');
      await shown();
      await server().sql('SELECT pg_stat_statements_reset(0, 0, $1::int8)', [queryid]);
      expect((await shown()).rows.filter((row) => row['queryid'] === queryid)).toEqual([]);
    });

    test('a server that logs such statements is sent no marks, which would be 20 bytes of its log for each entry', async () => {
      const sentIn = async () => {
        const before = await sent();
        await shown();
        return (await sent()) - before;
      };
      expect(await sentIn()).toBeLessThan(35);
      await server().sql('ALTER SYSTEM SET log_min_duration_statement = 100');
      await server().sql('SELECT pg_reload_conf()');
      await server().until("SELECT 1 WHERE current_setting('log_min_duration_statement') = '100ms'");
      await shown();
      expect(await sentIn()).toBeGreaterThan(40);
      await server().sql('ALTER SYSTEM RESET log_min_duration_statement');
      await server().sql('SELECT pg_reload_conf()');
      await server().until("SELECT 1 WHERE current_setting('log_min_duration_statement') = '-1'");
      await shown();
      expect(await sentIn()).toBeLessThan(35);
    });

    test('where most of them run, all are read, and counts stay right', async () => {
      for (let round = 1; round <= 4; round++) {
        for (let i = 0; i < 40; i++) await server().sql(ofColumns(i));
        const { rows } = await shown();
        const ran = rows.filter((row) => Number(row['calls']) === 1 && Number(row['result_rows']) === 1);
        expect(ran.length).toBeGreaterThanOrEqual(40);
      }
    });
  });

  test('a reset in between is a reason, and the next pass is right again', async () => {
    for (let i = 0; i < 5; i++) await server().sql('SELECT note FROM shop WHERE id < 10');
    await loop.snapshot();
    await server().sql('SELECT pg_stat_statements_reset()');
    await server().sql('SELECT note FROM shop WHERE id < 10');
    const snapshot = await loop.snapshot();
    expect(qps(snapshot)).toEqual([]);
    expect(reasons(snapshot)).toContain('reset');
    expect(rowsOf(snapshot, 'statements').every(({ calls }) => calls === null)).toBe(true);
    for (let i = 0; i < 3; i++) await server().sql('SELECT note FROM shop WHERE id < 10');
    const queryid = await idOf('SELECT note FROM shop%');
    const next = await loop.snapshot();
    expect(rowsOf(next, 'statements').find((one) => one['queryid'] === queryid)).toMatchObject({ calls: 3 });
  });

  test('evictions: never a negative, never more calls than there were, and they are counted', async () => {
    await loop.snapshot();
    const ran = 40;
    for (let round = 0; round < 4; round++) {
      // A statement with one column more is another statement.
      for (let i = 0; i < ran; i++)
        await server().sql(
          `SELECT ${Array(i + 1 + round * ran)
            .fill('1')
            .join(', ')}`,
        );
      const snapshot = await loop.snapshot();
      expect(unexpected(snapshot)).toEqual([]);
      for (const row of rowsOf(snapshot, 'statements')) {
        for (const column of ['calls', 'exec_seconds', 'blocks_hit', 'result_rows']) {
          expect(row[column] === null || Number(row[column]) >= 0).toBe(true);
        }
      }
      const calls = rowsOf(snapshot, 'statements').reduce((sum, row) => sum + Number(row['calls'] ?? 0), 0);
      expect(calls).toBeLessThan(ran + 60);
      expect(total(snapshot, 'pg_stat_statements_entries')).toBeLessThanOrEqual(100);
    }
    if (major < 14) return;
    expect(total(await loop.snapshot(), 'pg_stat_statements_evictions_total')).toBeGreaterThan(0);
  });

  test('[A9] a table that is too small: what is evicted makes the rates unknown, and says so', async () => {
    await loop.snapshot();
    for (let i = 0; i < 300; i++)
      await server().sql(
        `SELECT ${Array(200 + i)
          .fill('1')
          .join(', ')}`,
      );
    const snapshot = await loop.snapshot();
    expect(qps(snapshot)).toEqual([]);
    // Before 1.9 the server counts no evictions: most entries gone may be either.
    expect(reasons(snapshot)).toContain(major >= 14 ? 'evictions' : 'reset');
    if (major < 14) return;
    expect(snapshot.outcomes.find(({ collector }) => collector === 'statements')).toMatchObject({
      status: 'ok',
      reason: expect.stringMatching(/^about \d+ statements were evicted/),
      hint: expect.stringContaining('pg_stat_statements.max'),
    });
  });

  test('[A9] entries are those that the server has, our own among them', async () => {
    const snapshot = await loop.snapshot();
    const [truth] = await server().sql('SELECT count(*)::int AS n FROM pg_stat_statements(false)');
    // Asking makes an entry, which may evict others.
    const entries = total(snapshot, 'pg_stat_statements_entries');
    expect(Math.abs(entries - Number(truth?.['n']))).toBeLessThanOrEqual(11);
    expect(entries).toBeGreaterThan(80);
  });

  test.runIf(major >= 14)('[A9] a reset and a restart lose nothing that the server can prove', async () => {
    const fresh = new TestLoop(server().postgres.dsn('pgmon'), {
      loop: 'workload',
      databases: '{ include: [postgres] }',
    });
    const callsOf = (snapshot: Snapshot, queryid: string) =>
      rowsOf(snapshot, 'statements').find((row) => row['queryid'] === queryid)?.['calls'];
    try {
      await server().sql('SELECT pg_stat_statements_reset()');
      await server().sql('SELECT note FROM shop WHERE id < 10');
      const queryid = await idOf('SELECT note FROM shop%');
      await fresh.snapshot();
      await server().sql('SELECT pg_stat_statements_reset()');
      for (let i = 0; i < 7; i++) await server().sql('SELECT note FROM shop WHERE id < 10');
      // Counts since a reset are shown from a second after it on.
      await server().sql('SELECT pg_sleep(1.1)');
      expect(callsOf(await fresh.snapshot(), queryid)).toBe(7);
      await server().stopClients();
      await server().postgres.restart();
      for (let i = 0; i < 5; i++) await server().sql('SELECT note FROM shop WHERE id < 10');
      const down = await fresh.snapshot(); // finds its connection gone, or makes another one
      const snapshot = down.up ? down : await fresh.snapshot();
      expect(callsOf(snapshot, queryid)).toBe(5);
    } finally {
      await fresh.close();
    }
  });

  test('top N bounds the series, whatever the server holds', async () => {
    const few = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'workload', limits: { topQueries: 7 } });
    await few.snapshot();
    for (let i = 0; i < 8; i++)
      await server().sql(
        `SELECT ${Array(20 + i)
          .fill('1')
          .join(', ')}`,
      );
    const snapshot = await few.snapshot();
    await few.close();
    expect(rowsOf(snapshot, 'statements')).toHaveLength(7);
    expect(snapshot.samples.filter(({ metric }) => metric === 'pg_stmt_calls_total')).toHaveLength(7);
  });

  test('in another schema, and of an older version', async () => {
    await server().sql('DROP EXTENSION pg_stat_statements');
    await server().sql('CREATE SCHEMA "Ext. 1"');
    const oldest = major >= 16 ? "VERSION '1.9'" : major >= 14 ? "VERSION '1.8'" : '';
    await server().sql(`CREATE EXTENSION pg_stat_statements WITH SCHEMA "Ext. 1" ${oldest}`);
    const fresh = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'workload' });
    expect(unexpected(await fresh.snapshot()).find(({ collector }) => collector === 'statements')).toMatchObject({
      status: 'skipped',
      reason: expect.stringContaining('permission denied for schema Ext. 1'),
      hint: 'GRANT USAGE ON SCHEMA "Ext. 1" TO the role that pgmon logs in as.',
    });
    await server().sql('GRANT USAGE ON SCHEMA "Ext. 1" TO pgmon');
    await fresh.snapshot();
    for (let i = 0; i < 3; i++) await server().sql('SELECT note FROM shop WHERE id < 10');
    const snapshot = await fresh.snapshot();
    await fresh.close();
    const outcome = (name: string) => snapshot.outcomes.find(({ collector }) => collector === name);
    expect(outcome('statements')?.status).toBe('ok');
    expect(qps(snapshot).length).toBeGreaterThan(0);
    if (major === 14 || major === 15) {
      expect(outcome('statements_info')).toMatchObject({
        status: 'skipped',
        reason: 'needs pg_stat_statements 1.9, version 1.8 is installed',
        hint: 'ALTER EXTENSION pg_stat_statements UPDATE;',
      });
    }
  });

  test('absent: skipped with what would let it run, and everything else is there', async () => {
    await server().sql('DROP EXTENSION pg_stat_statements');
    const fresh = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'workload' });
    const snapshot = await fresh.snapshot();
    await fresh.close();
    const skipped = unexpected(snapshot);
    expect(skipped.map(({ collector, status }) => [collector, status])).toEqual(
      major >= 14
        ? [
            ['statements_info', 'skipped'],
            ['statements', 'skipped'],
          ]
        : [['statements', 'skipped']],
    );
    expect(skipped[0]?.hint).toBe('CREATE EXTENSION pg_stat_statements;');
  });
});
