import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Inspections } from '../../../src/postgres/inspections.ts';
import { rowsOf, TestLoop } from '../../support/pass.ts';
import { majors, useServer } from '../../support/test-server.ts';

/** What pgmon sets for its own session, and what a connection or a transaction has of its own. */
const OURS = [
  'work_mem',
  'jit',
  'search_path',
  'statement_timeout',
  'lock_timeout',
  'default_transaction_read_only',
  'max_parallel_workers_per_gather',
  'TimeZone',
  'extra_float_digits',
];

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major, {
    statement_timeout: '77s',
    work_mem: '6MB',
    log_line_prefix: 'postgres://u:s3cret@db/shop ',
  });
  let loop: TestLoop;
  beforeAll(() => {
    loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'hourly', databases: '{ include: [postgres] }' });
  });
  afterAll(() => loop?.close());

  test("[E8] settings are those that another session gets, not those of pgmon's own", async () => {
    await server().sql('CREATE ROLE other LOGIN; GRANT pg_monitor TO other');
    const other = await server().open('somebody', 'other');
    const { rows } = await other.query('SELECT name, setting FROM pg_settings');
    await other.end();
    const truth = new Map(rows.map(({ name, setting }) => [name, setting]));
    const found = new Map(rowsOf(await loop.snapshot(), 'settings').map((row) => [row['name'], row]));
    expect(found.size).toBe(truth.size);
    for (const name of OURS) {
      expect([name, found.get(name)?.['setting'], found.get(name)?.['scope']]).toEqual([
        name,
        truth.get(name),
        'server',
      ]);
    }
    expect(found.get('statement_timeout')).toMatchObject({ setting: '77000', is_changed: true });
    expect(found.get('jit')).toMatchObject({ is_changed: false, source: 'default' });
    for (const name of ['application_name', 'transaction_read_only']) {
      expect(found.get(name)).toMatchObject({ setting: null, is_changed: null, scope: 'connection' });
    }
    // It looks like a login.
    expect(found.get('log_line_prefix')).toMatchObject({ setting: null, is_changed: true });
    // Everything else is equal, but for what may hold a secret.
    for (const [name, row] of found) {
      if (row['setting'] !== null) expect([name, row['setting']]).toEqual([name, truth.get(String(name))]);
    }
  });

  test('of a server that another loop has inspected, too, and as they are after a reload', async () => {
    const shared = { databases: '{ include: [postgres] }', inspections: new Inspections() };
    const hot = new TestLoop(server().postgres.dsn('pgmon'), { ...shared, loop: 'hot' });
    const hourly = new TestLoop(server().postgres.dsn('pgmon'), { ...shared, loop: 'hourly' });
    const workMem = async () =>
      rowsOf(await hourly.snapshot(), 'settings').find(({ name }) => name === 'work_mem')?.['setting'];
    await hot.snapshot();
    expect(await workMem()).toBe('6144');
    await server().sql("ALTER SYSTEM SET work_mem = '9MB'");
    await server().sql('SELECT pg_reload_conf()');
    await expect.poll(workMem, { timeout: 10_000 }).toBe('9216');
    await server().sql("ALTER SYSTEM SET work_mem = '6MB'");
    await server().sql('SELECT pg_reload_conf()');
    await Promise.all([hot.close(), hourly.close()]);
  });

  test("[A12] what is changed holds nothing of pgmon's own session", async () => {
    const changed = rowsOf(await loop.snapshot(), 'settings').filter((row) => row['is_changed'] === true);
    const names = changed.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['statement_timeout', 'work_mem', 'port']));
    // [M14] What the server finds out by itself; and whatever came from no file, command, database or role.
    for (const name of ['archive_command', 'huge_pages_status', 'data_directory', 'server_version'])
      expect(names).not.toContain(name);
    expect(changed.filter(({ source }) => source === 'default' || source === 'override')).toEqual([]);
    for (const name of ['jit', 'search_path', 'lock_timeout', 'application_name', 'default_transaction_read_only'])
      expect(names).not.toContain(name);
  });

  test('[E8] what is set for our role or for the database is said to be so', async () => {
    await server().sql("ALTER ROLE pgmon SET work_mem = '123MB'");
    await server().sql('ALTER ROLE pgmon SET random_page_cost = 7');
    await server().sql('ALTER DATABASE postgres SET seq_page_cost = 3');
    await server().sql("ALTER DATABASE postgres SET lock_timeout = '9s'");
    const fresh = new TestLoop(server().postgres.dsn('pgmon'), {
      loop: 'hourly',
      databases: '{ include: [postgres] }',
    });
    const snapshot = await fresh.snapshot();
    await fresh.close();
    const found = new Map(rowsOf(snapshot, 'settings').map((row) => [row['name'], row]));
    for (const name of ['work_mem', 'random_page_cost'])
      expect(found.get(name)).toMatchObject({ setting: null, scope: 'role', is_changed: null });
    expect(found.get('seq_page_cost')).toMatchObject({ setting: '3', scope: 'database', source: 'database' });
    expect(found.get('lock_timeout')).toMatchObject({ setting: '9000', scope: 'database', source: 'database' });
    expect(snapshot.outcomes.find(({ collector }) => collector === 'settings')?.reason).toBe(
      "2 server settings are hidden by settings of pgmon's own role: random_page_cost, work_mem",
    );
    await server().sql('ALTER ROLE pgmon RESET ALL');
  });
});
