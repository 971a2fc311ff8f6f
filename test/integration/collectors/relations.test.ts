import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relations } from '../../../src/collectors/relations/relations.ts';
import { TestLoop, unexpected } from '../../support/pass.ts';
import { majors, useServer } from '../../support/test-server.ts';

const WEIRD = '"we""ird.na me\t"';
const BROKEN = '"line\nbreak"';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);
  const other = 'Other. "db"';
  let loop: TestLoop;
  beforeAll(async () => {
    await server().sql('CREATE DATABASE "Other. ""db"""');
    await server().sql('CREATE TABLE before (id int PRIMARY KEY)');
    loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'storage', collectors: [relations] });
  });
  afterAll(() => loop?.close());

  let marks = 0;
  /** What the next pass says of statements that a session runs, which stays connected and reports what it did. */
  const changesOf = async (...statements: string[]): Promise<string[]> => {
    for (const statement of statements) await server().sql(statement);
    // Before 15 a drop or a new name is found within the hour, or with whatever else is created.
    if (major >= 15) await server().sql('SELECT pg_stat_force_next_flush()');
    else await server().sql(`CREATE TEMPORARY TABLE mark_${marks++} (id int)`);
    const { snapshot, rows } = await loop.pass();
    expect(unexpected(snapshot)).toEqual([]);
    return rows
      .of(relations)
      .map(({ change, kind, relation, was, parent }) => [change, kind, relation, was, parent].filter(Boolean).join(' '))
      .sort();
  };

  test('what was there before is nothing new; every change is found once, with its names', async () => {
    expect(await changesOf()).toEqual([]);
    expect(await changesOf()).toEqual([]);
    expect(
      await changesOf(
        'CREATE SCHEMA "a.b"',
        `CREATE TABLE "a.b".${WEIRD} (id int PRIMARY KEY, n int)`,
        'CREATE VIEW seen AS SELECT 1 AS one',
        'CREATE MATERIALIZED VIEW kept AS SELECT 1 AS one',
        'CREATE INDEX ON before ((id + 1))',
      ),
    ).toEqual([
      `created index public.before_expr_idx public.before`,
      'created materialized view public.kept',
      `created table "a.b".${WEIRD}`,
      'created view public.seen',
    ]);
    expect(await changesOf()).toEqual([]);
    expect(
      await changesOf(`ALTER TABLE before RENAME TO ${BROKEN}`, `ALTER INDEX before_expr_idx RENAME TO again`),
    ).toEqual([
      `renamed index public.again public.before_expr_idx public.${BROKEN}`,
      `renamed table public.${BROKEN} public.before`,
    ]);
    expect(await changesOf('ALTER SCHEMA "a.b" RENAME TO ab')).toEqual([
      'renamed index ab."we""ird.na me\t_pkey" "a.b"."we""ird.na me\t_pkey" ab."we""ird.na me\t"',
      'renamed table ab."we""ird.na me\t" "a.b"."we""ird.na me\t"',
    ]);
    expect(await changesOf('DROP INDEX again', `DROP TABLE ab.${WEIRD}`, 'DROP VIEW seen')).toEqual([
      `dropped index public.again public.${BROKEN}`,
      'dropped table ab."we""ird.na me\t"',
      'dropped view public.seen',
    ]);
  });

  test('nothing came or went where a table was only rewritten', async () => {
    await changesOf(
      'CREATE TABLE work (id int PRIMARY KEY, n int)',
      'CREATE INDEX work_n ON work (n)',
      'INSERT INTO work SELECT i, i FROM generate_series(1, 100) AS i',
    );
    expect(
      await changesOf('VACUUM FULL work', 'CLUSTER work USING work_n', 'REINDEX TABLE work', 'TRUNCATE work'),
    ).toEqual([]);
    expect(await changesOf('CREATE TEMPORARY TABLE gone (id int PRIMARY KEY)', 'DROP TABLE gone')).toEqual([]);
    expect(await changesOf('ANALYZE', 'ALTER TABLE work ADD COLUMN t text', 'COMMENT ON TABLE work IS $$x$$')).toEqual(
      [],
    );
    expect(await changesOf('CREATE EXTENSION pg_buffercache', 'DROP EXTENSION pg_buffercache')).toEqual([]);
    expect(await changesOf('REINDEX INDEX CONCURRENTLY work_n')).toEqual(['rebuilt index public.work_n public.work']);
    expect(await changesOf('DROP TABLE work', 'CREATE TABLE work (id int PRIMARY KEY)')).toEqual([
      'rebuilt table public.work',
    ]);
  });

  test('partitions are part of their table, whatever becomes of them', async () => {
    expect(
      await changesOf(
        'CREATE TABLE days (d date, n int) PARTITION BY RANGE (d)',
        "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
      ),
    ).toEqual(['created table public.days']);
    expect(
      await changesOf("CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')"),
    ).toEqual([]);
    expect(await changesOf('CREATE INDEX days_n ON days (n)')).toEqual(['created index public.days_n public.days']);
    expect(await changesOf('ALTER TABLE days DETACH PARTITION days_2')).toEqual([]);
    expect(
      await changesOf("ALTER TABLE days ATTACH PARTITION days_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')"),
    ).toEqual([]);
    expect(await changesOf('DROP TABLE days_1')).toEqual([]);
    expect(await changesOf('DROP TABLE days')).toEqual(['dropped table public.days']);
  });

  test('a migration of 500 tables is 500 changes, in the other databases as well', async () => {
    const found = async (): Promise<string[]> => {
      for (;;) {
        const { rows, snapshot } = await loop.pass();
        // Up to 14 the server knows half a second late that something was written: until then it is not scanned again.
        const last = snapshot.outcomes.find((one) => one.collector === 'relations' && one.database === other);
        if (last?.readAt !== undefined) continue;
        const changes = rows.of(relations).map((row) => [row.change, row.kind, 'db' in row && row.db].join(' '));
        if (changes.length > 0) return changes;
      }
    };
    const run = async (statement: string) => {
      const client = await server().open('migration', 'postgres', other);
      await client.query(statement);
      await client.end();
    };
    await run('CREATE TABLE here (id int)');
    expect(await found()).toEqual([`created table ${other}`]);
    await run(`DO $$ BEGIN
      FOR i IN 1..500 LOOP EXECUTE format('CREATE TABLE made_%s (id int PRIMARY KEY)', i); END LOOP;
    END $$`);
    const changes = await found();
    expect(changes).toEqual(Array.from({ length: 500 }, () => `created table ${other}`));
  });
});
