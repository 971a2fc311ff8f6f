import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsOf, TestLoop, total } from '../../support/pass.ts';
import { majors, useServer } from '../../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major, {
    wal_level: 'logical',
    max_prepared_transactions: '5',
    primary_conninfo: 'host=nowhere password=s3cret-conninfo',
  });
  let loop: TestLoop;
  let workload: TestLoop;
  beforeAll(() => {
    const databases = '{ include: [postgres] }';
    loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'hourly', databases });
    workload = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'workload', databases });
  });
  afterAll(async () => {
    await loop?.close();
    await workload?.close();
  });

  test('sequences: one at 91 % of its column, once it is readable; before, it is not 0 but not known', async () => {
    await server().sql('CREATE TABLE tickets (id serial PRIMARY KEY, small smallserial, big bigserial)');
    await server().sql("SELECT setval('tickets_id_seq', $1)", [Math.round(2_147_483_647 * 0.91)]);
    await server().sql('CREATE SEQUENCE falling INCREMENT -1 MINVALUE -1000 MAXVALUE -1 START -1');
    await server().sql("SELECT setval('falling', -250)");
    await server().sql('CREATE SEQUENCE round_and_round MAXVALUE 10 CYCLE');
    const limited = await loop.snapshot();
    expect(limited.samples.some(({ metric }) => metric === 'pg_sequence_used_ratio')).toBe(false);
    expect(total(limited, 'pg_sequences_unreadable')).toBe(4); // the one that cycles has no end
    expect(limited.outcomes.find(({ collector }) => collector === 'sequences')).toMatchObject({
      status: 'ok',
      reason: '4 of 4 sequences are unreadable: nothing warns before they run out',
      hint: expect.stringContaining('GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO pgmon;'),
    });
    await server().sql('GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO pgmon');
    const snapshot = await loop.snapshot();
    expect(total(snapshot, 'pg_sequence_used_ratio', { sequence: 'public.tickets_id_seq' })).toBeCloseTo(0.91, 6);
    expect(total(snapshot, 'pg_sequence_used_ratio', { sequence: 'public.falling' })).toBeCloseTo(0.25, 3);
    expect(total(snapshot, 'pg_sequence_used_ratio', { sequence: 'public.tickets_big_seq' })).toBeLessThan(1e-9);
    expect(total(snapshot, 'pg_sequences_unreadable')).toBe(0);
    expect(rowsOf(snapshot, 'sequences').map(({ sequence }) => sequence)).not.toContain('public.round_and_round');
  });

  test('bloat: the estimate where statistics are readable, the measurement where pgstattuple is', async () => {
    await server().sql('CREATE TABLE loose (id int, t text, n bigint) WITH (autovacuum_enabled = off)');
    await server().sql("INSERT INTO loose SELECT i, repeat('x', 60 + i % 40), i FROM generate_series(1, 20000) AS i");
    await server().sql('DELETE FROM loose WHERE id % 2 = 0');
    await server().sql('VACUUM ANALYZE loose');
    const limited = await loop.snapshot();
    expect(limited.samples.some(({ metric }) => metric === 'pg_table_bloat_bytes')).toBe(false);
    expect(limited.outcomes.find(({ collector }) => collector === 'bloat')).toMatchObject({
      reason: expect.stringContaining('unreadable'),
    });
    expect(limited.outcomes.find(({ collector }) => collector === 'bloat_measured')).toMatchObject({
      status: 'skipped',
      expected: true,
    });
    await server().sql('GRANT SELECT ON loose TO pgmon');
    await server().sql('CREATE EXTENSION pgstattuple');
    const fresh = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'hourly' });
    const snapshot = await fresh.snapshot();
    await fresh.close();
    const size = Number((await server().sql("SELECT pg_relation_size('loose')::float8 AS s"))[0]?.['s']);
    for (const method of ['estimated', 'measured']) {
      const bytes = total(snapshot, 'pg_table_bloat_bytes', { relation: 'public.loose', method });
      // Half of the rows went.
      expect(bytes / size).toBeGreaterThan(0.4);
      expect(bytes / size).toBeLessThan(0.6);
    }
  });

  test('wraparound: the tables that are oldest, as the server itself counts', async () => {
    const truth = await server().sql(
      "SELECT greatest(age(c.relfrozenxid), coalesce(age(t.relfrozenxid), 0))::float8 AS tx FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid WHERE c.relkind IN ('r', 'm') ORDER BY 1 DESC LIMIT 1",
    );
    const snapshot = await loop.snapshot();
    const ages = snapshot.samples.flatMap(({ metric, value }) => (metric === 'pg_table_tx_age' ? [value] : []));
    expect(ages).toHaveLength(20);
    expect(Math.max(...ages)).toBe(truth[0]?.['tx']);
    expect(total(snapshot, 'pg_wraparound_tx_age', { db: 'postgres' })).toBeGreaterThanOrEqual(Math.max(...ages));
  });

  test('stale statistics: a table that changed and was never analyzed', async () => {
    const client = await server().open();
    await client.query('CREATE TABLE stale (i int) WITH (autovacuum_enabled = off)');
    await client.query('INSERT INTO stale SELECT generate_series(1, 5000)');
    await client.query('CREATE TABLE known (i int) WITH (autovacuum_enabled = off)');
    await client.query('INSERT INTO known SELECT generate_series(1, 5000)');
    await client.query('ANALYZE known');
    await client.query('UPDATE known SET i = 0');
    await client.end();
    await server().until("SELECT 1 FROM pg_stat_user_tables WHERE relname = 'known' AND n_tup_upd = 5000");
    const snapshot = await loop.snapshot();
    expect(rowsOf(snapshot, 'stale_statistics').map(({ relation }) => relation)).toContain('public.stale');
    // Changed as much, but analyzed within 12 hours.
    expect(rowsOf(snapshot, 'stale_statistics').map(({ relation }) => relation)).not.toContain('public.known');
    expect(total(snapshot, 'pg_table_stale_rows', { relation: 'public.stale' })).toBe(5_000);
  });

  test('settings: one that waits for a restart, and no secret among them', async () => {
    await server().sql('ALTER SYSTEM SET max_connections = 123');
    await server().sql('SELECT pg_reload_conf()');
    await server().until("SELECT 1 FROM pg_settings WHERE name = 'max_connections' AND pending_restart");
    const snapshot = await loop.snapshot();
    expect(total(snapshot, 'pg_settings_pending_restart')).toBe(1);
    const rows = rowsOf(snapshot, 'settings');
    expect(rows.find(({ name }) => name === 'max_connections')).toMatchObject({
      setting: '100',
      pending_restart: true,
    });
    expect(rows.find(({ name }) => name === 'primary_conninfo')).toMatchObject({ setting: null });
    expect(JSON.stringify(snapshot)).not.toContain('s3cret');
  });

  test('xmin horizon: a session, a slot and a prepared transaction, each with its age', async () => {
    await server().sql("SELECT pg_create_logical_replication_slot('kept', 'pgoutput')");
    const holder = await server().open('horizon-holder');
    await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await holder.query('SELECT 1');
    const preparer = await server().open();
    await preparer.query("BEGIN; INSERT INTO stale VALUES (0); PREPARE TRANSACTION 'left behind'");
    await server()
      .sql("SELECT pg_create_logical_replication_slot('kept', 'test_decoding')")
      .catch(() => {});
    for (let i = 0; i < 50; i++) await server().sql('INSERT INTO stale VALUES (1)');
    const snapshot = await workload.snapshot();
    for (const holderKind of ['backend', 'prepared transaction', 'slot']) {
      expect(total(snapshot, 'pg_xmin_horizon_age', { holder: holderKind })).toBeGreaterThanOrEqual(50);
      expect(total(snapshot, 'pg_xmin_horizon_age', { holder: holderKind })).toBeLessThan(60);
    }
    expect(rowsOf(snapshot, 'xmin_horizon')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ holder: 'backend', detail: 'horizon-holder', held_in: 'postgres' }),
        expect.objectContaining({ holder: 'prepared transaction', name: 'left behind' }),
      ]),
    );
    await server().sql("ROLLBACK PREPARED 'left behind'");
    await server().sql("SELECT pg_drop_replication_slot('kept')");
    await holder.query('COMMIT');
    const free = await workload.snapshot();
    for (const gone of ['prepared transaction', 'slot']) {
      expect(total(free, 'pg_xmin_horizon_age', { holder: gone })).toBe(0);
    }
    await holder.end();
    await preparer.end();
  });

  test.runIf(major >= 16)('I/O: what a client made a table longer by', async () => {
    const extended = async () =>
      (await workload.snapshot()).samples
        .filter(
          ({ metric, labels }) =>
            metric === 'pg_io_extend_bytes_total' &&
            labels['backend_type'] === 'client backend' &&
            labels['object'] === 'relation',
        )
        .reduce((sum, { value }) => sum + value, 0);
    const before = await extended();
    const client = await server().open();
    await client.query("CREATE TABLE longer AS SELECT repeat('x', 1000) AS t FROM generate_series(1, 4000)");
    const size = Number((await client.query("SELECT pg_relation_size('longer')::float8 AS s")).rows[0].s);
    await client.end();
    await server().until("SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'test')");
    let grown = 0;
    for (let i = 0; i < 20 && grown < size; i++) grown = (await extended()) - before;
    expect(grown).toBeGreaterThanOrEqual(size);
    expect(grown).toBeLessThan(size * 1.5 + 500_000);
  });

  test('subscriptions: one that runs, and the same when it is disabled', async () => {
    await server().sql('CREATE DATABASE publisher');
    const publisher = await server().open('publisher', 'postgres', 'publisher');
    await publisher.query('CREATE TABLE sent (i int PRIMARY KEY)');
    await publisher.query('CREATE PUBLICATION all_of_it FOR ALL TABLES');
    await publisher.query("SELECT pg_create_logical_replication_slot('received', 'pgoutput')");
    await server().sql('CREATE TABLE sent (i int PRIMARY KEY)');
    const { port } = server().postgres;
    await server().sql(
      `CREATE SUBSCRIPTION received CONNECTION 'host=127.0.0.1 port=${port} user=postgres dbname=publisher' PUBLICATION all_of_it WITH (create_slot = false, slot_name = 'received')`,
    );
    await server().until(
      'SELECT 1 FROM pg_stat_subscription WHERE pid IS NOT NULL AND relid IS NULL AND last_msg_receipt_time IS NOT NULL',
    );
    // The worker is there before it has its slot, and the first copy of the table ends a while later.
    await server().until("SELECT 1 FROM pg_replication_slots WHERE slot_name = 'received' AND active");
    const running = await workload.snapshot();
    expect(total(running, 'pg_subscription_running', { subscription: 'received' })).toBe(1);
    expect(total(running, 'pg_subscription_silence_seconds', { subscription: 'received' })).toBeLessThan(60);
    expect(total(running, 'pg_replication_slot_active', { slot: 'received' })).toBe(1);
    await server().sql('ALTER SUBSCRIPTION received DISABLE');
    await server().until('SELECT 1 FROM pg_stat_subscription WHERE pid IS NULL');
    expect(total(await workload.snapshot(), 'pg_subscription_running', { subscription: 'received' })).toBe(0);
    await server().sql('ALTER SUBSCRIPTION received SET (slot_name = NONE)');
    await server().sql('DROP SUBSCRIPTION received');
    await publisher.end();
  });
});
