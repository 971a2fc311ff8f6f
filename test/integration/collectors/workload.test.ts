import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresServer } from '../../../src/local/postgres-server.ts';
import { seriesKey } from '../../../src/metrics/sample.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { TestLoop, total, unexpected } from '../../support/pass.ts';
import { startStandby } from '../../support/standby.ts';
import { majors, useServer } from '../../support/test-server.ts';

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {}); // the server goes first where a test failed
  await client.connect();
  return client;
}

function rate({ rates }: Snapshot, metric: string): number | undefined {
  return rates.find((sample) => sample.metric === metric)?.value;
}

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major, {
    wal_level: 'replica',
    hot_standby: 'on',
    archive_mode: 'on',
    archive_command: 'false',
  });
  const db = 'Shop "1". ünïcode';
  let loop: TestLoop;
  let storage: TestLoop;
  let hourly: TestLoop;
  beforeAll(async () => {
    await server().sql(`CREATE DATABASE "${db.replaceAll('"', '""')}"`);
    // A database scan of ours counts there as transactions, too: this loop stays in its own database.
    const databases = '{ include: [postgres] }';
    loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'workload', databases });
    storage = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'storage' });
    hourly = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'hourly' });
  });
  afterAll(async () => {
    await loop?.close();
    await storage?.close();
    await hourly?.close();
  });

  test('every collector answers a role with pg_monitor only, and no series comes twice', async () => {
    for (const one of [loop, storage, hourly]) {
      const snapshot = await one.snapshot();
      expect(snapshot.problem).toBeUndefined();
      expect(unexpected(snapshot)).toEqual([]);
      const keys = snapshot.samples.map(({ metric, labels }) => seriesKey(metric, labels));
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test('databases: the transactions and rows that the test made', async () => {
    // A session's statistics are flushed at the latest when it goes.
    const maker = await server().open('worker', 'postgres', db);
    await maker.query('CREATE TABLE t (i int)');
    await maker.end();
    // The row of pg_class and those of its columns are the last that the session wrote.
    await server().until('SELECT 1 FROM pg_stat_database WHERE datname = $1 AND tup_inserted > 0', [db]);
    await server().until("SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'worker')");
    const metrics = [
      'pg_rows_inserted_total',
      'pg_rows_updated_total',
      'pg_rows_deleted_total',
      'pg_xact_commit_total',
      'pg_xact_rollback_total',
    ];
    const read = (snapshot: Snapshot) => metrics.map((metric) => total(snapshot, metric, { db }));
    const base = read(await loop.snapshot());
    const client = await server().open('worker', 'postgres', db);
    for (let i = 0; i < 20; i++) await client.query('INSERT INTO t SELECT generate_series(1, 10)');
    await client.query('BEGIN');
    await client.query('ROLLBACK');
    await client.query('UPDATE t SET i = 0 WHERE i <= 2');
    await client.query('DELETE FROM t WHERE i = 10');
    await client.end();
    await server().until('SELECT 1 FROM pg_stat_database WHERE datname = $1 AND tup_deleted >= $2', [
      db,
      (base[2] ?? 0) + 20,
    ]);
    const snapshot = await loop.snapshot();
    const [inserted, updated, deleted, committed = 0, rolledBack] = read(snapshot).map(
      (value, i) => value - (base[i] ?? 0),
    );
    expect([inserted, updated, deleted, rolledBack]).toEqual([200, 40, 20, 1]);
    // 22 of the statements above; connecting and leaving may add one each.
    expect(committed).toBeGreaterThanOrEqual(22);
    expect(committed).toBeLessThanOrEqual(24);
    const perSecond = ['pg_xact_commit_total', 'pg_xact_rollback_total'].map(
      (metric) => snapshot.rates.find((sample) => sample.metric === metric && sample.labels['db'] === db)?.value ?? 0,
    );
    expect(total(snapshot, 'pg_tps', { db })).toBeCloseTo((perSecond[0] ?? 0) + (perSecond[1] ?? 0), 6);
    const ratio = total(snapshot, 'pg_cache_hit_ratio', { db });
    expect(ratio > 0 && ratio <= 1).toBe(true);
  });

  test('a new database is no reset, though its statistics begin with the first scan of ours', async () => {
    const all = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'workload' });
    await all.snapshot();
    await server().sql('CREATE DATABASE newborn');
    for (let i = 0; i < 3; i++) {
      const snapshot = await all.snapshot();
      expect(snapshot.samples.filter(({ metric }) => metric === 'pgmon_counters_reset')).toEqual([]);
      // The statistics of the scan itself are written at its end.
      await server().until('SELECT 1 FROM pg_stat_database WHERE datname = $1 AND xact_commit > 0', ['newborn']);
    }
    await all.close();
    await server().sql('DROP DATABASE newborn');
  });

  test('databases: a reset in between is a reason, no rate and no peak', async () => {
    await loop.snapshot();
    const client = await server().open('worker', 'postgres', db);
    await client.query('SELECT pg_stat_reset()');
    await client.end();
    await server().until('SELECT 1 FROM pg_stat_database WHERE datname = $1 AND tup_inserted = 0', [db]);
    const snapshot = await loop.snapshot();
    expect(snapshot.noRates[seriesKey('pg_xact_commit_total', { db })]).toBe('reset');
    expect(snapshot.samples.some(({ metric, labels }) => metric === 'pg_tps' && labels['db'] === db)).toBe(false);
    expect(snapshot.rates.every(({ value }) => value >= 0)).toBe(true);
  });

  test('wal: as many bytes as the position in it moved', async () => {
    const position = async () =>
      Number(
        (await server().sql("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS bytes"))[0]?.['bytes'],
      );
    // What a session wrote is counted when it next ends a statement, at most once a second.
    const idle = async () => {
      await sleep(1_200);
      await server().sql('SELECT 1');
      await sleep(600);
    };
    await server().sql('CREATE TABLE IF NOT EXISTS written (t text)');
    await server().sql('CHECKPOINT');
    await idle();
    const [from, before] = [await position(), await loop.snapshot()];
    await server().sql('INSERT INTO written SELECT repeat(md5(i::text), 30) FROM generate_series(1, 3000) AS i');
    await idle();
    const [to, snapshot] = [await position(), await loop.snapshot()];
    const counted = total(snapshot, 'pg_wal_bytes_written_total') - total(before, 'pg_wal_bytes_written_total');
    expect(to - from).toBeGreaterThan(3_000_000);
    expect(counted / (to - from)).toBeGreaterThan(0.95);
    expect(counted / (to - from)).toBeLessThan(1.05);
    expect(rate(snapshot, 'pg_wal_bytes_written_total')).toBeGreaterThan(0);
  });

  test('checkpoints: the one that the test asked for', async () => {
    const before = await loop.snapshot();
    await server().sql('CHECKPOINT');
    const counted = async () =>
      total(await loop.snapshot(), 'pg_checkpoints_requested_total') - total(before, 'pg_checkpoints_requested_total');
    for (let i = 0; i < 50 && (await counted()) === 0; i++) await sleep(100);
    expect(await counted()).toBe(1);
  });

  test('archiver: a command that fails is failing', async () => {
    await server().sql('SELECT pg_switch_wal()');
    await server().until('SELECT 1 FROM pg_stat_archiver WHERE failed_count > 0');
    const snapshot = await loop.snapshot();
    expect(total(snapshot, 'pg_archiver_failing')).toBe(1);
    expect(total(snapshot, 'pg_archive_failures_total')).toBeGreaterThan(0);
    expect(() => total(snapshot, 'pg_last_archived_age_seconds')).toThrow('no sample');
  });

  test('wraparound: the ages that the server itself gives, template0 included', async () => {
    const truth = await server().sql(
      'SELECT datname::text AS db, age(datfrozenxid)::float8 AS tx, mxid_age(datminmxid)::float8 AS mxid FROM pg_database',
    );
    const snapshot = await hourly.snapshot();
    for (const { db: name, tx, mxid } of truth) {
      expect(total(snapshot, 'pg_wraparound_tx_age', { db: String(name) })).toBe(tx);
      expect(total(snapshot, 'pg_wraparound_mxid_age', { db: String(name) })).toBe(mxid);
    }
    expect(truth.map((row) => row['db'])).toContain('template0');
  });

  describe('on a streaming standby', () => {
    let standby: PostgresServer;
    beforeAll(async () => {
      await server().sql("ALTER SYSTEM SET archive_command = 'true'"); // else the backup would wait for its WAL
      await server().sql('SELECT pg_reload_conf()');
      standby = await startStandby(server());
    }, 60_000);
    afterAll(async () => {
      await standby?.stop('immediate');
      if (standby) rmSync(standby.dataDir, { recursive: true, force: true });
    });

    test('replication: the standby streams, its slot is in use, and a slot that nobody uses retains WAL', async () => {
      await server().until(
        "SELECT 1 FROM pg_stat_replication WHERE application_name = 'standby1' AND state = 'streaming'",
      );
      await server().sql("SELECT pg_create_physical_replication_slot('for_nobody', true)");
      await server().sql("INSERT INTO written SELECT repeat('x', 1000) FROM generate_series(1, 2000)");
      const snapshot = await loop.snapshot();
      expect(total(snapshot, 'pg_replication_streaming', { replica: 'standby1' })).toBe(1);
      const measured = async () =>
        (await loop.snapshot()).samples.find(
          ({ metric, labels }) => metric === 'pg_replication_lag_seconds' && labels['replica'] === 'standby1',
        )?.value;
      await expect.poll(measured, { timeout: 10_000 }).toBeLessThan(10);
      expect(total(snapshot, 'pg_replication_lag_bytes', { replica: 'standby1' })).toBeGreaterThanOrEqual(0);
      expect(total(snapshot, 'pg_replication_slot_active', { slot: 'standby1' })).toBe(1);
      expect(total(snapshot, 'pg_replication_slot_active', { slot: 'for_nobody' })).toBe(0);
      expect(total(snapshot, 'pg_replication_slot_retained_bytes', { slot: 'for_nobody' })).toBeGreaterThan(2_000_000);
      await server().sql("SELECT pg_drop_replication_slot('for_nobody')");
    });

    test('[A8] receivers of one name are two series, and what is not measured yet is not 0', async () => {
      const twins = await Promise.all(
        ['twin', 'twin'].map(async (application_name) => {
          const connection = { connectionString: server().postgres.dsn(), application_name, replication: 'true' };
          const client = new pg.Client(connection);
          client.on('error', () => {});
          await client.connect();
          await client.query('IDENTIFY_SYSTEM');
          return client;
        }),
      );
      const snapshot = await loop.snapshot();
      const of = (metric: string) =>
        snapshot.samples.filter((one) => one.metric === metric && one.labels['replica']?.startsWith('twin'));
      expect(unexpected(snapshot)).toEqual([]);
      expect(
        of('pg_replication_connected').map(({ labels, value }) => [labels['replica'], labels['client'], value]),
      ).toEqual(
        expect.arrayContaining([
          ['twin', '127.0.0.1', 1],
          ['twin #2', '127.0.0.1', 1],
        ]),
      );
      // Neither has reported what it has replayed.
      expect([...of('pg_replication_lag_seconds'), ...of('pg_replication_lag_bytes')]).toEqual([]);
      await Promise.all(twins.map((client) => client.end()));
    });

    test('[A8] a conflict after a silence on the primary lags since the conflict, not since the last commit', async () => {
      const there = new TestLoop(standby.dsn('pgmon'), { loop: 'workload' });
      const admin = await connect(standby.dsn());
      const positions = async () =>
        (
          await admin.query(
            'SELECT pg_last_wal_replay_lsn() = pg_last_wal_receive_lsn() AS equal, extract(epoch FROM now() - pg_last_xact_replay_timestamp())::float8 AS age',
          )
        ).rows[0];
      await server().sql("INSERT INTO written VALUES ('before the silence')");
      await expect.poll(async () => (await positions()).equal, { timeout: 10_000 }).toBe(true);
      await sleep(4_000); // the silence: nothing is committed on the primary
      await there.snapshot();
      await admin.query('SELECT pg_wal_replay_pause()');
      const began = Date.now();
      await server().sql("INSERT INTO written VALUES ('after it')");
      await expect.poll(async () => (await positions()).equal, { timeout: 10_000 }).toBe(false);
      await there.snapshot(); // the first pass that sees it wait
      await sleep(1_500);
      const lag = total(await there.snapshot(), 'pg_standby_replay_lag_seconds');
      const truth = (Date.now() - began) / 1_000;
      expect((await positions()).age).toBeGreaterThan(5.4); // what was said before
      expect(lag).toBeGreaterThanOrEqual(1.5);
      expect(lag).toBeLessThanOrEqual(truth);
      await admin.query('SELECT pg_wal_replay_resume()');
      await admin.end();
      await there.close();
    });

    test.runIf(major >= 17)('[A8] restart points are the checkpoints of a standby', async () => {
      const there = new TestLoop(standby.dsn('pgmon'), { loop: 'workload' });
      const admin = await connect(standby.dsn());
      await server().sql('CHECKPOINT');
      await server().sql("INSERT INTO written VALUES ('after the checkpoint')");
      const truth = async () =>
        (await admin.query('SELECT restartpoints_done::float8 AS n FROM pg_stat_checkpointer')).rows[0].n;
      await expect
        .poll(
          async () => {
            await admin.query('CHECKPOINT');
            return await truth();
          },
          { timeout: 15_000 },
        )
        .toBeGreaterThan(0);
      const snapshot = await there.snapshot();
      const said = total(snapshot, 'pg_checkpoints_done_total');
      expect(said).toBeGreaterThan(0);
      expect(said).toBe(await truth());
      // How often it looked whether one was due is not how many there were.
      expect(snapshot.samples.some(({ metric }) => metric === 'pg_checkpoints_timed_total')).toBe(false);
      await admin.end();
      await there.close();
    });

    test('standby: replay that is paused lags in bytes and seconds, and catches up to 0', async () => {
      const there = new TestLoop(standby.dsn('pgmon'), { loop: 'workload' });
      const admin = await connect(standby.dsn());
      // Before the first replayed commit there is no time to tell a lag from.
      await server().sql("INSERT INTO written VALUES ('first')");
      const replayed = async () =>
        (await admin.query('SELECT pg_last_xact_replay_timestamp() IS NOT NULL AS done')).rows[0].done;
      for (let i = 0; i < 100 && !(await replayed()); i++) await sleep(50);
      await admin.query('SELECT pg_wal_replay_pause()');
      await server().sql("INSERT INTO written SELECT repeat('y', 1000) FROM generate_series(1, 2000)");
      await there.snapshot(); // how long WAL has waited is known from the second pass on
      await sleep(1_200);
      const paused = await there.snapshot();
      expect(total(paused, 'pg_standby_replay_paused')).toBe(1);
      expect(total(paused, 'pg_standby_receiver_streaming')).toBe(1);
      expect(total(paused, 'pg_standby_replay_lag_bytes')).toBeGreaterThan(2_000_000);
      expect(total(paused, 'pg_standby_replay_lag_seconds')).toBeGreaterThan(1);
      expect(total(await loop.snapshot(), 'pg_replication_lag_bytes', { replica: 'standby1' })).toBeGreaterThan(
        2_000_000,
      );
      await admin.query('SELECT pg_wal_replay_resume()');
      await admin.end();
      let bytes = 1;
      for (let i = 0; i < 50 && bytes > 0; i++) {
        await sleep(100);
        bytes = total(await there.snapshot(), 'pg_standby_replay_lag_bytes');
      }
      const caughtUp = await there.snapshot();
      await there.close();
      expect([bytes, total(caughtUp, 'pg_standby_replay_lag_seconds')]).toEqual([0, 0]);
    });

    test.each(['workload', 'storage', 'hourly'] as const)('every %s collector answers there, too', async (name) => {
      const there = new TestLoop(standby.dsn('pgmon'), { loop: name });
      const snapshot = await there.snapshot();
      await there.close();
      expect(snapshot.server?.role).toBe('standby');
      expect(unexpected(snapshot)).toEqual([]);
    });
  });
});
