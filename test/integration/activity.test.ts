import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from '../support/api.ts';
import { majors, useServer } from '../support/test-server.ts';
import { twoRoles } from '../support/two-roles.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);
  let api: Awaited<ReturnType<typeof serveApi>>;
  const ask = async (path: string, as = 'op') => {
    const response = await fetch(`${api.url}/api/v1${path}`, { headers: { authorization: `Bearer ${as}` } });
    return { status: response.status, answer: JSON.parse(await response.text()) };
  };
  /** The last values of the bands, by name. */
  const bands = async (by: string, as = 'op'): Promise<Record<string, number>> => {
    const { answer } = await ask(`/activity?by=${by}&from=-15m`, as);
    return Object.fromEntries(
      answer.bands.map(({ name, values }: { name: string; values: number[] }) => [name, values.at(-1)]),
    );
  };

  beforeAll(async () => {
    api = await serveApi(server().postgres.dsn('pgmon'), { tokens: twoRoles });
    await server().sql('CREATE ROLE ann LOGIN');
    await server().sql('CREATE DATABASE shop');
    await server().sql('CREATE TABLE public.counted (id int PRIMARY KEY, note text)');
    await server().sql("INSERT INTO counted SELECT g, 'note' FROM generate_series(1, 100) AS g");
    // Texts are fetched once in a while: the first pass knows this one.
    await server().sql('SELECT note FROM counted WHERE id = 1 FOR UPDATE');
  }, 120_000);
  afterAll(() => api?.close());

  test('active sessions by wait, statement, application, user and database are those that the test made', async () => {
    await api.pass();
    const sleepers = await Promise.all([1, 2].map(() => server().open('web', 'postgres', 'shop')));
    const other = await server().open('job', 'ann');
    const holder = await server().open('job', 'ann');
    await holder.query('SELECT pg_advisory_lock(5)');
    const running = [
      ...sleepers.map((client) => client.query('SELECT pg_sleep(600)')),
      other.query('SELECT pg_advisory_lock(5)'),
    ].map((one) => one.catch(() => {}));
    await server().until(
      "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' OR wait_event_type = 'Lock' HAVING count(*) = 3",
    );
    await sleep(20);
    await api.pass();
    await sleep(1_100); // identical requests within a second share an answer
    expect(await bands('wait')).toEqual({ 'Timeout: PgSleep': 2, 'Lock: advisory': 1 });
    expect(await bands('application')).toEqual({ web: 2, job: 1 });
    expect(await bands('user')).toEqual({ postgres: 2, ann: 1 });
    expect(await bands('db')).toEqual({ shop: 2, postgres: 1 });
    const truth = await server().sql(
      `SELECT ${major >= 14 ? 'query_id::text' : "regexp_replace(query, '\\d+', '?')"} AS name, count(*)::int AS n
         FROM pg_stat_activity WHERE application_name IN ('web', 'job') AND state = 'active' GROUP BY 1`,
    );
    expect(await bands('statement')).toEqual(Object.fromEntries(truth.map(({ name, n }) => [name, n])));
    const { answer } = await ask('/activity?by=wait&from=-15m');
    // The pass before saw nobody at work: zero, and no gap.
    expect(answer).toMatchObject({ resolution: 'passes', passes: 2 });
    for (const { values } of answer.bands) expect(values[0]).toBe(0);
    expect(answer.statements.map(({ active_sessions, db }: Record<string, unknown>) => [db, active_sessions])).toEqual([
      ['shop', 1],
      ['postgres', 0.5],
    ]);
    expect(answer.statements[0].waits).toEqual([{ wait: 'Timeout: PgSleep', active_sessions: 1 }]);
    expect((await ask('/activity?db=postgres&from=-15m')).answer.bands).toHaveLength(1);

    expect(Object.values(await bands('statement', 'view')).toSorted()).toEqual([1, 2]);
    expect(JSON.stringify((await ask('/activity?by=statement&from=-15m', 'view')).answer)).not.toContain('SELECT');
    expect(await ask('/activity?by=user&from=-15m', 'view')).toMatchObject({
      status: 403,
      answer: { detail: 'by: user needs the role operator' },
    });
    // What is older is read by the hour, and says so; of before there is nothing.
    expect((await ask('/activity?from=-7d')).answer).toMatchObject({ resolution: 'hours', passes: 2 });
    expect((await ask('/activity?from=-400d')).answer).toMatchObject({ resolution: 'days', passes: 2 });
    expect((await ask('/activity?from=-3d&to=-2d')).answer).toMatchObject({ passes: 0, bands: [], times: [] });
    await server().sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name IN ('web', 'job')",
    );
    await Promise.all(running);
  }, 60_000);

  test('a statement: as often as it ran, who ran it, what it waited for and its tables', async () => {
    const [seen] = await server().sql("SELECT 1 AS n FROM pg_extension WHERE extname = 'pg_stat_statements'");
    expect(seen).toEqual({ n: 1 });
    await api.pass();
    const runner = await server().open('shop-api', 'postgres', 'postgres');
    for (let i = 1; i <= 7; i++) await runner.query(`SELECT note FROM counted WHERE id = ${i} FOR UPDATE`);
    await runner.query('BEGIN');
    await runner.query('UPDATE counted SET note = $1 WHERE id = 8', ['held']);
    const late = await server().open('late', 'postgres', 'postgres');
    const waiting = late.query('SELECT note FROM counted WHERE id = 8 FOR UPDATE');
    await server().until("SELECT 1 FROM pg_stat_activity WHERE application_name = 'late' AND wait_event_type = 'Lock'");
    await api.pass();
    await runner.query('COMMIT');
    await waiting;
    await api.pass();
    await sleep(1_100);
    const [truth] = await server().sql(
      "SELECT queryid::text, calls::int, rows::int FROM pg_stat_statements WHERE query LIKE 'SELECT note FROM counted%'",
    );
    expect(truth).toMatchObject({ calls: 9, rows: 9 });
    const { answer } = await ask(`/statement?queryid=${truth?.['queryid']}&from=-15m`);
    expect(answer).toMatchObject({
      queryid: truth?.['queryid'],
      text: 'SELECT note FROM counted WHERE id = $1 FOR UPDATE',
      databases: ['postgres'],
      current: { calls: 8, result_rows: 8, comparable: true },
      day_before: { parts: 0, comparable: false, calls: 0 },
      week_before: { parts: 0, comparable: false },
      tables: [{ db: 'postgres', relation: 'public.counted' }],
      // Before 14 nobody says which statement a session runs.
      runners: major >= 14 ? [{ user_name: 'postgres', application: 'late', db: 'postgres', share: 1 }] : [],
      waits: major >= 14 ? [{ wait: 'Lock: transactionid', share: 1 }] : [],
    });
    // Seven calls took less than a millisecond, the eighth waited.
    const { mean_seconds, exec_seconds, p95_seconds } = answer.current;
    expect(mean_seconds).toBeCloseTo(exec_seconds / 8, 9);
    expect(p95_seconds).toBeGreaterThan(mean_seconds);
    // The same time before is compared where as much of it was measured.
    const daysAgo = (days: number, share: number) => ({
      at: new Date(Date.now() - days * 86_400_000 - 60_000).toISOString(),
      rows: [
        {
          db: 'postgres',
          queryid: truth?.['queryid'],
          interval_seconds: answer.current.covered_seconds * share,
          ...{ calls: 4, exec_seconds: 2, mean_seconds: 0.5, squared_seconds: 1, result_rows: 4, blocks_hit: 0 },
          ...{ blocks_read: 0, block_read_seconds: 0, temp_blocks: 0, wal_bytes: 0 },
          ...{ total_calls: 4, total_exec_seconds: 2 },
        },
      ],
    });
    await api.stores.top.append('shop', 'statements', [daysAgo(1, 1), daysAgo(7, 0.5)]);
    expect((await ask(`/statement?queryid=${truth?.['queryid']}&from=-16m`)).answer).toMatchObject({
      current: { calls: 8 },
      day_before: { comparable: true, calls: 4, mean_seconds: 0.5, p95_seconds: expect.closeTo(0.5, 6) },
      week_before: { comparable: false, calls: 4 },
    });
    // A longer range is of hours that are over: none is.
    const { answer: longer } = await ask(`/statement?queryid=${truth?.['queryid']}&from=-6h`);
    expect(longer).toMatchObject({ resolution: 'hours', current: { parts: 0, calls: 0 }, text: answer.text });
    const { answer: viewed } = await ask(`/statement?queryid=${truth?.['queryid']}&from=-15m`, 'view');
    expect(viewed.text).toBeNull();
    for (const runner of viewed.runners) expect(runner.user_name).toBeNull();
    expect(await ask('/statement?queryid=1')).toMatchObject({ status: 404 });
    await Promise.all([runner.end(), late.end()]);
  }, 60_000);
});
