import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { limitedVisibility } from '../../src/cli/visibility.ts';
import { parseConfig } from '../../src/config/load.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import { endpointOf } from '../../src/postgres/endpoint.ts';
import { Session } from '../../src/postgres/session.ts';
import { majors, useServer } from '../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);
  let session: Session | undefined;
  beforeAll(async () => {
    const [target] = parseConfig(
      `targets: [{ cluster: t, dsn: "${server().postgres.dsn('pgmon')}" }]`,
      't',
      {},
    ).targets;
    if (!target) throw new Error('no target');
    const credentials = await credentialsFromDsn(target);
    session = await Session.open(endpointOf(target, credentials), credentials, {
      applicationName: 'pgmon/check',
      connectTimeoutMs: 3_000,
      statementTimeoutMs: 3_000,
      lockTimeoutMs: 500,
    });
  });
  afterAll(() => session?.close());

  test('[A11] check says that sequences and bloat are not seen, each with a statement that mends it', async () => {
    if (!session) throw new Error('no session');
    expect(await limitedVisibility(session, 5_000)).toEqual([]);
    await server().sql('CREATE TABLE filled (id serial, t text)');
    await server().sql("INSERT INTO filled (t) SELECT 'x' FROM generate_series(1, 1000)");
    await server().sql('ANALYZE filled');
    const limited = await limitedVisibility(session, 5_000);
    expect(limited).toMatchObject([
      {
        aspect: 'sequences',
        severity: 'warning',
        message: expect.stringContaining('1 of 1 sequences are unreadable'),
      },
      { aspect: 'bloat', severity: 'warning', hint: expect.stringContaining('CREATE EXTENSION pgstattuple;') },
    ]);
    await server().sql(String(limited[0]?.hint).split(';')[0] ?? '');
    await server().sql('GRANT SELECT ON filled TO pgmon');
    expect(await limitedVisibility(session, 5_000)).toEqual([]);
  });
});
