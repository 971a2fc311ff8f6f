import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { preflightAll } from '../../src/cli/preflight.ts';
import { parseConfig } from '../../src/config/load.ts';
import { targetSchema } from '../../src/config/target.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import { dsnCredentials, endpointOf } from '../../src/postgres/endpoint.ts';
import { Inspections } from '../../src/postgres/inspections.ts';
import { privilegeCheck } from '../../src/postgres/privileges/check.ts';
import { MAX_BYTES, Session } from '../../src/postgres/session.ts';
import { Sessions } from '../../src/postgres/sessions.ts';
import { TestLoop } from '../support/pass.ts';
import { majors, TestServer } from '../support/test-server.ts';
import { fakeServer, message } from '../support/wire.ts';

const options = {
  applicationName: 'pgmon/test',
  connectTimeoutMs: 5_000,
  statementTimeoutMs: 20_000,
  lockTimeoutMs: 1_000,
};

async function open(dsn: string): Promise<Session> {
  const target = targetSchema.parse({ cluster: 'test', dsn });
  return await Session.open(endpointOf(target, dsnCredentials(dsn)), dsnCredentials(dsn), options);
}

/** The highest resident size while `work` runs, above that before it, in MB. */
async function growth(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss();
  let highest = before;
  const timer = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage.rss());
  }, 5);
  await work();
  clearInterval(timer);
  return (Math.max(highest, process.memoryUsage.rss()) - before) / 1024 / 1024;
}

const text = (name: string, sql: string) => ({ name, text: sql });

let started: TestServer | undefined;
beforeAll(async () => {
  started = await TestServer.start(majors.at(-1) ?? 18);
}, 120_000);
afterAll(() => started?.stop());
const server = () => {
  if (!started) throw new Error('the server is there only while tests run');
  return started;
};

test('[E10] an answer of 500 MB is cut off; only its statement fails', async () => {
  const target = targetSchema.parse({ cluster: 'test', dsn: server().postgres.dsn('pgmon') });
  const sessions = new Sessions({
    ...options,
    credentials: credentialsFromDsn,
    privileges: privilegeCheck({ read_only_enforce: true }),
  });
  await sessions.session(target);
  const statements = [
    text('before', 'SELECT 1 AS n'),
    text('flood', "SELECT repeat('x', 1000000 + g) AS x FROM generate_series(1, 500) AS g"),
    text('after', 'SELECT 2 AS n'),
  ];
  let kinds: unknown[] = [];
  const grown = await growth(async () => {
    const { answers } = await sessions.read(target, () => ({ statements }), 20_000);
    kinds = [...answers.values()].map((answer) => (answer.ok ? answer.rows : answer.problem.kind));
  });
  expect(kinds).toEqual([[{ n: 1 }], 'too-large', [{ n: 2 }]]);
  expect(grown).toBeLessThan(250);
  await sessions.close();
});

test('[E10] a server that sends without end at log-in is cut off', async () => {
  let sent = 0;
  const fake = await fakeServer((socket) => {
    socket.write(message('R', Buffer.alloc(4))); // as PostgreSQL begins: the login is accepted
    const head = message('S', Buffer.alloc(0));
    head.writeInt32BE(1_000_000_000, 1);
    socket.write(head);
    const chunk = Buffer.alloc(1024 * 1024);
    const more = (): void => {
      while (sent < 1_000 && !socket.destroyed) {
        sent += 1;
        if (!socket.write(chunk)) {
          socket.once('drain', more);
          return;
        }
      }
    };
    more();
  });
  const grown = await growth(() =>
    expect(open(`postgres://u@127.0.0.1:${fake.port}/d`)).rejects.toMatchObject({ kind: 'too-large' }),
  );
  fake.close();
  expect(sent * 1024 * 1024).toBeLessThan(MAX_BYTES * 4);
  expect(grown).toBeLessThan(250);
});

test('[C6] behind a lock on a catalog a pass of storage takes less than about two lock timeouts, in one round trip', async () => {
  const storage = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'storage' });
  expect((await storage.snapshot()).up).toBe(true);
  const holder = await server().open();
  await holder.query('BEGIN');
  await holder.query('LOCK TABLE pg_catalog.pg_class IN ACCESS EXCLUSIVE MODE');
  const lockTimeoutMs = 500; // of TestLoop
  const started = performance.now();
  const { snapshot } = await storage.pass(20_000);
  const took = performance.now() - started;
  const reasons = snapshot.outcomes.filter(({ status }) => status === 'failed').map(({ reason }) => reason);
  expect(reasons.length).toBeGreaterThan(4);
  expect(reasons.filter((reason) => reason?.startsWith('canceled'))).toHaveLength(reasons.length - 1);
  expect(took).toBeLessThan(lockTimeoutMs * 2 + 700);
  await holder.query('ROLLBACK');
  // Nothing is left of it: no request to cancel hits the next pass.
  await storage.pass();
  const well = (await storage.pass(20_000)).snapshot;
  expect(well.outcomes.filter(({ status, degraded }) => status === 'failed' && !degraded)).toEqual([]);
  await storage.close();
}, 60_000);

