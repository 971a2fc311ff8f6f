import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { startPostgres } from '../../../src/local/postgres-server.ts';
import { childrenOf, commandOf, isRunning } from '../../../src/local/processes.ts';
import { startStandby } from '../../support/standby.ts';
import { majors, TestServer, useServer } from '../../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major, { wal_level: 'logical' });

  test('is that major, and its monitoring role has pg_monitor and nothing else', async () => {
    expect(await server().sql("SELECT current_setting('server_version_num')::int / 10000 AS major")).toEqual([
      { major },
    ]);
    const groups = await server().sql(
      `SELECT g.rolname::text AS name FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid
        WHERE m.member = 'pgmon'::regrole`,
    );
    expect(groups).toEqual([{ name: 'pg_monitor' }]);
  });

  test('opens sessions in the states asked for, and ends them', async () => {
    const count = `SELECT state, count(*)::int AS n FROM pg_stat_activity
                    WHERE application_name = 'test' GROUP BY 1 ORDER BY 1`;
    const end = await server().sessions({ idle: 3, active: 2, 'idle in transaction': 1 });
    await server().until("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' HAVING count(*) = 2");
    expect(await server().sql(count)).toEqual([
      { state: 'active', n: 2 },
      { state: 'idle', n: 3 },
      { state: 'idle in transaction', n: 1 },
    ]);
    await end();
    expect(await server().sql(count)).toEqual([]);
  });

  test('builds the tree of locks that it says, as pg_blocking_pids sees it', async () => {
    const { root, middle, leaf, second, release } = await server().lockTree();
    const blockers = async (pid: number) =>
      (await server().sql('SELECT DISTINCT unnest(pg_blocking_pids($1)) AS pid', [pid])).map((row) => row['pid']);
    expect(await blockers(root)).toEqual([]);
    expect(await blockers(middle)).toEqual([root]);
    expect(await blockers(leaf)).toEqual([middle]);
    // Who waits for a row second waits for the first waiter, which holds the right to be next.
    expect(await blockers(second)).toEqual([middle]);
    await release();
    expect(await server().sql("SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).toEqual([]);
  });

  test('a standby streams what the primary writes', async () => {
    const standby = await startStandby(server());
    try {
      await server().until(
        "SELECT 1 FROM pg_stat_replication WHERE application_name = 'standby1' AND state = 'streaming'",
      );
      await server().sql('CREATE TABLE streamed AS SELECT 7 AS n');
      await server().until('SELECT 1 FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn()');
      expect(await ask(standby.dsn(), 'SELECT pg_is_in_recovery() AS standby, n FROM streamed')).toEqual([
        { standby: true, n: 7 },
      ]);
    } finally {
      await standby.stop();
      await rm(standby.dataDir, { recursive: true, force: true });
    }
  });

  test('comes back from a crash on the same port, with what was committed', async () => {
    const { postgres, sql } = await freshServer(major);
    await sql('CREATE TABLE kept AS SELECT 7 AS n');
    const processes = [postgres.pid, ...childrenOf(postgres.pid)];
    await postgres.kill();
    expect(processes.filter(isRunning)).toEqual([]);
    const { port } = postgres;
    await postgres.restart({ work_mem: '5MB' });
    expect(postgres.port).toBe(port);
    expect(await sql("SELECT n, current_setting('work_mem') AS work_mem FROM kept")).toEqual([
      { n: 7, work_mem: '5MB' },
    ]);
    await postgres.stop();
  });

  test('says nothing while it is paused, and continues afterwards', async () => {
    const { postgres, sql } = await freshServer(major);
    postgres.pause();
    await expect(sql('SELECT 1 AS n')).rejects.toThrow(/timeout/);
    postgres.resume();
    expect(await sql('SELECT 1 AS n')).toEqual([{ n: 1 }]);
    await postgres.stop();
  });

  test.each(['running', 'paused'])('stops when it is %s, and leaves no process and no file', async (state) => {
    const { postgres } = await freshServer(major);
    const processes = [postgres.pid, ...childrenOf(postgres.pid)];
    if (state === 'paused') postgres.pause();
    await postgres.stop();
    expect(processes.filter(isRunning)).toEqual([]);
    expect(existsSync(postgres.dataDir)).toBe(false);
  });
});

