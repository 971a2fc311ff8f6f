import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { targetSchema } from '../../src/config/target.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import { privilegeCheck } from '../../src/postgres/privileges/check.ts';
import { Sessions } from '../../src/postgres/sessions.ts';
import { startStandby } from '../support/standby.ts';
import { majors, useServer } from '../support/test-server.ts';

const GOOD_MS = 200; // in place of 40 s

/** A connection that reads one statement a pass, and how often it made the whole privilege check since it was opened. */
function watching(dsn: string) {
  const check = privilegeCheck({ read_only_enforce: true });
  let checks = 0;
  const sessions = new Sessions({
    applicationName: 'pgmon/hot',
    connectTimeoutMs: 10_000,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 1_000,
    credentials: credentialsFromDsn,
    privileges: {
      ...check,
      statements: (major, scope) => {
        if (scope === 'again') checks += 1;
        return check.statements(major, scope);
      },
    },
    privilegesGoodMs: GOOD_MS,
  });
  const target = targetSchema.parse({ cluster: 'test', dsn });
  const statements = [{ name: 'one', text: 'SELECT 1 AS n' }];
  const pass = async () => {
    await sleep(GOOD_MS);
    const { answers } = await sessions.read(target, () => ({ statements }), 20_000);
    return [...answers].map(([name, { ok }]) => [name, ok]);
  };
  return { sessions, pass, checks: () => checks };
}

/** With the next probe, or where its rows are counted later, ten seconds after the session went idle, with one after that. */
async function noticed(pass: () => Promise<unknown>): Promise<void> {
  await expect.poll(() => pass().catch(({ kind }) => kind), { timeout: 15_000 }).toBe('writable');
}

const GAINS = [
  ['a right of PUBLIC', 'GRANT INSERT ON wanted TO PUBLIC', 'REVOKE INSERT ON wanted FROM PUBLIC'],
  ['a further right on what names the role', 'GRANT UPDATE ON wanted TO later', 'REVOKE UPDATE ON wanted FROM later'],
  ['a right of pg_monitor', 'GRANT DELETE ON wanted TO pg_monitor', 'REVOKE DELETE ON wanted FROM pg_monitor'],
  ['an attribute', 'ALTER ROLE later CREATEDB', 'ALTER ROLE later NOCREATEDB'],
  ['a membership', 'GRANT pg_signal_backend TO pg_monitor', 'REVOKE pg_signal_backend FROM pg_monitor'],
  ['ownership', 'ALTER TABLE wanted OWNER TO later', 'ALTER TABLE wanted OWNER TO postgres'],
  ['a database', 'GRANT CREATE ON DATABASE postgres TO PUBLIC', 'REVOKE CREATE ON DATABASE postgres FROM PUBLIC'],
  ['a schema', 'GRANT CREATE ON SCHEMA s TO PUBLIC', 'REVOKE CREATE ON SCHEMA s FROM PUBLIC'],
  [
    'a function',
    'GRANT EXECUTE ON FUNCTION pg_reload_conf() TO PUBLIC',
    'REVOKE EXECUTE ON FUNCTION pg_reload_conf() FROM PUBLIC',
  ],
  [
    'the ADMIN option',
    'GRANT pg_read_all_stats TO later WITH ADMIN OPTION',
    'REVOKE ADMIN OPTION FOR pg_read_all_stats FROM later',
  ],
] as const;