test('[A12] what was slow shows its own time, and answers that came together share theirs', async () => {
  const session = await open(server().postgres.dsn('pgmon'));
  const slow = text('slow', 'SELECT pg_catalog.pg_sleep(0.4)');
  const quick = Array.from({ length: 5 }, (_, i) => text(`quick_${i}`, `SELECT ${i} AS n`));
  const pass = session.read([quick[0] ?? slow, slow, ...quick.slice(1)], 10_000);
  // This process is busy while the answers come in: they lie in the socket together.
  await sleep(50);
  const until = performance.now() + 600;
  while (performance.now() < until);
  const answers = [...(await pass).values()];
  const ms = answers.map((answer) => answer.ms);
  expect(Math.min(...ms)).toBeGreaterThan(0.001);
  expect(ms.reduce((a, b) => a + b, 0)).toBeCloseTo(Math.max(...answers.map(({ sinceSentMs }) => sinceSentMs)), 3);
  const idle = [...(await session.read([...quick, slow], 10_000)).values()];
  expect(idle.at(-1)?.ms).toBeGreaterThan(390);
  await session.close();
});

test('[C2] a scan of another database that is known is a log-in and one round trip, read-only all the same', async () => {
  await server().sql('CREATE DATABASE elsewhere');
  const target = targetSchema.parse({ cluster: 'test', dsn: server().postgres.dsn('pgmon') });
  const sessions = new Sessions({
    ...options,
    credentials: credentialsFromDsn,
    privileges: privilegeCheck({ read_only_enforce: true }),
  });
  await sessions.session(target);
  const settings = text(
    'settings',
    "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('default_transaction_read_only', 'lock_timeout', 'search_path', 'statement_timeout', 'work_mem') ORDER BY 1",
  );
  const seen: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    await sessions.scan(target, 'elsewhere', async (session) => {
      const [answer, own] = (
        await session.read([settings, text('calls', 'SELECT pg_catalog.current_database() AS db')], 5_000)
      ).values();
      if (answer?.ok && own?.ok) seen.push([session.info.database, answer.rows, own.rows]);
    });
  }
  expect(seen[1]).toEqual(seen[0]);
  expect(JSON.stringify(seen[1])).toContain('{"name":"default_transaction_read_only","setting":"on"}');
  // The first scan learned, inspected and read; the second one only read.
  const inElsewhere = await server().sql(
    "SELECT sum(calls)::int AS calls, count(*)::int AS texts FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = 'elsewhere' AND query ~ 'pg_init_privs|pg_auth_members|pg_attribute'",
  );
  expect(Number(inElsewhere[0]?.['texts'])).toBeGreaterThanOrEqual(2);
  expect(inElsewhere[0]?.['calls']).toBe(inElsewhere[0]?.['texts']);
  await sessions.close();
});

test('[C2] loops of one process look at a role once, and all stop when one sees that it can write', async () => {
  await server().sql('CREATE ROLE shared LOGIN');
  await server().sql('GRANT pg_monitor TO shared');
  await server().sql('CREATE DATABASE common');
  await server().sql('CREATE TABLE given (id int)');
  const inspections = new Inspections();
  const target = targetSchema.parse({ cluster: 'test', dsn: server().postgres.dsn('shared') });
  const loops = [500, 60_000, 60_000].map(
    (privilegesGoodMs, i) =>
      new Sessions({
        ...options,
        applicationName: `pgmon/shared${i}`,
        credentials: credentialsFromDsn,
        privileges: privilegeCheck({ read_only_enforce: true }),
        privilegesGoodMs,
        inspections,
      }),
  );
  const passes = () =>
    Promise.allSettled(
      loops.map(async (sessions) => {
        await sessions.read(target, () => ({ statements: [text('one', 'SELECT 1 AS n')] }), 5_000);
        await sessions.scan(target, 'common', async () => {});
      }),
    );
  const looked = async () =>
    await server().sql(
      "SELECT d.datname, sum(calls)::int AS calls FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = 'shared' AND query LIKE '%pg_init_privs%' GROUP BY 1 ORDER BY 1",
    );
  const kinds = async () =>
    (await passes()).map((one) => (one.status === 'fulfilled' ? 'read' : (one.reason as { kind: string }).kind));
  expect(await kinds()).toEqual(['read', 'read', 'read']);
  expect(await looked()).toEqual([
    { datname: 'common', calls: 1 },
    { datname: 'postgres', calls: 1 },
  ]);
  await sleep(500);
  expect(await kinds()).toEqual(['read', 'read', 'read']);
  // The first of them has asked after rights by now: they are as they were, and so is what was found in the other database.
  expect((await looked()).find(({ datname }) => datname === 'common')).toMatchObject({ calls: 1 });
  await server().sql('GRANT INSERT ON given TO PUBLIC');
  await sleep(500);
  await kinds(); // the first of them looks, the others may have begun before
  expect(await kinds()).toEqual(['writable', 'writable', 'writable']);
  await server().sql('REVOKE INSERT ON given FROM PUBLIC');
  expect(await kinds()).toEqual(['read', 'read', 'read']);
  await Promise.all(loops.map((sessions) => sessions.close()));
});

