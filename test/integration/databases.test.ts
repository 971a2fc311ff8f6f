import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { healthOf } from '../../src/api/health.ts';
import { defineCollector } from '../../src/collectors/collector.ts';
import { targetSchema } from '../../src/config/target.ts';
import { DISCOVERY, discoveryStatement, parseDiscovery } from '../../src/loops/databases.ts';
import { isUnused, useOf } from '../../src/loops/scan-due.ts';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import { privilegeCheck } from '../../src/postgres/privileges/check.ts';
import { Sessions } from '../../src/postgres/sessions.ts';
import { pgmon } from '../support/command.ts';
import { rowsOf, TestLoop, unexpected } from '../support/pass.ts';
import { majors, useServer } from '../support/test-server.ts';

describe('databases of a server', () => {
  const server = useServer(18);
  const loops: TestLoop[] = [];
  const storage = (databases: string) => {
    const loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'storage', databases });
    loops.push(loop);
    return loop;
  };
  beforeAll(async () => {
    for (const name of ['one', 'two', 'three', 'shut', 'rdsadmin']) await server().sql(`CREATE DATABASE ${name}`);
    await server().sql('REVOKE CONNECT ON DATABASE shut FROM public');
  });
  afterAll(async () => {
    for (const loop of loops) await loop.close();
  });
  const seen = (loop: Awaited<ReturnType<TestLoop['snapshot']>>) =>
    [...new Set(loop.outcomes.flatMap(({ database }) => (database === undefined ? [] : [database])))].sort();

  test('all that may be connected to, templates and rdsadmin left out, a shut one said', async () => {
    const snapshot = await storage('{}').snapshot();
    expect(seen(snapshot)).toEqual(['one', 'postgres', 'three', 'two']);
    expect(unexpected(snapshot)).toEqual([]);
    expect(snapshot.findings.filter(({ aspect }) => aspect === 'databases').map(({ message }) => message)).toEqual([
      'databases that refuse this role: shut',
    ]);
  });

  test('instance-level values come once, those of each database with its name', async () => {
    const snapshot = await storage('{}').snapshot();
    const sizes = snapshot.samples.filter(({ metric }) => metric === 'pg_database_size_bytes');
    expect(sizes.map(({ labels }) => labels['db']).sort()).toEqual([
      'one',
      'postgres',
      'shut',
      'template1',
      'three',
      'two',
    ]);
    const tables = snapshot.samples.filter(({ metric }) => metric === 'pg_tables');
    expect(tables.map(({ labels }) => labels['db']).sort()).toEqual(['one', 'postgres', 'three', 'two']);
  });

  test('only those named, and up to the cap', async () => {
    expect(seen(await storage('{ include: [two] }').snapshot())).toEqual(['two']);
    const capped = await storage('{ exclude: [shut], max: 2 }').snapshot();
    expect(seen(capped)).toEqual(['one', 'postgres']);
    expect(capped.findings.map(({ message }) => message)).toContain(
      '2 databases are not monitored, over the cap of 2: three, two',
    );
  });

  test('the connection of a database scan is closed after it; the lasting one stays', async () => {
    await storage('{}').snapshot();
    const open = await server().sql(
      "SELECT datname::text AS db, count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'pgmon/storage' GROUP BY 1",
    );
    expect(open.map(({ db }) => db)).toEqual(['postgres']);
  });

  test('one database that cannot be read takes nothing from the others', async () => {
    await server().sql('ALTER DATABASE two CONNECTION LIMIT 0');
    const snapshot = await storage('{}').snapshot();
    expect(seen(snapshot)).toEqual(['one', 'postgres', 'three']);
    expect(snapshot.findings.find(({ message }) => message.startsWith('database two: '))).toMatchObject({
      severity: 'error',
      message: expect.stringContaining('too many connections'),
    });
    await server().sql('ALTER DATABASE two CONNECTION LIMIT -1');
  });

  test('a role that can write in one of them is kept out of that one', async () => {
    const owner = await server().open('owner', 'postgres', 'three');
    await owner.query('CREATE TABLE t (i int)');
    await owner.query('GRANT INSERT ON t TO pgmon');
    const snapshot = await storage('{}').snapshot();
    expect(seen(snapshot)).toEqual(['one', 'postgres', 'two']);
    expect(snapshot.findings.find(({ message }) => message.startsWith('database three: '))?.message).toContain(
      'can write',
    );
    await owner.query('REVOKE INSERT ON t FROM pgmon');
    await owner.end();
  });

  test('[M2] a role that can write in another database is refused by check and serve alike, and /healthz says so', async () => {
    const odd = 'th"ree x';
    await server().sql(`CREATE DATABASE "th""ree x"`);
    const owner = await server().open('owner', 'postgres', odd);
    await owner.query('CREATE TABLE t (i int)');
    await owner.query('GRANT INSERT ON t TO pgmon');
    const store = mkdtempSync(join(tmpdir(), 'pgmon-refused-'));
    const run = (...args: string[]) =>
      pgmon(
        args,
        {
          PGMON_DSN: server().postgres.dsn('pgmon'),
          PGMON_CLUSTER: 'shop',
          PGMON_STORE_PATH: store,
          PGMON_HTTP_BIND: '127.0.0.1:0',
        },
        store,
      );
    const remedy = 'in database "th""ree x": REVOKE INSERT ON public.t FROM pgmon;';
    const checked = await run('check', '--json');
    expect(checked.code).toBe(4);
    const { ok, aspects } = JSON.parse(checked.stdout);
    expect(ok).toBe(false);
    expect(aspects).toContainEqual(
      expect.objectContaining({
        aspect: 'role',
        severity: 'error',
        message: expect.stringMatching(
          /^database th"ree x: refused.* can write: it may INSERT on (relation )?public\.t$/,
        ),
        hint: expect.stringContaining(remedy),
      }),
    );
    const served = await run('serve');
    expect([served.code, served.stderr]).toEqual([4, expect.stringContaining(remedy)]);

    const snapshot = await storage('{}').snapshot();
    const { cluster, takenAt } = snapshot;
    const health = healthOf([cluster], [snapshot], new Map([['storage', 600_000]]), undefined, new Date(takenAt));
    expect(health).toMatchObject({
      ok: false,
      reasons: [expect.stringContaining(`database ${odd}: refused because this role can write`)],
    });

    await owner.query('REVOKE INSERT ON public.t FROM pgmon');
    expect(await run('check')).toMatchObject({ code: 0 });
    await owner.end();
    await server().sql(`DROP DATABASE "th""ree x"`);
    rmSync(store, { recursive: true, force: true });
  });

  test('[A13] [C2] a database in which nothing was written is not scanned, and keeps its values with their time', async () => {
    const loop = new TestLoop(server().postgres.dsn('pgmon'), {
      loop: 'workload',
      databases: '{ include: [postgres, one] }',
    });
    loops.push(loop);
    const owner = await server().open('owner', 'postgres', 'one');
    await owner.query('CREATE TABLE moved (i int)');
    await owner.query('INSERT INTO moved SELECT generate_series(1, 100)');
    await owner.query('DELETE FROM moved WHERE i <= 40');
    await owner.end();
    const sessionsOfOne = async () =>
      Number((await server().sql("SELECT sessions AS n FROM pg_stat_database WHERE datname = 'one'"))[0]?.['n']);
    const dead = ({ samples }: Snapshot) =>
      samples.find(({ metric, labels }) => metric === 'pg_table_dead_tuples' && labels['db'] === 'one')?.value ??
      samples.find(({ metric, labels }) => metric === 'pg_dead_tuples' && labels['db'] === 'one')?.value;
    await server().until("SELECT 1 FROM pg_stat_database WHERE datname = 'one' AND tup_deleted >= 40");
    const first = await loop.snapshot();
    const before = await sessionsOfOne();
    const second = await loop.snapshot();
    expect([dead(first), dead(second)]).toEqual([40, 40]);
    const outcome = (snapshot: Snapshot) =>
      snapshot.outcomes.find(({ collector, database }) => collector === 'vacuum' && database === 'one');
    expect([outcome(first)?.status, outcome(first)?.readAt]).toEqual(['ok', undefined]);
    expect(outcome(second)).toMatchObject({ status: 'ok', readAt: expect.stringMatching(/Z$/) });
    expect(rowsOf(second, 'vacuum').filter(({ db }) => db === 'one')).toHaveLength(1);
    expect(await sessionsOfOne()).toBe(before);
    // Written again: scanned again.
    const again = await server().open('owner', 'postgres', 'one');
    await again.query('DELETE FROM moved WHERE i <= 50');
    await again.end();
    await server().until("SELECT 1 FROM pg_stat_database WHERE datname = 'one' AND tup_deleted >= 50");
    const third = await loop.snapshot();
    expect([dead(third), outcome(third)?.readAt]).toEqual([50, undefined]);
  });

  test('no time left: said, and the next pass continues there', async () => {
    // A collector that takes most of the workload loop's three seconds in each database.
    const slow = defineCollector({
      name: 'slow',
      loop: 'workload',
      scope: 'database',
      role: 'any',
      timeoutMs: 60_000,
      maxRows: 1,
      columns: {},
      sql: [{ version: '12', file: 'slow', text: 'SELECT FROM pg_catalog.pg_sleep(1.2) AS s WHERE s IS NULL' }],
    });
    const loop = new TestLoop(server().postgres.dsn('pgmon'), {
      loop: 'workload',
      collectors: [slow],
      databases: '{ exclude: [shut, three] }',
    });
    loops.push(loop);
    const first = await loop.snapshot();
    expect(seen(first)).toEqual(['one', 'postgres']);
    expect(first.findings.map(({ message }) => message)).toContain(
      'the workload loop had no time for 1 of 3 databases: two',
    );
    const second = await loop.snapshot();
    expect(seen(second)).toContain('two');
    expect(rowsOf(first, 'slow')).toEqual([]);
  });
});

