import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Loop } from '../../src/config/loop.ts';
import type { Event } from '../../src/events/event.ts';
import { startStandby } from '../support/standby.ts';
import { majors, TestServer } from '../support/test-server.ts';
import { Watching } from '../support/watching.ts';

describe.each(majors)('events of PostgreSQL %i', (major) => {
  let server: TestServer;
  const loops = new Map<Loop, Watching>();
  const of = (loop: Loop) => {
    const watching = loops.get(loop);
    if (!watching) throw new Error(loop);
    return watching;
  };
  beforeAll(async () => {
    server = await TestServer.start(major, {
      wal_level: 'logical',
      max_connections: '30',
      archive_mode: 'on',
      archive_command: 'true',
      checkpoint_timeout: '1h',
      'pg_stat_statements.max': '100',
    });
    await server.sql('CREATE TABLE filled (id int, note text)');
    await server.sql('CREATE TABLE parted (id int) PARTITION BY LIST (id)');
    await server.sql('CREATE TABLE p1 PARTITION OF parted FOR VALUES IN (1)');
    await server.sql("INSERT INTO filled SELECT g, 'note' FROM generate_series(1, 1000) AS g");
    for (const loop of ['hot', 'workload', 'storage', 'hourly'] as const) {
      loops.set(loop, new Watching(server.postgres.dsn('pgmon'), loop));
      await of(loop).events();
    }
  }, 120_000);
  afterAll(async () => {
    for (const { loop } of loops.values()) await loop.close();
    await server?.stop();
  });

  test('a setting, by its name, from, to and source; nothing of our own session; one that waits for a restart', async () => {
    await server.sql("ALTER SYSTEM SET log_min_duration_statement = '250ms'");
    await server.sql('ALTER SYSTEM SET max_connections = 33');
    await server.sql('SELECT pg_reload_conf()');
    await server.until("SELECT 1 FROM pg_settings WHERE name = 'max_connections' AND pending_restart");
    const found: Event[] = [];
    for (let i = 0; i < 100 && found.length < 2; i++) found.push(...(await of('hourly').events()));
    expect(found).toMatchObject([
      {
        kind: 'setting_changed',
        object: 'log_min_duration_statement',
        from: '-1',
        to: '250',
        by: 'configuration file',
      },
      { kind: 'setting_pending_restart', object: 'max_connections', from: '30' },
    ]);
    expect(await of('hourly').events()).toEqual([]);
  });

  test('partitions attached and detached by name, an invalid index, a table grown and shrunk by a jump', async () => {
    await server.sql('CREATE TABLE p2 PARTITION OF parted FOR VALUES IN (2)');
    await server.sql('ALTER TABLE parted DETACH PARTITION p1');
    await server.sql('INSERT INTO filled VALUES (1, NULL)');
    await server.sql('CREATE UNIQUE INDEX CONCURRENTLY doubled ON filled (id)').catch(() => {});
    // A row to a page: 270 MB in a second.
    await server.sql('ALTER TABLE filled ALTER note SET STORAGE PLAIN');
    await server.sql("INSERT INTO filled SELECT g, repeat('x', 7900) FROM generate_series(1, 35000) AS g");
    await server.sql('ANALYZE filled');
    const found = await of('storage').events();
    const one = (kind: string) => found.find((event) => event.kind === kind);
    expect(one('partition_attached')).toMatchObject({
      db: 'postgres',
      object: 'public.parted',
      text: 'public.parted got partition public.p2.',
    });
    expect(one('partition_detached')?.text).toContain('lost partition public.p1,');
    expect(one('index_invalid')).toMatchObject({ object: 'public.doubled', to: 'invalid' });
    expect(one('table_grown')).toMatchObject({
      object: 'public.filled',
      from: expect.stringMatching(/kB$/),
      to: expect.stringMatching(/MB$/),
    });
    await server.sql('TRUNCATE filled');
    expect(await of('storage').until('table_shrunk')).toMatchObject({ from: one('table_grown')?.to });
  });

  test('vacuum and analyze with what they achieved, and by whom', async () => {
    await server.sql(
      'CREATE TABLE dead WITH (autovacuum_enabled = off) AS SELECT g AS id FROM generate_series(1, 1000) AS g',
    );
    await server.sql('DELETE FROM dead WHERE id <= 400');
    const rows = "SELECT 1 FROM pg_stat_user_tables WHERE relname = 'dead' AND n_dead_tup = 400";
    await server.until(rows);
    await of('workload').events();
    await server.sql('VACUUM dead');
    const vacuumed = await of('workload').until('vacuum', 'public.dead');
    expect(vacuumed).toMatchObject({ severity: 'info', db: 'postgres', by: 'by hand' });
    // Before the first vacuum or analyze most majors know no size.
    expect(vacuumed.from).toMatch(/^400 dead rows( in 40 kB)?$/);
    expect(vacuumed.to).toMatch(/^0 dead rows in \d+ kB$/);
    await server.sql('ANALYZE dead');
    expect(await of('workload').until('analyze', 'public.dead')).toMatchObject({ by: 'by hand' });
  });

  test('databases and slots that come and go; archiving that fails and works again; a checkpoint', async () => {
    await server.sql("SELECT pg_create_physical_replication_slot('made', true)");
    const odd = `it's "new" #`;
    await server.sql(`CREATE DATABASE "it's ""new"" #"`);
    await server.sql(`ALTER SYSTEM SET archive_command = 'false'`);
    await server.sql('SELECT pg_reload_conf()');
    await server.sql('SELECT pg_switch_wal()');
    const workload = of('workload');
    expect(await workload.until('archiver_changed')).toMatchObject({
      severity: 'warning',
      from: 'working',
      to: 'failing',
      object: expect.stringMatching(/^[0-9A-F]{24}/),
    });
    // Each of the others was found by the passes meanwhile; what follows is found next.
    await server.sql(`ALTER SYSTEM SET archive_command = 'true'`);
    await server.sql('SELECT pg_reload_conf()');
    expect(await workload.until('archiver_changed')).toMatchObject({ from: 'failing', to: 'working' });
    await server.sql("SELECT pg_drop_replication_slot('made')");
    expect(await workload.until('slot_dropped', 'made')).toMatchObject({ from: 'physical' });
    await server.sql("SELECT pg_create_logical_replication_slot('again', 'test_decoding')");
    expect(await workload.until('slot_created', 'again')).toMatchObject({ db: 'postgres', to: 'logical' });
    await server.sql("SELECT pg_drop_replication_slot('again')");
    await server.sql(`DROP DATABASE "it's ""new"" #"`);
    expect(await workload.until('database_dropped')).toMatchObject({ db: odd, object: odd });
    await server.sql('CREATE DATABASE plain');
    expect(await workload.until('database_created')).toMatchObject({ object: 'plain' });
    await server.sql('CREATE TABLE written AS SELECT generate_series(1, 10000)');
    await workload.events();
    await server.sql('CHECKPOINT');
    expect(await workload.until('checkpoint')).toMatchObject({ object: 'requested', severity: 'info' });
  });

  test('statistics that are reset; statements that are reset and evicted', async () => {
    const workload = of('workload');
    await workload.events();
    await server.sql('SELECT pg_stat_reset()');
    expect(await workload.until('statistics_reset', 'pg_stat_database')).toMatchObject({
      db: 'postgres',
      to: expect.any(String),
    });
    await server.sql("SELECT pg_stat_reset_shared('bgwriter')");
    if (major >= 17) await server.sql("SELECT pg_stat_reset_shared('checkpointer')");
    await workload.until('statistics_reset', 'pg_stat_bgwriter');
    if (major < 14) return;
    await server.sql('SELECT pg_stat_statements_reset()');
    expect(await workload.until('statements_reset')).toMatchObject({
      from: expect.any(String),
      to: expect.any(String),
    });
    for (let i = 0; i < 150; i++) await server.sql(`SELECT ${'1 + '.repeat(i)}1`);
    expect(await workload.until('statements_evicted')).toMatchObject({
      from: '0',
      to: expect.stringMatching(/^[1-9]/),
    });
  });

  test('all connections in use, once', async () => {
    const hot = of('hot');
    await hot.events();
    const clients = [];
    for (let i = 0; i < 30; i++) {
      const client = await server.open('crowd').catch(() => undefined);
      if (!client) break;
      clients.push(client);
    }
    expect(await hot.events()).toMatchObject([{ kind: 'connection_limit_reached', severity: 'warning' }]);
    expect(await hot.events()).toEqual([]);
    await Promise.all(clients.map((client) => client.end()));
  });

  test('a replica that comes and goes; failover, restart, down and up again with the reason', async () => {
    await server.sql('CREATE ROLE repl LOGIN REPLICATION');
    const standby = await startStandby(server);
    const workload = of('workload');
    expect(await workload.until('replica_connected')).toMatchObject({
      object: expect.any(String),
      to: expect.stringContaining('127.0.0.1'),
    });
    const promoted = new Watching(standby.dsn('pgmon'), 'hot');
    await promoted.events();
    const client = new pg.Client({ connectionString: standby.dsn() });
    await client.connect();
    await client.query('SELECT pg_promote()');
    await client.end();
    expect(await promoted.until('role_changed')).toMatchObject({ from: 'standby', to: 'primary', severity: 'warning' });
    await promoted.loop.close();
    await standby.stop();
    expect(await workload.until('replica_gone')).toMatchObject({ severity: 'warning' });
    const hot = of('hot');
    await hot.events();
    await server.stopClients();
    await server.postgres.kill();
    const down = await hot.events();
    expect(down).toMatchObject([{ kind: 'target_down', from: 'up', severity: 'warning' }]);
    expect(await hot.events()).toEqual([]);
    await server.postgres.start();
    const back = await hot.events();
    expect(back.map(({ kind }) => kind).toSorted()).toEqual(['restart', 'target_up']);
    expect(back.find(({ kind }) => kind === 'target_up')).toMatchObject({ from: down[0]?.to, to: 'up' });
    const [{ started } = { started: 0 }] = await server.sql(
      'SELECT extract(epoch FROM pg_postmaster_start_time())::float8 AS started',
    );
    const restart = back.find(({ kind }) => kind === 'restart');
    expect(Math.abs(Date.parse(restart?.at ?? '') / 1_000 - Number(started))).toBeLessThan(1);
  });
});