test('a server that does not start says why', async () => {
  await expect(startPostgres({ settings: { no_such_setting: 'x' } })).rejects.toThrow(/no_such_setting/);
});

test('settings may hold quotes and backslashes', async () => {
  const postgres = await startPostgres({ settings: { cluster_name: String.raw`it's C:\tmp` } });
  expect(await ask(postgres.dsn(), "SELECT current_setting('cluster_name') AS name")).toEqual([
    { name: String.raw`it's C:\tmp` },
  ]);
  await postgres.stop();
});

test('rules of access that a data directory brings along stay', async () => {
  const first = await TestServer.start(18);
  try {
    const again = first.postgres;
    await first.stopClients();
    const rules = 'host all postgres 127.0.0.1/32 trust\n';
    await again.kill();
    const second = await startPostgres({ dataDir: again.dataDir, hba: rules });
    await second.stop();
    const third = await startPostgres({ dataDir: again.dataDir });
    await expect(ask(third.dsn('pgmon'), 'SELECT 1')).rejects.toThrow(/pg_hba/);
    await third.stop();
  } finally {
    await first.postgres.stop();
  }
});

test.each(['SIGTERM', 'SIGINT', 'throw'])(
  'a program that ends by %s takes its server and the files along',
  async (how) => {
    const { child, pid, dataDir } = await programWithServer(
      how === 'throw' ? "throw new Error('on purpose');" : FOREVER,
    );
    const ended = once(child, 'exit');
    if (how === 'SIGTERM' || how === 'SIGINT') child.kill(how);
    await ended;
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(dataDir)).toBe(false);
  },
);

test('[E4] a program that is killed with SIGKILL leaves neither server nor files, paused or not', async () => {
  for (const state of ['running', 'paused']) {
    const { child, pid, dataDir } = await programWithServer(FOREVER);
    if (state === 'paused') for (const one of [pid, ...childrenOf(pid)]) process.kill(one, 'SIGSTOP');
    child.kill('SIGKILL');
    await expect.poll(() => isRunning(pid) || existsSync(dataDir), { timeout: 20_000 }).toBe(false);
  }
});

test('[E4] what a killed program and its watchdog left behind is gone after the next start', async () => {
  const { child, pid, dataDir } = await programWithServer(FOREVER);
  const watchdogs = childrenOf(child.pid ?? 0).filter((one) => commandOf(one).includes('pgmon-watchdog'));
  expect(watchdogs).toHaveLength(1);
  for (const one of watchdogs) process.kill(one, 'SIGKILL');
  child.kill('SIGKILL');
  await expect.poll(() => isRunning(child.pid ?? 0)).toBe(false);
  expect(isRunning(pid)).toBe(true);
  const next = await startPostgres();
  expect(isRunning(pid)).toBe(false);
  expect(existsSync(dataDir)).toBe(false);
  await next.stop();
});

const FOREVER = 'setInterval(() => {}, 1000);';

/** A process that starts a server, tells where it is, and continues with `then`. */
async function programWithServer(then: string) {
  const program = `
    const { startPostgres } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/local/postgres-server.ts'))});
    const server = await startPostgres();
    process.stdout.write(JSON.stringify({ pid: server.pid, dataDir: server.dataDir }) + '\\n');
    ${then}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(child.stdout, 'data');
  const { pid, dataDir }: { pid: number; dataDir: string } = JSON.parse(String(line));
  return { child, pid, dataDir };
}

/** For the tests that break their server: none of the others may see it. */
async function freshServer(major: Parameters<typeof TestServer.start>[0]) {
  const server = await TestServer.start(major);
  await server.stopClients();
  return { postgres: server.postgres, sql: (text: string) => ask(server.postgres.dsn(), text) };
}

async function ask(dsn: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: dsn, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