describe.each(majors.filter((major) => [12, 14, 18].includes(major)))('PostgreSQL %i', (major) => {
  const server = useServer(major);

  test('[C2] the server says whether somebody was in a database', async () => {
    await server().sql('CREATE DATABASE quiet');
    const sessions = new Sessions({
      applicationName: 'pgmon/storage',
      connectTimeoutMs: 3_000,
      statementTimeoutMs: 3_000,
      lockTimeoutMs: 1_000,
      credentials: credentialsFromDsn,
      privileges: privilegeCheck({ read_only_enforce: true }),
    });
    const target = targetSchema.parse({ cluster: 'test', dsn: server().postgres.dsn('pgmon') });
    const look = async () => {
      const { answers } = await sessions.read(target, () => ({ statements: [discoveryStatement(major)] }), 5_000);
      const answer = answers.get(DISCOVERY);
      const found = parseDiscovery(answer?.ok ? answer.rows : []).find(({ database }) => database === 'quiet');
      if (!found) throw new Error('no such database');
      return useOf(found, sessions.opened(target).get('quiet') ?? 0, true);
    };
    const connect = () => server().open('somebody', 'postgres', 'quiet');
    const before = await look();
    await sessions.scan(target, 'quiet', async () => {});
    // Up to 14 the server counts half a second later; 12 does not count sessions.
    await expect.poll(async () => isUnused(before, await look()), { timeout: 5_000 }).toBe(major >= 14);
    const client = await connect();
    expect(isUnused(before, await look())).toBe(false);
    expect((await look()).inUse).toBe(true);
    await client.end();
    await expect.poll(async () => (await look()).inUse, { timeout: 5_000 }).toBe(false);
    await sleep(1_500);
    const after = await look();
    expect(isUnused(before, after)).toBe(false);
    await sessions.scan(target, 'quiet', async () => {});
    await expect.poll(async () => isUnused(after, await look()), { timeout: 5_000 }).toBe(major >= 14);
    await sessions.close();
  });
});
