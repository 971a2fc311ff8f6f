import { describe, expect, test } from 'vitest';
import { targetSchema } from '../../src/config/target.ts';
import type { Finding } from '../../src/metrics/snapshot.ts';
import { dsnCredentials, endpointOf } from '../../src/postgres/endpoint.ts';
import { inspect } from '../../src/postgres/inspect.ts';
import { privilegeReport } from '../../src/postgres/privileges/check.ts';
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
  const session = await Session.open(endpointOf(target, credentials), credentials, options);
  try {
    return (await inspect(session, privilegeReport)).findings;
  } finally {
    await session.close();
  }
}

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);

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
