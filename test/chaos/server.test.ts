import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startStandby } from '../support/standby.ts';
import { TestServer } from '../support/test-server.ts';
import { failed, Watched } from './support/watched.ts';

const HBA = 'host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n';
let victim: TestServer;
let other: TestServer;
beforeAll(async () => {
  [victim, other] = await Promise.all([
    TestServer.start(18, { max_connections: '20', wal_level: 'replica', max_wal_senders: '4' }, HBA),
    TestServer.start(18),
  ]);
});
afterAll(async () => {
  await victim.stop();
  await other.stop();
});

/** Sessions of pgmon at the victim. */
const ours = async () =>
  Number(
    (await victim.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgmon/%'"))[0]?.['count'],
  );

describe.each(['hot', 'workload'] as const)('the %s loop and a server that', (loop) => {
  let watched: Watched;
  beforeEach(async () => {
    watched = await Watched.start(loop, { victim: victim.postgres.dsn('pgmon'), other: other.postgres.dsn('pgmon') });
    expect((await watched.pass()).up).toBe(true);
  });
  afterEach(async () => {
    await watched.close();
    // Nothing is left: no connection, whatever happened.
    await victim.until(
      "SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'pgmon/%')",
    );
  });
  const well = async () => {
    const snapshot = await watched.pass();
    expect([snapshot.up, snapshot.problem?.message, failed(snapshot)]).toEqual([true, undefined, []]);
    return snapshot;
  };

  test('is killed with -9 and comes back', async () => {
    await victim.stopClients();
    await victim.postgres.kill();
    for (let i = 0; i < 3; i++) expect((await watched.pass()).problem?.kind).toBe('unreachable');
    expect(watched.lines.filter((line) => line.startsWith('victim') && line.includes('nothing listens'))).toHaveLength(
      1,
    );
    await victim.postgres.start();
    const back = await well();
    // Counters of before the crash give no rate.
    expect(back.rates.filter(({ value }) => value < 0 || !Number.isFinite(value))).toEqual([]);
    await well();
    expect(await ours()).toBe(1);
  });

  test('is restarted between two passes', async () => {
    await victim.stopClients();
    await victim.postgres.restart();
    const after = await well();
    expect(Object.values(after.noRates).filter((reason) => reason !== 'restart' && reason !== 'first-run')).toEqual([]);
  });

  test('stops in the middle of everything and continues', async () => {
    victim.postgres.pause();
    const paused = await watched.pass();
    expect(paused.up).toBe(false);
    expect(paused.problem?.kind).toBe('timeout');
    victim.postgres.resume();
    await well();
  });

  test('has a session of ours terminated by somebody', async () => {
    await victim.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgmon/%'");
    await well();
    expect(await ours()).toBe(1);
  });

  test('has our statements cancelled again and again while they run', async () => {
    let going = true;
    const cancelling = (async () => {
      while (going)
        await victim.sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgmon/%'");
    })();
    for (let i = 0; i < 5; i++) {
      const snapshot = await watched.pass();
      expect(failed(snapshot).filter((reason) => !/cancel|rest/i.test(reason))).toEqual([]);
    }
    going = false;
    await cancelling;
    // What failed twice backs off, and is tried again alone.
    for (let i = 0; i < 10; i++) await watched.pass();
    await well();
  });

  test('has no connection left for us', async () => {
    await victim.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgmon/%'");
    const end = await victim.sessions({ idle: 16 });
    const full = await watched.pass();
    expect(full.problem?.kind).toBe('full');
    expect(full.problem?.hint).toContain('max_connections');
    await end();
    await well();
  });

  test('has the role dropped and made again', async () => {
    await victim.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgmon/%'");
    await victim.sql('DROP OWNED BY pgmon; DROP ROLE pgmon');
    expect((await watched.pass()).problem?.kind).toBe('auth');
    await victim.sql('CREATE ROLE pgmon LOGIN; GRANT pg_monitor TO pgmon');
    await well();
  });

  test('lets the role write for a while', async () => {
    await victim.sql('ALTER ROLE pgmon CREATEDB');
    await victim.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgmon/%'");
    expect((await watched.pass()).problem?.kind).toBe('writable');
    await victim.sql('ALTER ROLE pgmon NOCREATEDB');
    await well();
  });

  test('has all its statistics reset', async () => {
    await victim.sql('SELECT pg_stat_reset(), pg_stat_reset_shared(), pg_stat_statements_reset()');
    for (let i = 0; i < 2; i++) {
      const snapshot = await well();
      expect(snapshot.rates.filter(({ value }) => value < 0)).toEqual([]);
    }
  });

  test('loses the extension in mid-run, and gets it back', async () => {
    await victim.sql('DROP EXTENSION pg_stat_statements');
    for (let i = 0; i < 3; i++) expect((await watched.pass()).up).toBe(true);
    await victim.sql('CREATE EXTENSION pg_stat_statements');
    for (let i = 0; i < 8; i++) await watched.pass();
    await well();
  });

  test('has no room for temporary files', async () => {
    await victim.sql("ALTER ROLE pgmon SET temp_file_limit = '0'");
    await victim.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'pgmon/%'");
    await well(); // none is needed
    await victim.sql('ALTER ROLE pgmon RESET temp_file_limit');
  });

  test('gets 300 schemas and loses them during the passes', async () => {
    let going = true;
    const churning = (async () => {
      while (going) {
        await victim.sql(
          "DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE format('CREATE SCHEMA s%s CREATE TABLE t (id int PRIMARY KEY)', i); END LOOP; END $$",
        );
        await victim.sql(
          "DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE format('DROP SCHEMA s%s CASCADE', i); END LOOP; END $$",
        );
      }
    })();
    for (let i = 0; i < 8; i++) {
      const snapshot = await watched.pass();
      expect(snapshot.up).toBe(true);
      expect(failed(snapshot).filter((reason) => !/lock|statement_timeout|rest/.test(reason))).toEqual([]);
    }
    going = false;
    await churning;
  });

  test('is on a host whose clock, or ours, is stepped', async () => {
    for (const offset of [3_600_000, -7_200_000, 0]) {
      watched.offsetMs = offset;
      const snapshot = await well();
      expect(snapshot.rates.filter(({ value }) => value < 0 || !Number.isFinite(value))).toEqual([]);
    }
  });

  test('is promoted: the standby becomes a primary on a new timeline', async () => {
    const standby = await startStandby(victim);
    const both = await Watched.start(loop, { victim: standby.dsn('pgmon') });
    expect((await both.pass()).server?.role).toBe('standby');
    const { Client } = (await import('pg')).default;
    const admin = new Client(standby.dsn());
    await admin.connect();
    await admin.query('SELECT pg_promote(true, 30)');
    await admin.end();
    await expect.poll(async () => (await both.pass()).server?.role, { timeout: 20_000 }).toBe('primary');
    const snapshot = await both.pass();
    expect(snapshot.rates.filter(({ value }) => value < 0)).toEqual([]);
    expect(Object.values(snapshot.noRates).filter((reason) => reason === 'reset')).toEqual([]);
    await both.close();
    await standby.stop('immediate');
    await victim
      .sql('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active')
      .catch(() => {});
  });
});
