import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extensions } from '../../../src/collectors/extensions.ts';
import { powerfulRoles } from '../../../src/collectors/powerful-roles.ts';
import { publications } from '../../../src/collectors/publications.ts';
import { TestLoop, unexpected } from '../../support/pass.ts';
import { majors, useServer } from '../../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);
  let loop: TestLoop;
  beforeAll(() => {
    loop = new TestLoop(server().postgres.dsn('pgmon'), {
      loop: 'storage',
      collectors: [extensions, publications, powerfulRoles],
    });
  });
  afterAll(() => loop?.close());

  const read = async () => {
    const { snapshot, rows } = await loop.pass();
    expect(unexpected(snapshot)).toEqual([]);
    return rows;
  };

  test('extensions: versions as installed and as offered, read again when another one is there', async () => {
    await server().sql("DROP EXTENSION IF EXISTS hstore; CREATE EXTENSION hstore VERSION '1.4'");
    const offered = await server().sql(
      "SELECT default_version AS v FROM pg_available_extensions WHERE name = 'hstore'",
    );
    const found = async () => (await read()).of(extensions).filter(({ extension }) => extension === 'hstore');
    const available = offered[0]?.['v'];
    const hstore = { db: 'postgres', extension: 'hstore', schema: 'public', available };
    expect(await found()).toEqual([{ ...hstore, version: '1.4' }]);
    await server().sql('ALTER EXTENSION hstore UPDATE');
    expect(await found()).toEqual([{ ...hstore, version: available }]);
    await server().sql('DROP EXTENSION hstore');
    expect(await found()).toEqual([]);
    await server().sql('CREATE EXTENSION btree_gin');
    expect((await read()).of(extensions).find(({ extension }) => extension === 'btree_gin')?.available).toMatch(/^1\./);
  });

  test('publications: each by name', async () => {
    await server().sql('CREATE PUBLICATION "all of, ""it""" FOR ALL TABLES; CREATE PUBLICATION none');
    expect(
      (await read()).of(publications).map(({ publication, of_all_tables }) => [publication, of_all_tables]),
    ).toEqual([
      ['all of, "it"', true],
      ['none', false],
    ]);
  });

  test('powerful roles: by attribute, and through others over several steps', async () => {
    for (const statement of [
      'CREATE ROLE plain LOGIN',
      'CREATE ROLE "bo""ss" SUPERUSER',
      'CREATE ROLE admins CREATEROLE BYPASSRLS',
      'CREATE ROLE maker CREATEDB CREATEROLE',
      'CREATE ROLE lead IN ROLE admins',
      'CREATE ROLE member LOGIN IN ROLE lead',
      'CREATE ROLE copier IN ROLE pg_write_server_files',
      'CREATE ROLE deputy IN ROLE "bo""ss"',
    ])
      await server().sql(statement);
    const found = async () =>
      Object.fromEntries((await read()).of(powerfulRoles).map(({ role, powers }) => [role, powers?.join(' ')]));
    const now = await found();
    expect(now).toEqual({
      'bo"ss': 'superuser',
      deputy: 'superuser',
      postgres: 'bypassrls createdb createrole replication superuser',
      maker: 'createdb createrole',
      admins: 'bypassrls createrole',
      copier: 'pg_write_server_files',
      lead: 'bypassrls createrole',
      member: 'bypassrls createrole',
    });
    await server().sql('REVOKE lead FROM member');
    await server().sql('ALTER ROLE plain SUPERUSER');
    const { member: _, ...rest } = now;
    expect(await found()).toEqual({ ...rest, plain: 'superuser' });
  });
});