test('[C2] what the check before the start learned of other databases is not asked again by the loops', async () => {
  await server().sql('CREATE ROLE early LOGIN');
  await server().sql('GRANT pg_monitor TO early');
  await server().sql('CREATE DATABASE checked');
  const dsn = server().postgres.dsn('early');
  const config = parseConfig(
    `targets: [{ cluster: early, dsn: "${dsn}", databases: { include: [postgres, checked] } }]`,
    'test',
    {},
  );
  const [target] = config.targets;
  if (!target) throw new Error('no target');
  const inspections = new Inspections();
  expect((await preflightAll(config, inspections)).map(({ code }) => code)).toEqual([0]);
  const sessions = new Sessions({
    ...options,
    credentials: credentialsFromDsn,
    privileges: privilegeCheck({ read_only_enforce: true }),
    privilegesGoodMs: 1,
    inspections,
  });
  const pass = async () => {
    await sessions.read(target, () => ({ statements: [text('one', 'SELECT 1 AS n')] }), 5_000);
    await sessions.scan(target, 'checked', async () => {});
    const looked = await server().sql(
      "SELECT sum(calls)::int AS calls FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid JOIN pg_roles r ON r.oid = s.userid WHERE r.rolname = 'early' AND d.datname = 'checked' AND query LIKE '%pg_init_privs%'",
    );
    return looked[0]?.['calls'];
  };
  expect([await pass(), await pass(), await pass()]).toEqual([1, 1, 1]);
  // A right that is the role's in all databases: what was found there is old.
  await server().sql('GRANT pg_signal_backend TO early');
  await expect(pass()).rejects.toMatchObject({ kind: 'writable' });
  await server().sql('REVOKE pg_signal_backend FROM early');
  await server().sql('CREATE ROLE harmless');
  await server().sql('GRANT harmless TO early');
  await pass();
  expect(await pass()).toBe(2);
  await sessions.close();
});

test('[E3] a right gained while pgmon runs ends the reading with the next check, in this database and in others', async () => {
  await server().sql('CREATE ROLE later LOGIN');
  await server().sql('GRANT pg_monitor TO later');
  await server().sql('CREATE DATABASE faraway');
  await server().sql('CREATE TABLE wanted (id int)');
  await server().sql('GRANT SELECT ON wanted TO later');
  const goodMs = 1_000; // in place of 40 s: the shortest time between two checks
  const sessions = new Sessions({
    ...options,
    credentials: credentialsFromDsn,
    privileges: privilegeCheck({ read_only_enforce: true }),
    privilegesGoodMs: goodMs,
  });
  const target = targetSchema.parse({ cluster: 'test', dsn: server().postgres.dsn('later') });
  const pass = async () =>
    [
      ...(await sessions.read(target, () => ({ statements: [text('one', 'SELECT 1 AS n')] }), 5_000)).answers.values(),
    ].map(({ ok }) => ok);
  expect(await pass()).toEqual([true]);
  await sessions.scan(target, 'faraway', async () => {});
  const gained = [
    ['GRANT INSERT ON wanted TO later', 'REVOKE INSERT ON wanted FROM later'],
    ['GRANT INSERT ON wanted TO PUBLIC', 'REVOKE INSERT ON wanted FROM PUBLIC'],
    ['ALTER ROLE later CREATEDB', 'ALTER ROLE later NOCREATEDB'],
    ['GRANT pg_signal_backend TO pg_monitor', 'REVOKE pg_signal_backend FROM pg_monitor'],
  ] as const;
  for (const [grant, revoke] of gained) {
    expect(await pass()).toEqual([true]);
    await server().sql(grant);
    await sleep(goodMs);
    await expect(pass()).rejects.toMatchObject({ kind: 'writable' });
    // Nothing is read any more, with the next pass neither.
    await expect(pass()).rejects.toMatchObject({ kind: 'writable' });
    await server().until("SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE usename = 'later')");
    await server().sql(revoke);
  }
  // Another database: what names the role there is looked at before its next scan.
  expect(await pass()).toEqual([true]);
  await sleep(goodMs);
  await pass();
  await sessions.scan(target, 'faraway', async () => {});
  const far = await server().open('admin', 'postgres', 'faraway');
  await far.query('CREATE TABLE there (id int)');
  await far.query('GRANT INSERT ON there TO later');
  await far.end();
  await sleep(goodMs);
  expect(await pass()).toEqual([true]);
  await expect(sessions.scan(target, 'faraway', async () => {})).rejects.toMatchObject({ kind: 'writable' });
  await sessions.close();
});
