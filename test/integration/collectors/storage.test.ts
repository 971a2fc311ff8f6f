import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seriesKey } from '../../../src/metrics/sample.ts';
import { rowsOf, TestLoop, total, unexpected } from '../../support/pass.ts';
import { majors, useServer } from '../../support/test-server.ts';

/** As the server would quote them: a label names the relation as a statement would have to. */
const HURTING = ['"Sales ""Q1"""', '"a.b"', '"ünïcode täble"', `"${'X'.repeat(63)}"`, '"select"', 'plain'];

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);
  let loop: TestLoop;
  beforeAll(async () => {
    await server().sql('CREATE DATABASE "Other. db"');
    loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'storage' });
  });
  afterAll(() => loop?.close());

  const inPostgres = { db: 'postgres' };

  test('tables: the dead and live rows that the test made', async () => {
    const client = await server().open();
    await client.query('CREATE TABLE orders (id int PRIMARY KEY, state text) WITH (autovacuum_enabled = off)');
    await client.query("INSERT INTO orders SELECT i, 'new' FROM generate_series(1, 1000) AS i");
    await client.query("UPDATE orders SET state = 'old' WHERE id <= 250");
    await client.query('DELETE FROM orders WHERE id > 900');
    await client.end();
    await server().until("SELECT 1 FROM pg_stat_user_tables WHERE relname = 'orders' AND n_tup_del = 100");
    const snapshot = await loop.snapshot();
    const labels = { ...inPostgres, relation: 'public.orders' };
    expect(total(snapshot, 'pg_table_dead_tuples', labels)).toBe(350);
    expect(total(snapshot, 'pg_table_live_tuples', labels)).toBe(900);
    expect(total(snapshot, 'pg_table_pct_dead', labels)).toBeCloseTo(28, 6);
    expect(total(snapshot, 'pg_table_rows_updated_total', labels)).toBe(250);
    expect(total(snapshot, 'pg_table_rows_deleted_total', labels)).toBe(100);
  });

  test('vacuum: when the table was last vacuumed and analyzed, and how far it is from its threshold', async () => {
    const workload = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'workload' });
    const labels = { ...inPostgres, relation: 'public.orders' };
    const before = await workload.snapshot();
    expect(() => total(before, 'pg_table_last_vacuum_seconds', labels)).toThrow('no sample');
    expect(rowsOf(before, 'vacuum').find(({ relation }) => relation === 'public.orders')).toMatchObject({
      db: 'postgres',
      dead_tuples: 350,
      autovacuum_enabled: false,
    });
    expect(total(before, 'pg_dead_tuples', inPostgres)).toBeGreaterThanOrEqual(350);
    await server().sql('VACUUM ANALYZE orders');
    await server().until("SELECT 1 FROM pg_stat_user_tables WHERE relname = 'orders' AND n_dead_tup = 0");
    await sleep(1_100);
    const after = await workload.snapshot();
    await workload.close();
    for (const metric of ['pg_table_last_vacuum_seconds', 'pg_table_last_analyze_seconds']) {
      expect(total(after, metric, labels)).toBeGreaterThan(1);
      expect(total(after, metric, labels)).toBeLessThan(20);
    }
    // 50 rows and a fifth of the 900 that are left.
    expect(total(after, 'pg_table_vacuum_threshold', labels)).toBe(230);
    expect(() => total(after, 'pg_table_last_autovacuum_seconds', labels)).toThrow('no sample');
  });

  test.runIf(major >= 18)(
    '[A6] the vacuum threshold has the upper bound of 18, of the server and of the table',
    async () => {
      const workload = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'workload' });
      const names = ['bounded', 'own_bound', 'unbounded'] as const;
      const threshold = async () => {
        const snapshot = await workload.snapshot();
        return names.map((name) => total(snapshot, 'pg_table_vacuum_threshold', { relation: `public.${name}` }));
      };
      for (const name of names) await server().sql(`CREATE TABLE ${name} AS SELECT generate_series(1, 10000) AS i`);
      await server().sql('ALTER TABLE own_bound SET (autovacuum_vacuum_max_threshold = 700)');
      await server().sql('ALTER TABLE unbounded SET (autovacuum_vacuum_max_threshold = -1)');
      // Inserted rows make a vacuum due, too; here only dead ones shall.
      for (const name of names) await server().sql(`ALTER TABLE ${name} SET (autovacuum_vacuum_insert_threshold = -1)`);
      await server().sql('ANALYZE bounded, own_bound, unbounded');
      for (const name of names) await server().sql(`UPDATE ${name} SET i = 0 WHERE i <= 1000`);
      expect(await threshold()).toEqual([2_050, 700, 2_050]);
      await server().sql('ALTER SYSTEM SET autovacuum_vacuum_max_threshold = 100');
      await server().sql('SELECT pg_reload_conf()');
      await server().until("SELECT 1 WHERE current_setting('autovacuum_vacuum_max_threshold') = '100'");
      await expect.poll(threshold, { timeout: 10_000 }).toEqual([100, 700, 2_050]);
      // The truth: autovacuum itself comes for the table that 100 makes due, and not for the one without a bound.
      await server().sql('ALTER SYSTEM SET autovacuum_naptime = 1');
      await server().sql('ALTER SYSTEM SET autovacuum = on');
      await server().sql('SELECT pg_reload_conf()');
      await server().until(
        "SELECT 1 FROM pg_stat_user_tables WHERE relname IN ('bounded', 'own_bound') AND autovacuum_count > 0 HAVING count(*) = 2",
      );
      expect(
        await server().sql("SELECT autovacuum_count::int AS n FROM pg_stat_user_tables WHERE relname = 'unbounded'"),
      ).toEqual([{ n: 0 }]);
      await server().sql('ALTER SYSTEM RESET ALL');
      await server().sql('SELECT pg_reload_conf()');
      await server().sql('DROP TABLE bounded, own_bound, unbounded');
      await workload.close();
    },
  );

  test('sizes: those of the server, and the growth since', async () => {
    const size = async () =>
      (
        await server().sql(
          "SELECT pg_table_size('orders')::float8 AS t, pg_indexes_size('orders')::float8 AS i, pg_relation_size('orders_pkey')::float8 AS pk",
        )
      )[0] ?? {};
    const before = await size();
    const first = await loop.snapshot();
    const labels = { ...inPostgres, relation: 'public.orders' };
    expect(total(first, 'pg_relation_size_bytes', { ...labels, relkind: 'table' })).toBe(before['t']);
    expect(total(first, 'pg_relation_indexes_size_bytes', labels)).toBe(before['i']);
    expect(total(first, 'pg_index_size_bytes', { ...inPostgres, index: 'public.orders_pkey' })).toBe(before['pk']);
    await server().sql("INSERT INTO orders SELECT i, repeat('x', 500) FROM generate_series(2000, 4000) AS i");
    // A session that went idle reports its rows within ten seconds; one that was not counted yet is measured a pass later.
    await server().until("SELECT 1 FROM pg_stat_user_tables WHERE relname = 'orders' AND n_live_tup >= 2000");
    const after = await size();
    const second = await loop.snapshot();
    expect(total(second, 'pg_relation_growth_bytes', labels)).toBe(
      Number(after['t']) + Number(after['i']) - Number(before['t']) - Number(before['i']),
    );
    const truth = await server().sql("SELECT pg_database_size('postgres')::float8 AS size");
    expect(Math.abs(total(second, 'pg_database_size_bytes', inPostgres) - Number(truth[0]?.['size']))).toBeLessThan(
      1e6,
    );
    expect(total(second, 'pg_database_growth_bytes', inPostgres)).toBeGreaterThan(900_000);
  });

  test('indexes: a duplicate, an unused, an invalid one, and scans that are counted', async () => {
    await server().sql('CREATE TABLE twins (a int, b int)');
    await server().sql('INSERT INTO twins SELECT i / 2, i FROM generate_series(1, 1000) AS i');
    await server().sql('CREATE INDEX one ON twins (a, b)');
    await server().sql('CREATE INDEX "one again" ON twins (a, b)');
    await server().sql('CREATE INDEX "not the same" ON twins (a, b) WHERE b > 0');
    await server().sql('CREATE INDEX descending ON twins (a DESC, b)');
    await expect(server().sql('CREATE UNIQUE INDEX CONCURRENTLY broken ON twins (a)')).rejects.toThrow('unique');
    await server().sql('ANALYZE twins');
    const client = await server().open();
    await client.query('SET enable_seqscan = off');
    for (let i = 0; i < 4; i++) await client.query('SELECT * FROM orders WHERE id = 5');
    await client.end();
    await server().until("SELECT 1 FROM pg_stat_user_indexes WHERE indexrelname = 'orders_pkey' AND idx_scan >= 4");
    const snapshot = await loop.snapshot();
    expect(rowsOf(snapshot, 'duplicate_indexes')).toMatchObject([
      { index: 'public."one again"', same_as: 'public.one', relation: 'public.twins' },
    ]);
    expect(total(snapshot, 'pg_duplicate_indexes', inPostgres)).toBe(1);
    expect(rowsOf(snapshot, 'invalid_indexes')).toMatchObject([{ index: 'public.broken', relation: 'public.twins' }]);
    expect(total(snapshot, 'pg_invalid_indexes', inPostgres)).toBe(1);
    expect(total(snapshot, 'pg_invalid_indexes', { db: 'Other. db' })).toBe(0);
    expect(rowsOf(snapshot, 'unused_indexes').map(({ index }) => index)).toEqual(
      expect.arrayContaining(['public.one', 'public."one again"']),
    );
    const truth = await server().sql(
      "SELECT idx_scan::float8 AS n FROM pg_stat_user_indexes WHERE indexrelname = 'orders_pkey'",
    );
    expect(total(snapshot, 'pg_index_scans_total', { index: 'public.orders_pkey' })).toBe(truth[0]?.['n']);
    await sleep(1_000);
    const later = await loop.snapshot();
    expect(total(later, 'pg_index_unused_seconds', { index: 'public.one' })).toBeGreaterThan(0.9);
    expect(total(later, 'pg_index_unused_seconds', { index: 'public.one' })).toBeLessThan(30);
  });

  test('keys: a foreign key without an index, one whose index begins with its columns, a table without a key', async () => {
    await server().sql('CREATE TABLE parent (a int, b int, PRIMARY KEY (a, b))');
    await server().sql('CREATE TABLE child (id int PRIMARY KEY, x int, y int, FOREIGN KEY (x, y) REFERENCES parent)');
    await server().sql('CREATE TABLE good (id int PRIMARY KEY, x int, y int, FOREIGN KEY (x, y) REFERENCES parent)');
    await server().sql('CREATE INDEX ON good (y, x, id)');
    const snapshot = await loop.snapshot();
    expect(rowsOf(snapshot, 'foreign_keys')).toMatchObject([
      { relation: 'public.child', key_columns: ['x', 'y'], referenced: 'public.parent', db: 'postgres' },
    ]);
    expect(total(snapshot, 'pg_foreign_keys_without_index', inPostgres)).toBe(1);
    expect(rowsOf(snapshot, 'primary_keys').map(({ relation }) => relation)).toEqual(['public.twins']);
  });

  test('partitions: a hole, rows in the default one, and how far ahead they are made', async () => {
    await server().sql('CREATE TABLE measured (at timestamptz NOT NULL, v int) PARTITION BY RANGE (at)');
    const now = new Date();
    const month = (offset: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1));
    const add = (name: string, offset: number) =>
      server().sql(
        `CREATE TABLE ${name} PARTITION OF measured FOR VALUES FROM ('${month(offset).toISOString()}') TO ('${month(offset + 1).toISOString()}')`,
      );
    // This month, the next, and then one is missing.
    for (const [name, offset] of [
      ['m0', 0],
      ['m1', 1],
      ['m3', 3],
      ['before', -2],
      ['last', -1],
    ] as const)
      await add(name, offset);
    await server().sql('CREATE TABLE rest PARTITION OF measured DEFAULT');
    await server().sql('INSERT INTO measured SELECT $1, i FROM generate_series(1, 77) AS i', [month(2)]);
    await server().sql('CREATE TABLE numbered (id bigint) PARTITION BY RANGE (id)');
    await server().sql('CREATE TABLE n1 PARTITION OF numbered FOR VALUES FROM (MINVALUE) TO (1000)');
    await server().sql('CREATE TABLE n2 PARTITION OF numbered FOR VALUES FROM (1000) TO (2000)');
    await server().sql('CREATE TABLE archive (at date) PARTITION BY RANGE (at)');
    await server().sql("CREATE TABLE a1 PARTITION OF archive FOR VALUES FROM ('2019-01-01') TO ('2020-01-01')");
    await server().sql('ANALYZE rest');
    const snapshot = await loop.snapshot();
    const labels = { ...inPostgres, relation: 'public.measured' };
    expect(total(snapshot, 'pg_partitions', labels)).toBe(6);
    expect(total(snapshot, 'pg_partition_holes', labels)).toBe(1);
    expect(total(snapshot, 'pg_partition_default_rows', labels)).toBe(77);
    const ahead = (month(2).getTime() - Date.now()) / 1_000;
    expect(Math.abs(total(snapshot, 'pg_partition_ahead_seconds', labels) - ahead)).toBeLessThan(60);
    const oldest = (Date.now() - month(-2).getTime()) / 1_000;
    expect(Math.abs(total(snapshot, 'pg_partition_oldest_age_seconds', labels) - oldest)).toBeLessThan(60);
    expect(rowsOf(snapshot, 'partitions').find(({ parent }) => parent === 'public.measured')).toMatchObject({
      holes: [{ from: month(2).getTime() / 1_000, to: month(3).getTime() / 1_000 }],
      strategy: 'range',
    });
    expect(total(snapshot, 'pg_partition_holes', { relation: 'public.numbered' })).toBe(0);
    // Nobody makes the next partition of what ended years ago.
    const archive = { relation: 'public.archive' };
    expect(total(snapshot, 'pg_partitions', archive)).toBe(1);
    expect(() => total(snapshot, 'pg_partition_ahead_seconds', archive)).toThrow('no sample');
    expect(
      snapshot.samples.some(
        ({ metric, labels: l }) => metric === 'pg_partition_ahead_seconds' && l['relation'] === 'public.numbered',
      ),
    ).toBe(false);
  });

  test('names that hurt: each is its own series, in two schemas and two databases', async () => {
    const written = "SELECT tup_inserted::float8 AS n FROM pg_stat_database WHERE datname = 'Other. db'";
    const [before] = await server().sql(written);
    const other = await server().open('names', 'postgres', 'Other. db');
    await server().sql('CREATE SCHEMA "Sch. ema"');
    await other.query('CREATE SCHEMA "Sch. ema"');
    for (const name of HURTING) {
      for (const schema of ['public', '"Sch. ema"']) {
        for (const run of [(text: string) => server().sql(text), (text: string) => other.query(text)]) {
          await run(`CREATE TABLE ${schema}.${name} (id int PRIMARY KEY)`);
          await run(`INSERT INTO ${schema}.${name} VALUES (1)`);
        }
      }
    }
    await other.end();
    // Another database is scanned once the server has counted what was written in it.
    await server().until(`SELECT 1 FROM (${written}) AS w WHERE w.n > $1`, [before?.['n']]);
    const snapshot = await loop.snapshot();
    expect(unexpected(snapshot)).toEqual([]);
    for (const db of ['postgres', 'Other. db']) {
      for (const name of HURTING) {
        for (const schema of ['public', '"Sch. ema"']) {
          expect(total(snapshot, 'pg_relation_size_bytes', { db, relation: `${schema}.${name}` })).toBeGreaterThan(0);
        }
      }
    }
    const keys = snapshot.samples.map(({ metric, labels }) => seriesKey(metric, labels));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('tables that come and go during the pass disturb nothing', async () => {
    const client = await server().open();
    let going = true;
    const churn = (async () => {
      for (let i = 0; going; i++) {
        await client.query(`CREATE TABLE short_${i} AS SELECT generate_series(1, 5000) AS i`);
        await client.query(`CREATE INDEX ON short_${i} (i)`);
        await client.query(`DROP TABLE short_${i}`);
      }
    })();
    for (let i = 0; i < 30; i++) expect(unexpected(await loop.snapshot())).toEqual([]);
    going = false;
    await churn;
    await client.end();
  });

  test('one table under ACCESS EXCLUSIVE and another with an ALTER waiting: the rest is measured, these keep their size', async () => {
    await server().sql('CREATE TABLE held AS SELECT generate_series(1, 30000) AS i');
    await server().sql('CREATE TABLE wanted AS SELECT generate_series(1, 30000) AS i');
    await server().sql('CREATE INDEX wanted_i ON wanted (i)');
    await server().sql('VACUUM ANALYZE held, wanted');
    const hourly = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'hourly' });
    const workload = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'workload' });
    const before = await loop.snapshot();
    const [holder, reader, alterer] = [await server().open(), await server().open(), await server().open('alterer')];
    await holder.query('BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE');
    await reader.query('BEGIN; SELECT count(*) FROM wanted');
    alterer.query('ALTER TABLE wanted ADD COLUMN more int').catch(() => {});
    await server().until(
      "SELECT 1 FROM pg_stat_activity WHERE application_name = 'alterer' AND wait_event_type = 'Lock'",
    );
    for (const one of [loop, hourly, workload]) {
      const snapshot = await one.snapshot();
      expect(unexpected(snapshot)).toEqual([]);
      expect(snapshot.durationMs).toBeLessThan(2_000);
    }
    const snapshot = await loop.snapshot();
    for (const relation of ['public.held', 'public.wanted']) {
      const labels = { ...inPostgres, relation };
      expect(total(snapshot, 'pg_relation_size_bytes', labels)).toBe(total(before, 'pg_relation_size_bytes', labels));
      const at = (from: typeof before) =>
        Number(rowsOf(from, 'table_sizes').find((row) => row['relation'] === relation)?.['measured_at']);
      expect(at(snapshot)).toBe(at(before));
    }
    expect(total(snapshot, 'pg_relation_size_bytes', { ...inPostgres, relation: 'public.orders' })).toBeGreaterThan(0);
    await holder.end();
    await reader.end();
    await alterer.end();
    await hourly.close();
    await workload.close();
  });
});
