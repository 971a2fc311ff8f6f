import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Loop } from '../../src/config/loop.ts';
import { eventsOf } from '../../src/events/compare.ts';
import type { Event } from '../../src/events/event.ts';
import { eventKinds } from '../../src/events/kinds/index.ts';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { TestLoop } from '../support/pass.ts';
import { majors, useServer } from '../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  // From 18 extensions may lie beside those of the server: only there a new version can be offered without its packages.
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-extensions-'));
  chmodSync(folder, 0o755);
  const server = useServer(major, {
    wal_level: 'logical',
    ...(major >= 18 ? { extension_control_path: `$system:${folder}` } : {}),
  });
  let loop: TestLoop;
  let previous: Snapshot;
  beforeAll(async () => {
    await server().sql('CREATE TABLE orders (id int PRIMARY KEY, n int)');
    loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'storage' });
    previous = await loop.snapshot();
  });
  afterAll(async () => {
    await loop?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  let marks = 0;
  const said = ({ kind, object, from, to, db, count }: Event) =>
    [kind, db, object, from, to, count].filter((part) => part !== undefined).join(' | ');

  /** The events of the next pass, after these statements. */
  const eventsAfter = async (...statements: string[]): Promise<string[]> => {
    for (const statement of statements) await server().sql(statement);
    if (major >= 15) await server().sql('SELECT pg_stat_force_next_flush()');
    else await server().sql(`CREATE TEMPORARY TABLE mark_${marks++} (id int)`);
    return (await nextEvents(loop, 'storage')).map(said).sort();
  };
  const nextEvents = async (one: TestLoop, name: Loop): Promise<Event[]> => {
    const current = await one.snapshot();
    const faults: unknown[] = [];
    const comparison = { last: previous, previous, current, now: new Date() };
    const own = eventKinds.filter(({ loop: of }) => of === name);
    const events = eventsOf(own, comparison, (_, error) => faults.push(error));
    expect(faults).toEqual([]);
    previous = current;
    return events;
  };

  test('tables, views and indexes: created, renamed and dropped', async () => {
    expect(await eventsAfter()).toEqual([]);
    expect(
      await eventsAfter(
        'CREATE TABLE "a.b""c" (id int PRIMARY KEY)',
        'CREATE VIEW seen AS SELECT 1 AS one',
        'CREATE INDEX orders_n ON orders (n)',
        'CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one',
      ),
    ).toEqual([
      'index_created | postgres | public.orders_n | public.orders',
      'relation_created | postgres | public."a.b""c" | table',
      'relation_created | postgres | public.kept | materialized view',
      'relation_created | postgres | public.seen | view',
    ]);
    expect(await eventsAfter('ALTER TABLE "a.b""c" RENAME TO plain', 'REINDEX INDEX CONCURRENTLY orders_n')).toEqual([
      'index_rebuilt | postgres | public.orders_n',
      'relation_renamed | postgres | public.plain | public."a.b""c" | public.plain',
    ]);
    expect(await eventsAfter('DROP TABLE plain', 'CREATE TABLE plain (id int)', 'VACUUM FULL orders')).toEqual([
      'relation_replaced | postgres | public.plain',
    ]);
    expect(await eventsAfter('DROP TABLE plain', 'DROP VIEW seen', 'DROP INDEX orders_n')).toEqual([
      'index_dropped | postgres | public.orders_n | public.orders',
      'relation_dropped | postgres | public.plain | table',
      'relation_dropped | postgres | public.seen | view',
    ]);
    expect(await eventsAfter('CREATE TEMPORARY TABLE t (id int)', 'DROP TABLE t', 'REINDEX TABLE orders')).toEqual([]);
  });

  test('a migration of 500 tables is one event with the first ten names', async () => {
    const make = `DO $$ BEGIN FOR i IN 1..500 LOOP EXECUTE format('CREATE TABLE made_%s (id int PRIMARY KEY)', i); END LOOP; END $$`;
    expect(await eventsAfter(make)).toEqual(['relation_created | postgres | 500']);
    const drop = `DO $$ BEGIN FOR i IN 1..500 LOOP EXECUTE format('DROP TABLE made_%s', i); END LOOP; END $$`;
    await server().sql(drop);
    if (major >= 15) await server().sql('SELECT pg_stat_force_next_flush()');
    else await server().sql(`CREATE TEMPORARY TABLE mark_${marks++} (id int)`);
    const [dropped, ...others] = await nextEvents(loop, 'storage');
    expect(others).toEqual([]);
    expect(dropped).toMatchObject({ kind: 'relation_dropped', severity: 'warning', count: 500 });
    expect(dropped?.text).toMatch(
      /^500 tables or views were dropped: (public\.made_\d+, ){9}public\.made_\d+ and 490 more$/,
    );
  });

  test('what was found in another database is not found again while it keeps the values of that scan', async () => {
    // A clock that never stands still between two looks at it, as on a machine with much to do.
    let time = Date.now();
    const ticking = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'storage', now: () => new Date(time++) });
    try {
      await server().sql('CREATE DATABASE second');
      const first = previous;
      previous = await ticking.snapshot();
      const owner = await server().open('migration', 'postgres', 'second');
      await owner.query(
        `DO $$ BEGIN FOR i IN 1..40 LOOP EXECUTE format('CREATE TABLE mig_%s (id int)', i); END LOOP; END $$`,
      );
      await owner.end();
      const created: (string | undefined)[] = [];
      let isCarried = false;
      for (let i = 0; i < 50 && !(created.length > 0 && isCarried); i++) {
        const events = await nextEvents(ticking, 'storage');
        created.push(...events.filter(({ kind }) => kind === 'relation_created').map(said));
        isCarried = previous.outcomes.some(
          ({ collector, readAt }) => collector === 'relations' && readAt !== undefined,
        );
        if (created.length === 0) await sleep(100);
      }
      expect(isCarried).toBe(true);
      expect(created).toEqual(['relation_created | second | 40']);
      previous = first;
    } finally {
      await ticking.close();
    }
  });

  test('an index that a failed build leaves invalid', async () => {
    await server().sql('INSERT INTO orders VALUES (1, 1), (2, 1)');
    await server()
      .sql('CREATE UNIQUE INDEX CONCURRENTLY twice ON orders (n)')
      .catch(() => {});
    expect(await eventsAfter()).toEqual([
      'index_created | postgres | public.twice | public.orders',
      'index_invalid | postgres | public.twice | valid or absent | invalid',
    ]);
    expect(await eventsAfter('DROP INDEX twice')).toEqual(['index_dropped | postgres | public.twice | public.orders']);
  });

  test('extensions and publications', async () => {
    expect(await eventsAfter("CREATE EXTENSION hstore VERSION '1.4'", 'CREATE PUBLICATION p')).toEqual([
      'extension_changed | postgres | hstore | 1.4',
      'publication_changed | postgres | p | created',
    ]);
    const [updated] = await eventsAfter('ALTER EXTENSION hstore UPDATE');
    expect(updated).toMatch(/^extension_changed \| postgres \| hstore \| 1\.4 \| 1\.[5-9]$/);
    expect(await eventsAfter('DROP EXTENSION hstore', 'DROP PUBLICATION p')).toEqual([
      expect.stringMatching(/^extension_changed \| postgres \| hstore \| 1\.[5-9]$/),
      'publication_changed | postgres | p | dropped',
    ]);
  });

  test('roles: superuser and other rights gained and lost', async () => {
    expect(await eventsAfter('CREATE ROLE plain LOGIN', 'CREATE ROLE "bo""ss" SUPERUSER')).toEqual([
      'superuser_gained | bo"ss | none | superuser',
    ]);
    expect(await eventsAfter('ALTER ROLE plain CREATEROLE', 'GRANT pg_execute_server_program TO plain')).toEqual([
      'role_rights_changed | plain | none | createrole, pg_execute_server_program',
    ]);
    expect(await eventsAfter('ALTER ROLE "bo""ss" NOSUPERUSER', 'DROP ROLE plain')).toEqual([
      'role_rights_changed | plain | createrole, pg_execute_server_program | none',
      'superuser_lost | bo"ss | superuser | none',
    ]);
  });

  test.skipIf(major < 18)('an update of an extension that the packages of the server offer', async () => {
    mkdirSync(join(folder, 'extension'), { recursive: true, mode: 0o755 });
    const offer = (version: string, script: string) => {
      writeFileSync(join(folder, 'extension', 'shop.control'), `default_version = '${version}'\nrelocatable = true\n`);
      writeFileSync(join(folder, 'extension', `shop--${script}.sql`), 'SELECT 1;');
    };
    offer('1.0', '1.0');
    expect(await eventsAfter('CREATE EXTENSION shop')).toEqual(['extension_changed | postgres | shop | 1.0']);
    offer('1.1', '1.0--1.1');
    expect(await eventsAfter()).toEqual([]);
    // Files are read again once a day, and when there is another extension.
    expect(await eventsAfter('CREATE EXTENSION btree_gin')).toEqual([
      expect.stringMatching(/^extension_changed \| postgres \| btree_gin \| 1/),
      'extension_update_offered | postgres | shop | 1.0 | 1.1',
    ]);
    expect(await eventsAfter('ALTER EXTENSION shop UPDATE', 'DROP EXTENSION btree_gin')).toEqual([
      expect.stringMatching(/^extension_changed \| postgres \| btree_gin \| 1/),
      'extension_changed | postgres | shop | 1.0 | 1.1',
    ]);
  });

  test('settings of roles and databases: set, changed and reset; names with quotes, and never a secret', async () => {
    const odd = `"it's a ""role"""`;
    const database = '"it\'s a ""db"", too"';
    await server().sql(`CREATE ROLE ${odd} LOGIN`);
    await server().sql(`CREATE DATABASE ${database}`);
    await eventsAfter();
    expect(
      await eventsAfter(
        `ALTER ROLE ${odd} SET work_mem = '64MB'`,
        `ALTER ROLE ${odd} IN DATABASE ${database} SET search_path = "a=b", public`,
        `ALTER DATABASE ${database} SET statement_timeout = '5s'`,
        `ALTER DATABASE ${database} SET application_name = ''`,
        `ALTER DATABASE ${database} SET "app.settings.key" = 's3cret'`,
        `ALTER ROLE ${odd} SET "pgaudit.log_token" = 's3cret'`,
        `ALTER DATABASE ${database} SET "cronjob.target" = 's3cret'`,
        `ALTER ROLE ${odd} SET application_name = 'postgres://u:s3cret@db/shop'`,
        // Of everybody: a change of the setting itself, which the hourly loop finds.
        "ALTER ROLE ALL SET lock_timeout = '9s'",
      ),
    ).toEqual([
      `database_setting_changed | it's a "db", too | app.settings.key | not set | hidden`,
      `database_setting_changed | it's a "db", too | application_name | not set | ''`,
      `database_setting_changed | it's a "db", too | cronjob.target | not set | hidden`,
      `database_setting_changed | it's a "db", too | statement_timeout | not set | 5s`,
      `role_setting_changed | it's a "db", too | it's a "role" | search_path: not set | search_path: "a=b", public`,
      `role_setting_changed | it's a "role" | application_name: not set | application_name: hidden`,
      `role_setting_changed | it's a "role" | pgaudit.log_token: not set | pgaudit.log_token: hidden`,
      `role_setting_changed | it's a "role" | work_mem: not set | work_mem: 64MB`,
    ]);
    expect(JSON.stringify(previous)).not.toContain('s3cret');
    expect(
      await eventsAfter(
        `ALTER ROLE ${odd} SET work_mem = '1GB'`,
        `ALTER DATABASE ${database} RESET statement_timeout`,
        // Of what is not read nobody sees that it is another.
        `ALTER DATABASE ${database} SET "app.settings.key" = 's3cret, too'`,
      ),
    ).toEqual([
      `database_setting_changed | it's a "db", too | statement_timeout | 5s | not set`,
      `role_setting_changed | it's a "role" | work_mem: 64MB | work_mem: 1GB`,
    ]);
    await server().sql('ALTER ROLE ALL RESET lock_timeout');
    await server().sql(`ALTER DATABASE ${database} RESET ALL`);
    await server().sql(`DROP OWNED BY ${odd}`);
    expect(await eventsAfter(`DROP DATABASE ${database}`, `DROP ROLE ${odd}`)).toEqual([
      `database_setting_changed | it's a "db", too | app.settings.key | hidden | not set`,
      `database_setting_changed | it's a "db", too | application_name | '' | not set`,
      `database_setting_changed | it's a "db", too | cronjob.target | hidden | not set`,
      `role_setting_changed | it's a "db", too | it's a "role" | search_path: "a=b", public | search_path: not set`,
      `role_setting_changed | it's a "role" | application_name: hidden | application_name: not set`,
      `role_setting_changed | it's a "role" | pgaudit.log_token: hidden | pgaudit.log_token: not set`,
      `role_setting_changed | it's a "role" | work_mem: 1GB | work_mem: not set`,
    ]);
  });

  test('a storm of 1,000 ALTER ROLE … SET is one event of each kind and database', async () => {
    await server().sql(
      `DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('CREATE ROLE r%s; ALTER ROLE r%s SET work_mem = %L', i, i, i || 'MB'); END LOOP; END $$`,
    );
    const found = await eventsAfter('ALTER DATABASE postgres SET jit = off');
    expect(found).toEqual(['database_setting_changed | postgres | jit | not set | off', 'role_setting_changed | 1000']);
    await server().sql(`DO $$ BEGIN FOR i IN 1..1000 LOOP EXECUTE format('DROP ROLE r%s', i); END LOOP; END $$`);
    expect(await eventsAfter('ALTER DATABASE postgres RESET ALL')).toEqual([
      'database_setting_changed | postgres | jit | off | not set',
      'role_setting_changed | 1000',
    ]);
  });
});