describe.each(majors.filter((major) => [12, 15, 18].includes(major)))('PostgreSQL %i', (major) => {
  const server = useServer(major, { wal_level: 'replica', max_wal_senders: '4' });
  beforeAll(async () => {
    for (const statement of [
      'CREATE ROLE later LOGIN IN ROLE pg_monitor',
      'GRANT pg_read_all_stats TO later',
      'CREATE SCHEMA s',
      'CREATE TABLE wanted (id int)',
      'GRANT SELECT ON wanted TO later, pg_monitor',
      'CREATE TABLE plain (id int)',
    ])
      await server().sql(statement);
  });

  test.each(GAINS)('[E3] %s is noticed, and nothing is read afterwards', async (_name, gain, undo) => {
    const { sessions, pass, checks } = watching(server().postgres.dsn('later'));
    for (let i = 0; i < 3; i++) expect(await pass()).toEqual([['one', true]]);
    expect(checks()).toBe(1); // the first, which sets the mark
    await server().sql(gain);
    try {
      await noticed(pass);
      await expect(pass()).rejects.toMatchObject({ kind: 'writable' });
    } finally {
      await server().sql(undo);
    }
    expect(await pass()).toEqual([['one', true]]);
    await sessions.close();
  });

  test('[E3] a GRANT in a transaction older than the last check is noticed when it commits', async () => {
    const { sessions, pass } = watching(server().postgres.dsn('later'));
    const slow = await server().open();
    await slow.query('BEGIN');
    await slow.query('GRANT INSERT ON wanted TO PUBLIC');
    for (let i = 0; i < 2; i++) {
      await server().sql('SELECT txid_current()');
      expect(await pass()).toEqual([['one', true]]);
    }
    await slow.query('COMMIT');
    await noticed(pass);
    await server().sql('REVOKE INSERT ON wanted FROM PUBLIC');
    await sessions.close();
  });

  test('[E3] catalogs in which no row was written are not read again, from 15', async () => {
    const { sessions, pass, checks } = watching(server().postgres.dsn('later'));
    const reads = async () =>
      (
        await server().sql(
          "SELECT seq_scan::int AS n FROM pg_stat_sys_tables WHERE relid = 'pg_proc'::regclass OR relid = 'pg_type'::regclass ORDER BY relname",
        )
      ).map(({ n }) => Number(n));
    const probes = 8;
    // What a session reads is counted within a second of it, or when it continues.
    const settled = async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(1_100);
        await pass();
      }
      return await reads();
    };
    const counted = async (between: () => Promise<unknown>) => {
      for (let i = 0; i < 4; i++) await pass();
      const before = await settled();
      for (let i = 0; i < probes; i++) {
        await between();
        expect(await pass()).toEqual([['one', true]]);
      }
      return (await settled()).map((n, i) => n - (before[i] ?? 0));
    };
    // A transaction that writes rows elsewhere, without which nothing is read anyway.
    const elsewhere = () => server().sql('INSERT INTO plain VALUES (1)');
    // After fifteen probes that relied on what was counted, one reads all the same.
    const read = await counted(elsewhere);
    expect(read.every((n) => (major >= 15 ? n <= 2 : n >= probes))).toBe(true);
    expect(checks()).toBe(1);
    await sessions.close();
  }, 60_000);

  test('[E3] what a busy database does all the time is no reason to check again', async () => {
    const { sessions, pass, checks } = watching(server().postgres.dsn('later'));
    for (let i = 0; i < 2; i++) await pass();
    expect(checks()).toBe(1);
    const client = await server().open();
    for (const statement of [
      'CREATE TEMP TABLE t (id serial PRIMARY KEY)',
      'INSERT INTO plain SELECT generate_series(1, 1000)',
      'ANALYZE plain',
      'VACUUM plain',
      'VACUUM pg_class',
      'ANALYZE wanted',
      'TRUNCATE plain',
      'CREATE INDEX ON plain (id)',
    ]) {
      await client.query(statement);
      expect([statement, await pass()]).toEqual([statement, [['one', true]]]);
    }
    expect(checks()).toBe(1);
    await sessions.close();
  });

  test('[E3] a standby notices what the primary grants', async () => {
    const standby = await startStandby(server());
    try {
      const { sessions, pass, checks } = watching(standby.dsn('later'));
      for (let i = 0; i < 3; i++) expect(await pass()).toEqual([['one', true]]);
      const before = checks();
      await server().sql('INSERT INTO plain SELECT generate_series(1, 10)');
      await expect.poll(pass).toEqual([['one', true]]);
      expect([before, checks()]).toEqual([1, 1]);
      await server().sql('GRANT INSERT ON wanted TO PUBLIC');
      await expect.poll(async () => await pass().catch(({ kind }) => kind), { timeout: 20_000 }).toBe('writable');
      await sessions.close();
    } finally {
      await standby.stop();
      await server().sql('REVOKE INSERT ON wanted FROM PUBLIC');
    }
  }, 60_000);
});
