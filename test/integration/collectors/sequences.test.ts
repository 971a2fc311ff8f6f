import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresServer } from '../../../src/local/postgres-server.ts';
import { rowsOf, TestLoop, total } from '../../support/pass.ts';
import { startStandby } from '../../support/standby.ts';
import { majors, useServer } from '../../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major, { wal_level: 'replica' });
  let loop: TestLoop;
  let standby: PostgresServer | undefined;
  beforeAll(() => {
    loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'hourly' });
  });
  afterAll(async () => {
    await loop?.close();
    await standby?.stop('immediate');
  });

  const run = async (...statements: string[]) => {
    for (const statement of statements) await server().sql(statement);
  };
  const rated = async (of = loop) =>
    new Map(
      rowsOf(await of.snapshot(), 'sequences').map(({ sequence, used_ratio, values_left, column_name }) => [
        String(sequence).replace('public.', ''),
        { used: Number(used_ratio), left: values_left, column: column_name },
      ]),
    );
  /** How many values nextval() really gives before it, or the column, refuses: the truth, on a copy of the state. */
  const really = async (insert: string, most: number): Promise<number> => {
    const client = await server().open();
    let given = 0;
    try {
      for (; given < most; given++) await client.query(insert);
    } catch {
      return given;
    } finally {
      await client.end();
    }
    return given;
  };

  test('[A10] a bigint sequence is rated by the smallest column that it feeds, owned or by DEFAULT', async () => {
    await run(
      'CREATE SEQUENCE shared',
      'CREATE DOMAIN small_id AS int2',
      'CREATE TABLE wide (id int8 DEFAULT nextval(\'shared\'), "We""ird" int4 DEFAULT nextval(\'shared\'))',
      "SELECT setval('shared', 2147483640)",
      'CREATE SEQUENCE owned',
      "CREATE TABLE of_domain (id small_id DEFAULT nextval('owned'))",
      'ALTER SEQUENCE owned OWNED BY of_domain.id',
      "SELECT setval('owned', 32760)",
      'CREATE TABLE identity (id int2 GENERATED ALWAYS AS IDENTITY)',
      "SELECT setval('identity_id_seq', 16384)",
      'CREATE SEQUENCE circle MAXVALUE 40000 CYCLE',
      "CREATE TABLE circling (id int2 DEFAULT nextval('circle'))",
      "SELECT setval('circle', 32000)",
      'CREATE SEQUENCE endless MAXVALUE 30000 CYCLE',
      "CREATE TABLE harmless (id int2 DEFAULT nextval('endless'))",
      "SELECT setval('endless', 29999)",
      'GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO pgmon',
    );
    const found = await rated();
    expect(found.get('shared')).toMatchObject({ left: 7, column: '"We""ird"' });
    expect(found.get('shared')?.used).toBeCloseTo(2_147_483_640 / 2_147_483_647, 12);
    expect(found.get('owned')).toMatchObject({ left: 7 });
    expect(found.get('identity_id_seq')?.used).toBeCloseTo(16_384 / 32_767, 9);
    expect(found.get('circle')).toMatchObject({ left: 767 });
    expect(found.has('endless')).toBe(false);
    expect(await really('INSERT INTO wide (id) VALUES (0)', 20)).toBe(7);
    expect(await really('INSERT INTO of_domain DEFAULT VALUES', 20)).toBe(7);
  });

  test('a sequence in large steps has used what it can still give, not what lies below its value', async () => {
    await run(
      'CREATE SEQUENCE sixties INCREMENT 60 MAXVALUE 100',
      "SELECT nextval('sixties')",
      "SELECT nextval('sixties')",
      'CREATE SEQUENCE thousands INCREMENT 1000 MAXVALUE 10000',
      "SELECT setval('thousands', 7500)",
      'CREATE SEQUENCE untouched INCREMENT 60 MAXVALUE 100',
      'CREATE SEQUENCE downstairs INCREMENT -60 MINVALUE -100',
      "SELECT nextval('downstairs')",
      'GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO pgmon',
    );
    const found = await rated();
    expect(found.get('sixties')).toMatchObject({ used: 1, left: 0 });
    expect(found.get('thousands')).toMatchObject({ used: 0.8, left: 2 });
    expect(found.get('untouched')).toMatchObject({ used: 0, left: 2 });
    expect(found.get('downstairs')).toMatchObject({ used: 0.5, left: 1 });
    for (const [name, left] of [
      ['sixties', 0],
      ['thousands', 2],
      ['untouched', 2],
      ['downstairs', 1],
    ] as const)
      expect([name, await really(`SELECT nextval('${name}')`, 20)]).toEqual([name, left]);
    await run('DROP SEQUENCE sixties, thousands, untouched, downstairs');
  });

  test('a storm of sequences at their end: all are listed up to 500, and all are counted', async () => {
    const client = await server().open();
    await client.query(
      "DO $$ BEGIN FOR i IN 1..600 LOOP EXECUTE format('CREATE SEQUENCE storm%s MAXVALUE 100', i); PERFORM setval(format('storm%s', i)::regclass, 99); END LOOP; END $$",
    );
    await client.query('GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO pgmon');
    const snapshot = await loop.snapshot();
    const [{ n } = {}] = await server().sql(
      "SELECT count(*)::int AS n FROM pg_sequences WHERE sequencename LIKE 'storm%' AND last_value = 99",
    );
    expect(n).toBe(600);
    expect(rowsOf(snapshot, 'sequences')).toHaveLength(500);
    expect(total(snapshot, 'pg_sequences_near_end', { db: 'postgres' })).toBeGreaterThanOrEqual(600);
    await client.query("DO $$ BEGIN FOR i IN 1..600 LOOP EXECUTE format('DROP SEQUENCE storm%s', i); END LOOP; END $$");
    await client.end();
  });

  test('[A10] setval(…, false): the value is not used yet, and the sequence is not new', async () => {
    await run(
      'CREATE TABLE last_one (id smallserial)',
      "SELECT setval('last_one_id_seq', 32767, false)",
      'CREATE SCHEMA "Sch. ema"',
      'CREATE SEQUENCE "Sch. ema"."line\nbreak ""quoted""" AS int2',
      'SELECT setval(\'"Sch. ema"."line\nbreak ""quoted"""\', 32000, false)',
      'CREATE SEQUENCE fresh AS int2',
      'GRANT SELECT ON ALL SEQUENCES IN SCHEMA public, "Sch. ema" TO pgmon',
      'GRANT USAGE ON SCHEMA "Sch. ema" TO pgmon',
    );
    const found = await rated();
    expect(found.get('last_one_id_seq')).toMatchObject({ used: 32_766 / 32_767, left: 1 });
    expect(found.get('"Sch. ema"."line\nbreak ""quoted"""')).toMatchObject({ left: 768 });
    expect(found.get('fresh')).toMatchObject({ used: 0, left: 32_767 });
    expect(await really('INSERT INTO last_one DEFAULT VALUES', 20)).toBe(1);
  });

  test('[A10] descending, steps, MINVALUE: the values left are those that nextval() gives', async () => {
    await run(
      'CREATE SEQUENCE down INCREMENT -3 MINVALUE -100 MAXVALUE -1 START -1',
      'CREATE SEQUENCE below INCREMENT 1 MINVALUE -2147483648 MAXVALUE 2147483647 START 1',
      "SELECT setval('below', 1000)",
      'CREATE SEQUENCE both_halves AS int2 MINVALUE -32768 START -32768',
      "SELECT setval('both_halves', 0)",
      'CREATE SEQUENCE tens INCREMENT 10 MAXVALUE 100',
      "SELECT setval('tens', 71)",
      'GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO pgmon',
    );
    const found = await rated();
    expect(found.get('down')).toMatchObject({ used: 0, left: 34 });
    expect(found.get('below')?.used).toBeCloseTo(1_000 / 2_147_483_647, 9);
    expect(found.get('both_halves')?.used).toBeCloseTo(0.5, 3);
    expect(found.get('tens')).toMatchObject({ left: 2 });
    expect(await really("SELECT nextval('down')", 50)).toBe(34);
    expect(await really("SELECT nextval('tens')", 50)).toBe(2);
    const spent = await rated();
    expect(spent.get('down')).toMatchObject({ used: 1, left: 0 });
  });

  test("[A10] other sessions' temporary sequences are not listed, and one under ACCESS EXCLUSIVE delays nothing", async () => {
    const client = await server().open();
    await client.query('CREATE TEMP SEQUENCE passing AS int2');
    await client.query('CREATE TEMP TABLE passing_too (id serial)');
    await client.query('BEGIN; LOCK TABLE last_one; DROP SEQUENCE down');
    const snapshot = await loop.snapshot();
    expect(snapshot.outcomes.find(({ collector }) => collector === 'sequences')).toMatchObject({ status: 'ok' });
    const names = rowsOf(snapshot, 'sequences').map(({ sequence }) => String(sequence));
    expect(names.filter((name) => name.includes('passing'))).toEqual([]);
    expect(names).not.toContain('public.down');
    await client.query('ROLLBACK');
    await client.end();
  });

  test('[A10] without a privilege the outcome names the grant, and the grant works', async () => {
    await run(
      'CREATE SCHEMA "Hid""den"',
      'CREATE TABLE "Hid""den".t (id serial)',
      'SELECT setval(\'"Hid""den".t_id_seq\', 2147483647)',
    );
    const limited = (await loop.snapshot()).outcomes.find(({ collector }) => collector === 'sequences');
    expect(limited?.reason).toMatch(/^1 of \d+ sequences are unreadable/);
    const grant = limited?.hint?.split(';')[0] ?? '';
    expect(grant).toBe('GRANT SELECT ON ALL SEQUENCES IN SCHEMA "Hid""den" TO pgmon');
    await run(grant);
    const after = await loop.snapshot();
    expect(after.outcomes.find(({ collector }) => collector === 'sequences')?.reason).toBeUndefined();
    expect((await rated()).get('"Hid""den".t_id_seq')).toMatchObject({ used: 1, left: 0 });
  });

  test('[A10] a standby reads what it can: an unlogged sequence has no value there', async () => {
    if (major >= 15) await run('CREATE UNLOGGED SEQUENCE not_there AS int2');
    await run('GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO pgmon');
    standby = await startStandby(server());
    const replica = new TestLoop(standby.dsn('pgmon'), { loop: 'hourly' });
    const found = await rated(replica);
    expect(found.get('last_one_id_seq')).toMatchObject({ left: 0 });
    expect(found.has('not_there')).toBe(false);
    await replica.close();
  });
});
