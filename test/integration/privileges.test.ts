import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { targetSchema } from '../../src/config/target.ts';
import type { Finding } from '../../src/metrics/snapshot.ts';
import { dsnCredentials, endpointOf } from '../../src/postgres/endpoint.ts';
import { inspect } from '../../src/postgres/inspect.ts';
import { privilegeReport } from '../../src/postgres/privileges/check.ts';
import { Session } from '../../src/postgres/session.ts';
import { majors, type TestServer, useServer } from '../support/test-server.ts';
import { BAD, BAD_NAME, SCENE, WAYS, type Way } from './support/privilege-ways.ts';

const options = {
  applicationName: 'pgmon/check',
  connectTimeoutMs: 3_000,
  statementTimeoutMs: 3_000,
  lockTimeoutMs: 1_000,
};

/** What the privilege check finds for a role, in database postgres. */
async function findings(server: TestServer, role: string): Promise<Finding[]> {
  const dsn = server.postgres.dsn(role);
  const target = targetSchema.parse({ cluster: 'test', dsn });
  const credentials = dsnCredentials(dsn);
  const session = await Session.open(endpointOf(target, credentials), credentials, options);
  try {
    return (await inspect(session, privilegeReport)).findings.filter(({ aspect }) => aspect === 'role');
  } finally {
    await session.close();
  }
}

const errors = (all: readonly Finding[]) => all.filter(({ severity }) => severity === 'error');

/** Goes the way as the role itself; the error where the server did not let it. */
async function tryAct(server: TestServer, way: Way): Promise<string | undefined> {
  const client: pg.Client = await server.open('act', BAD_NAME, way.database ?? 'postgres');
  try {
    if (!way.outside) await client.query('BEGIN');
    const { dataDir, port } = place(server);
    for (const act of way.act) await client.query(act.replace(':dir', dataDir).replace(':port', port));
    if (!way.outside) await client.query('ROLLBACK');
    return undefined;
  } catch (error) {
    return String(error);
  } finally {
    await client.end();
  }
}

function place({ postgres }: TestServer): { dataDir: string; port: string } {
  return { dataDir: postgres.dataDir, port: new URL(postgres.dsn('postgres')).port };
}

/** Runs a printed remedy as superuser, where it says so in another database. */
async function run(server: TestServer, remedy: string): Promise<void> {
  const text = remedy.replaceAll('another_role', 'postgres');
  const database = /\/\* in database (.*?) \*\//.exec(text)?.[1];
  if (database === undefined) {
    await server.sql(text);
    return;
  }
  const client = await server.open('remedy', 'postgres', database.replace(/^"|"$/g, '').replaceAll('""', '"'));
  await client.query(text);
  await client.end();
}

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);
  beforeAll(async () => {
    for (const statement of SCENE) await server().sql(statement);
    await server().open('victim', 'someone');
  });

  test('a role with pg_monitor only is not refused', async () => {
    expect(errors(await findings(server(), 'pgmon'))).toEqual([]);
  });

  test('[E3] what every role has by default is a warning with the REVOKE that ends it', async () => {
    const found = await findings(server(), 'pgmon');
    expect(found.map(({ hint }) => hint)).toEqual([
      'REVOKE TEMPORARY ON DATABASE "My.other ""db""", postgres FROM PUBLIC;',
      expect.stringMatching(/^REVOKE EXECUTE ON FUNCTION public.dblink\(.* FROM PUBLIC;$/),
      ...(major < 15 ? ['REVOKE CREATE ON SCHEMA public FROM PUBLIC;'] : []),
    ]);
  });

  test.each(['rds_superuser', 'cloudsqlsuperuser', 'alloydbsuperuser', 'azure_pg_admin'])(
    '[E3] a member of %s, the superuser of a managed service, is refused',
    async (role) => {
      await server().sql(`CREATE ROLE ${role}`);
      await server().sql(`CREATE ROLE ${BAD} LOGIN IN ROLE ${role}`);
      expect(errors(await findings(server(), BAD_NAME))).toEqual([
        expect.objectContaining({ message: `this role is a member of ${role}`, hint: `REVOKE ${role} FROM ${BAD};` }),
      ]);
      await server().sql(`DROP ROLE ${BAD}, ${role}`);
    },
  );

  const ways = WAYS.filter(({ from = 12, until = 18 }) => major >= from && major <= until);
  test.each(ways.map((way) => [way.name, way] as const))(
    '[E3] %s is a hole, is reported, and its remedy ends it',
    async (_name, way) => {
      const sql = async (statements: readonly string[] = []) => {
        for (const statement of statements) await server().sql(statement);
      };
      await sql([`CREATE ROLE ${BAD} LOGIN`, `GRANT pg_monitor TO ${BAD}`]);
      const before = await findings(server(), BAD_NAME);
      try {
        await sql(way.setup);
        expect(await tryAct(server(), way)).toBeUndefined();
        await sql(way.undo);
        const found = (await findings(server(), BAD_NAME)).filter(
          ({ message, hint }) => !before.some((one) => one.message === message && one.hint === hint),
        );
        const wanted = way.verdict === 'refused' ? 'error' : 'warning';
        const said = found.filter(({ severity, message }) => severity === wanted && (way.says?.test(message) ?? true));
        expect([way.name, said.length > 0, found]).toEqual([way.name, true, found]);
        if (way.verdict === 'warned' && !way.says) expect(errors(found)).toEqual([]);
        for (const hint of new Set(found.map((one) => one.hint ?? ''))) await run(server(), hint);
        const after = await findings(server(), BAD_NAME);
        expect(errors(after)).toEqual([]);
        expect(after.filter(({ message }) => found.some((one) => one.message === message))).toEqual([]);
        expect(await tryAct(server(), way)).toMatch(
          /denied|must be owner|must have|must be|not allowed|division by zero|only roles|permission/i,
        );
      } finally {
        await server().sql('RESET ROLE');
        await sql([`DROP OWNED BY ${BAD}`, ...(way.cleanup ?? []), `DROP ROLE ${BAD}`]);
      }
    },
  );
});
