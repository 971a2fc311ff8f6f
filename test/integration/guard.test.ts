import { beforeAll, describe, expect, test } from 'vitest';
import { targetSchema } from '../../src/config/target.ts';
import type { Finding } from '../../src/metrics/snapshot.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import { dsnCredentials, endpointOf } from '../../src/postgres/endpoint.ts';
import { inspect } from '../../src/postgres/inspect.ts';
import { Session } from '../../src/postgres/session.ts';
import { TestLoop } from '../support/pass.ts';
import { majors, type TestServer, useServer } from '../support/test-server.ts';

const options = {
  applicationName: 'pgmon/check',
  connectTimeoutMs: 3_000,
  statementTimeoutMs: 3_000,
  lockTimeoutMs: 1_000,
};

async function findings(server: TestServer, role: string): Promise<Finding[]> {
  const dsn = server.postgres.dsn(role);
  const target = targetSchema.parse({ cluster: 'test', dsn });
  const credentials = dsnCredentials(dsn);
  const session = await Session.open(endpointOf(target, credentials), await credentialsFromDsn(target), options);
  try {
    return await inspect(session);
  } finally {
    await session.close();
  }
}

const refusals = (all: readonly Finding[]) =>
  all.filter(({ aspect, severity }) => aspect === 'role' && severity === 'error');

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);
  beforeAll(async () => {
    await server().sql('CREATE TABLE "Some table" (id int, "the column" int)');
    await server().sql('CREATE SCHEMA app');
  });

  test('a role with pg_monitor only is not refused', async () => {
    expect(refusals(await findings(server(), 'pgmon'))).toEqual([]);
  });

  test('what every role has by default is a warning with the REVOKE that ends it', async () => {
    const warnings = (await findings(server(), 'pgmon')).filter(({ aspect }) => aspect === 'role');
    expect(warnings.map(({ hint }) => hint)).toEqual([
      ...(major < 15 ? ['REVOKE CREATE ON SCHEMA public FROM PUBLIC;'] : []),
      'REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC;',
    ]);
  });

  const since = (from: number, row: [string, string, string]) => (major >= from ? [row] : []);
  test.each([
    ['SUPERUSER', 'ALTER ROLE bad SUPERUSER', 'ALTER ROLE bad NOSUPERUSER;'],
    ['CREATEROLE', 'ALTER ROLE bad CREATEROLE', 'ALTER ROLE bad NOCREATEROLE;'],
    ['CREATEDB', 'ALTER ROLE bad CREATEDB', 'ALTER ROLE bad NOCREATEDB;'],
    ['REPLICATION', 'ALTER ROLE bad REPLICATION', 'ALTER ROLE bad NOREPLICATION;'],
    ['BYPASSRLS', 'ALTER ROLE bad BYPASSRLS', 'ALTER ROLE bad NOBYPASSRLS;'],
    ['pg_write_server_files', 'GRANT pg_write_server_files TO bad', 'REVOKE pg_write_server_files FROM bad;'],
    [
      'pg_execute_server_program',
      'GRANT pg_execute_server_program TO bad',
      'REVOKE pg_execute_server_program FROM bad;',
    ],
    ...since(14, ['pg_write_all_data', 'GRANT pg_write_all_data TO bad', 'REVOKE pg_write_all_data FROM bad;']),
    ...since(17, ['pg_maintain', 'GRANT pg_maintain TO bad', 'REVOKE pg_maintain FROM bad;']),
    ['INSERT on a table', 'GRANT INSERT ON "Some table" TO bad', 'REVOKE INSERT ON public."Some table" FROM bad;'],
    [
      'UPDATE of a column',
      'GRANT UPDATE ("the column") ON "Some table" TO bad',
      'REVOKE UPDATE ("the column") ON public."Some table" FROM bad;',
    ],
    [
      'DELETE for everybody',
      'GRANT DELETE ON "Some table" TO PUBLIC',
      'REVOKE DELETE ON public."Some table" FROM PUBLIC;',
    ],
    [
      'TRUNCATE on a table',
      'GRANT TRUNCATE ON "Some table" TO bad',
      'REVOKE TRUNCATE ON public."Some table" FROM bad;',
    ],
    ['CREATE in a schema', 'GRANT CREATE ON SCHEMA app TO bad', 'REVOKE CREATE ON SCHEMA app FROM bad;'],
    [
      'CREATE in the database',
      'GRANT CREATE ON DATABASE postgres TO bad',
      'REVOKE CREATE ON DATABASE postgres FROM bad;',
    ],
    ['a table of its own', 'ALTER TABLE "Some table" OWNER TO bad', 'REASSIGN OWNED BY bad TO another_role;'],
  ])('%s is refused, and its remedy ends it', async (_name, grant, remedy) => {
    await server().sql('CREATE ROLE bad LOGIN');
    await server().sql('GRANT pg_monitor TO bad');
    await server().sql(grant);
    const found = refusals(await findings(server(), 'bad'));
    expect(found.map(({ hint }) => hint)).toEqual([remedy]);
    await server().sql(remedy.replace('another_role', 'postgres'));
    expect(refusals(await findings(server(), 'bad'))).toEqual([]);
    await server().sql('DROP OWNED BY bad');
    await server().sql('DROP ROLE bad');
  });

  test('a role that may become one that can write is refused', async () => {
    await server().sql('CREATE ROLE chief CREATEDB NOLOGIN');
    await server().sql('CREATE ROLE bad LOGIN NOINHERIT');
    await server().sql('GRANT chief TO bad');
    const found = refusals(await findings(server(), 'bad'));
    expect(found).toEqual([
      expect.objectContaining({
        message: 'bad is a member of chief, which has CREATEDB',
        hint: 'REVOKE chief FROM bad;',
      }),
    ]);
    await server().sql('DROP ROLE bad');
    await server().sql('DROP ROLE chief');
  });

  test('a refused role gives a target that is down for that reason, and a warning where that is tolerated', async () => {
    const strict = new TestLoop(server().postgres.dsn('postgres'));
    const refused = await strict.snapshot();
    expect(refused).toMatchObject({
      up: false,
      problem: { kind: 'writable', hint: expect.stringContaining('ALTER ROLE postgres NOSUPERUSER;') },
    });
    const lenient = new TestLoop(server().postgres.dsn('postgres'), { enforce: false });
    const tolerated = await lenient.snapshot();
    expect(tolerated.up).toBe(true);
    expect(tolerated.findings).toContainEqual(
      expect.objectContaining({ aspect: 'role', message: expect.stringContaining('tolerated') }),
    );
    await Promise.all([strict.close(), lenient.close()]);
  });

  test('without pg_monitor it says so and runs on', async () => {
    await server().sql('CREATE ROLE poor LOGIN');
    const end = await server().sessions({ idle: 1 });
    const loop = new TestLoop(server().postgres.dsn('poor'));
    const snapshot = await loop.snapshot();
    expect(snapshot.outcomes.every(({ status }) => status === 'ok')).toBe(true);
    expect(snapshot.findings).toContainEqual(
      expect.objectContaining({ aspect: 'pg_monitor', hint: 'GRANT pg_monitor TO poor;' }),
    );
    await loop.close();
    await end();
  });

  describe('a server without pg_stat_statements and track_io_timing', () => {
    const bare = useServer(major, { track_io_timing: 'off' });
    test('each is a finding with the statement that mends it', async () => {
      await bare().sql('DROP EXTENSION pg_stat_statements');
      const found = await findings(bare(), 'pgmon');
      expect(found.find(({ aspect }) => aspect === 'pg_stat_statements')?.hint).toBe(
        'CREATE EXTENSION pg_stat_statements;',
      );
      expect(found.find(({ aspect }) => aspect === 'track_io_timing')?.hint).toContain(
        'ALTER SYSTEM SET track_io_timing = on',
      );
      await bare().stopClients();
      await bare().postgres.restart({ shared_preload_libraries: '' });
      const after = await findings(bare(), 'pgmon');
      expect(after.find(({ aspect }) => aspect === 'pg_stat_statements')?.message).toContain(
        'not in shared_preload_libraries',
      );
    });
  });
});
