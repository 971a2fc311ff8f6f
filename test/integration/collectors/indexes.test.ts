import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsOf, TestLoop, total } from '../../support/pass.ts';
import { majors, useServer } from '../../support/test-server.ts';

/** Doubled quotes, a line break, and 63 bytes of mixed case: what a statement has to quote. */
const WEIRD = '"we""ird.na me"';
const BROKEN = '"line\nbreak"';
const LONG = `"${'Xy'.repeat(31)}z"`;

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);
  let loop: TestLoop;
  beforeAll(() => {
    loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'storage', limits: { topIndexes: 200 } });
  });
  afterAll(() => loop?.close());

  const run = async (...statements: string[]) => {
    for (const statement of statements) await server().sql(statement);
  };
  /** What is advised for one table: `dropped < kept`, with `~` where the kept one only begins with it. */
  const advised = async (table: string): Promise<string[]> =>
    rowsOf(await loop.snapshot(), 'duplicate_indexes')
      .filter(({ relation }) => relation === `public.${table}`)
      .map(({ index, same_as, is_prefix }) => `${index} ${is_prefix ? '~' : '<'} ${same_as}`.replaceAll('public.', ''))
      .sort();

  test('[A4] expression and partial indexes that are the same are found on every major', async () => {
    await run(
      'CREATE TABLE texts (a text, b int, c int)',
      'CREATE INDEX lower_1 ON texts (lower(a))',
      'CREATE INDEX   lower_2   ON   texts   (  lower(a))',
      'CREATE INDEX upper_1 ON texts (upper(a))',
      'CREATE INDEX part_1 ON texts (b) WHERE c > 0',
      'CREATE INDEX   part_2 ON texts   (b)   WHERE   c > 0',
      'CREATE INDEX part_3 ON texts (b) WHERE c > 1',
      'CREATE INDEX more ON texts (lower(a), b)',
    );
    expect(await advised('texts')).toEqual(['lower_1 ~ more', 'lower_2 ~ more', 'part_2 < part_1']);
  });

  test('[A4] the index behind a constraint is never the one to drop, however young', async () => {
    await run(
      'CREATE EXTENSION IF NOT EXISTS btree_gist',
      'CREATE TABLE bound (p int NOT NULL, u int, d int, e int, r int NOT NULL, f int, k int)',
      'CREATE INDEX plain_p ON bound (p)',
      'CREATE INDEX plain_u ON bound (u)',
      'CREATE INDEX plain_d ON bound (d)',
      'CREATE INDEX plain_e ON bound USING gist (e)',
      'CREATE UNIQUE INDEX plain_r ON bound (r)',
      'CREATE UNIQUE INDEX plain_f ON bound (f)',
      'CREATE INDEX plain_k ON bound (k)',
      'ALTER TABLE bound ADD PRIMARY KEY (p)',
      'ALTER TABLE bound ADD CONSTRAINT own_u UNIQUE (u)',
      'ALTER TABLE bound ADD CONSTRAINT own_d UNIQUE (d) DEFERRABLE INITIALLY DEFERRED',
      'ALTER TABLE bound ADD CONSTRAINT own_e EXCLUDE USING gist (e WITH =)',
      'CREATE UNIQUE INDEX own_r ON bound (r)',
      'ALTER TABLE bound REPLICA IDENTITY USING INDEX own_r',
      'CREATE TABLE pointing (f int REFERENCES bound (f))',
      'CREATE UNIQUE INDEX young_f ON bound (f)',
      'CREATE INDEX own_k ON bound (k)',
      'CLUSTER bound USING own_k',
    );
    expect(await advised('bound')).toEqual([
      'plain_d < own_d',
      'plain_e < own_e',
      'plain_k < own_k',
      'plain_p < bound_pkey',
      'plain_r < own_r',
      'plain_u < own_u',
      'young_f < plain_f',
    ]);
    // The advice loses nothing: every constraint still stands after it was followed.
    const constraints = 'SELECT conname FROM pg_constraint ORDER BY conname';
    const before = await server().sql(constraints);
    for (const line of await advised('bound')) await run(`DROP INDEX ${line.split(' ')[0]}`);
    expect(await server().sql(constraints)).toEqual(before);
    expect(await advised('bound')).toEqual([]);
  });

  test('[A4] two constraints on the same columns, and a unique index beside a deferrable one, both stay', async () => {
    await run(
      'CREATE TABLE doubled (a int, b int)',
      'ALTER TABLE doubled ADD CONSTRAINT one UNIQUE (a)',
      'ALTER TABLE doubled ADD CONSTRAINT two UNIQUE (a)',
      'ALTER TABLE doubled ADD CONSTRAINT later UNIQUE (b) DEFERRABLE',
      'CREATE UNIQUE INDEX at_once ON doubled (b)',
    );
    expect(await advised('doubled')).toEqual([]);
  });

  test('[A4] method, class, collation, order, columns held and NULLs make another index', async () => {
    await run(
      'CREATE TABLE unlike (a text, b int, c int)',
      'CREATE INDEX u_plain ON unlike (a)',
      'CREATE INDEX u_hash ON unlike USING hash (a)',
      'CREATE INDEX u_pattern ON unlike (a text_pattern_ops)',
      'CREATE INDEX u_c ON unlike (a COLLATE "POSIX")',
      'CREATE INDEX u_desc ON unlike (a DESC)',
      'CREATE INDEX u_nulls ON unlike (a NULLS FIRST)',
      'CREATE INDEX u_b ON unlike (b)',
      'CREATE UNIQUE INDEX u_held ON unlike (b) INCLUDE (c)',
      'CREATE INDEX u_cb ON unlike (c, b)',
      'CREATE INDEX u_brin1 ON unlike USING brin (c) WITH (pages_per_range = 4)',
      'CREATE INDEX u_brin2 ON unlike USING brin (c) WITH (pages_per_range = 64)',
    );
    // Only b is held by another one, which says more: unique, and with c.
    expect(await advised('unlike')).toEqual(['u_b ~ u_held']);
    if (major < 15) return;
    await run(
      'CREATE TABLE nulls (a int, b int)',
      'CREATE UNIQUE INDEX n_distinct ON nulls (a)',
      'CREATE UNIQUE INDEX n_not_distinct ON nulls (a) NULLS NOT DISTINCT',
      'CREATE UNIQUE INDEX n_again ON nulls (a) NULLS NOT DISTINCT',
    );
    expect(await advised('nulls')).toEqual(['n_again < n_not_distinct']);
  });

  test('[A4] a prefix is distinguished from a duplicate, is never unique, and names an index that stays', async () => {
    await run(
      `CREATE TABLE ${WEIRD} (a int, ${BROKEN} int, ${LONG} int)`,
      `CREATE INDEX p_a ON ${WEIRD} (a)`,
      `CREATE UNIQUE INDEX p_unique ON ${WEIRD} (a)`,
      `CREATE INDEX "p,ab" ON ${WEIRD} (a, ${BROKEN})`,
      `CREATE INDEX ${LONG} ON ${WEIRD} (a, ${BROKEN}, ${LONG})`,
      `CREATE INDEX p_where ON ${WEIRD} (a) WHERE ${LONG} > 0`,
      `CREATE INDEX p_order ON ${WEIRD} (a, ${BROKEN} DESC)`,
    );
    expect(await advised(WEIRD)).toEqual([`"p,ab" ~ ${LONG}`, 'p_a < p_unique'].sort());
    const snapshot = await loop.snapshot();
    const truth = await server().sql(
      'SELECT coalesce(sum(relpages), 0)::float8 * 8192 AS bytes FROM pg_class WHERE relname = $1',
      ['p,ab'],
    );
    expect(total(snapshot, 'pg_prefix_indexes', { db: 'postgres' })).toBe(
      rowsOf(snapshot, 'duplicate_indexes').filter(({ is_prefix }) => is_prefix).length,
    );
    expect(rowsOf(snapshot, 'duplicate_indexes').find(({ index }) => index === 'public."p,ab"')).toMatchObject({
      size_bytes: truth[0]?.['bytes'],
    });
  });

  test('[A4] of a partitioned index the root is advised, and those of its partitions are not', async () => {
    await run(
      'CREATE TABLE parts (a int, b int) PARTITION BY RANGE (a)',
      'CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)',
      'CREATE INDEX roots_1 ON parts (b)',
      'CREATE INDEX roots_2 ON parts (b)',
      'INSERT INTO parts SELECT i % 10, i FROM generate_series(1, 5000) AS i',
      'VACUUM ANALYZE parts_1',
    );
    expect(await advised('parts')).toEqual(['roots_2 < roots_1']);
    expect(await advised('parts_1')).toEqual([]);
    const row = rowsOf(await loop.snapshot(), 'duplicate_indexes').find(({ index }) => index === 'public.roots_2');
    expect(row?.['size_bytes']).toBeGreaterThan(8_192);
  });

  test('[A4] a table under ACCESS EXCLUSIVE delays nothing, and its plain indexes are still compared', async () => {
    await run('CREATE INDEX plain_1 ON texts (c)', 'CREATE INDEX plain_2 ON texts (c)');
    const holder = await server().open();
    await holder.query('BEGIN; LOCK TABLE texts IN ACCESS EXCLUSIVE MODE');
    const snapshot = await loop.snapshot();
    expect(snapshot.outcomes.find(({ collector }) => collector === 'duplicate_indexes')?.status).toBe('ok');
    expect(await advised('texts')).toEqual(['plain_2 < plain_1']);
    await holder.end();
  });

  const bare = async (): Promise<unknown[]> =>
    rowsOf(await loop.snapshot(), 'foreign_keys')
      .map(({ constraint_name }) => constraint_name)
      .sort();

  test('[A5] only an index that a look-up by the key can use serves it', async () => {
    await run(
      'CREATE TABLE target (a int PRIMARY KEY, t text UNIQUE)',
      'CREATE TABLE targets (a int, b int, PRIMARY KEY (a, b))',
    );
    const key = async (name: string, ...indexes: string[]) => {
      await run(
        `CREATE TABLE ${name} (x int, y int, z int, s text, CONSTRAINT "${name}" FOREIGN KEY (x) REFERENCES target)`,
      );
      for (const index of indexes) await run(`CREATE INDEX ON ${name} ${index}`);
    };
    await key('served_plain', '(x, y)');
    await key('served_hash', 'USING hash (x)');
    await key('served_not_null', '(x) WHERE x IS NOT NULL');
    await key('served_gist', 'USING gist (x, y)');
    await key('bare_included', '(y) INCLUDE (x)');
    await key('bare_brin', 'USING brin (x)');
    await key('bare_other_condition', '(x) WHERE y IS NOT NULL', '(x) WHERE x > 0', '(x) WHERE x IS NULL');
    await key('bare_second', '(y, x)');
    await key('bare_expression', '((x + 0))');
    const pair = async (name: string, ...indexes: string[]) => {
      await run(
        `CREATE TABLE ${name} (${BROKEN} int, ${WEIRD} int, z int, CONSTRAINT "${name}" FOREIGN KEY (${BROKEN}, ${WEIRD}) REFERENCES targets)`,
      );
      for (const index of indexes) await run(`CREATE INDEX ON ${name} ${index}`);
    };
    await pair('served_turned', `(${WEIRD}, ${BROKEN}, z)`);
    await pair('served_both', `(${BROKEN}, ${WEIRD}) WHERE ${WEIRD} IS NOT NULL AND ${BROKEN} IS NOT NULL`);
    await pair('bare_included_pair', `(${BROKEN}) INCLUDE (${WEIRD})`);
    await pair('bare_between', `(${BROKEN}, z, ${WEIRD})`);
    await pair('bare_or', `(${BROKEN}, ${WEIRD}) WHERE ${WEIRD} IS NOT NULL AND z IS NOT NULL`);
    await run(
      'CREATE TABLE collated (s text, CONSTRAINT bare_collation FOREIGN KEY (s) REFERENCES target (t))',
      'CREATE INDEX ON collated (s COLLATE "POSIX")',
      'CREATE TABLE patterned (s text, CONSTRAINT served_pattern FOREIGN KEY (s) REFERENCES target (t))',
      'CREATE INDEX ON patterned (s text_pattern_ops)',
      'CREATE TABLE invalid (x int, CONSTRAINT bare_invalid FOREIGN KEY (x) REFERENCES target)',
      'INSERT INTO target VALUES (1)',
      'INSERT INTO invalid VALUES (1), (1)',
    );
    await expect(run('CREATE UNIQUE INDEX CONCURRENTLY ON invalid (x)')).rejects.toThrow('unique');
    expect((await bare()).filter((name) => String(name).startsWith('served'))).toEqual([]);
    const expected = [
      'bare_included',
      'bare_brin',
      'bare_other_condition',
      'bare_second',
      'bare_expression',
      'bare_included_pair',
      'bare_between',
      'bare_or',
      'bare_collation',
      'bare_invalid',
    ];
    expect((await bare()).filter((name) => String(name).startsWith('bare'))).toEqual(expected.sort());
    // The planner agrees: with sequential scans dear, the look-up that the trigger makes uses an index or does not.
    const client = await server().open();
    await client.query('SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan');
    for (const name of ['served_plain', 'served_hash', 'served_not_null', 'served_gist', 'bare_other_condition']) {
      await client.query(`PREPARE "${name}" (int) AS SELECT 1 FROM ONLY ${name} AS x WHERE $1 = x FOR KEY SHARE OF x`);
      const { rows } = await client.query(`EXPLAIN EXECUTE "${name}" (1)`);
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect([name, /Index Cond/.test(plan)]).toEqual([name, name.startsWith('served')]);
    }
    await client.end();
  });

  test.runIf(major >= 18)('[M14] a key that is NOT ENFORCED needs no index', async () => {
    await run(
      'CREATE TABLE unenforced (x int, CONSTRAINT unenforced_key FOREIGN KEY (x) REFERENCES target NOT ENFORCED)',
      'CREATE TABLE enforced (x int, CONSTRAINT enforced_key FOREIGN KEY (x) REFERENCES target)',
    );
    const names = await bare();
    expect([names.includes('unenforced_key'), names.includes('enforced_key')]).toEqual([false, true]);
  });

  test('[A5] a locked table delays nothing', async () => {
    const holder = await server().open();
    await holder.query('BEGIN; LOCK TABLE served_not_null IN ACCESS EXCLUSIVE MODE');
    const outcome = (await loop.snapshot()).outcomes.find(({ collector }) => collector === 'foreign_keys');
    expect(outcome?.status).toBe('ok');
    expect(await bare()).not.toContain('served_not_null');
    await holder.end();
  });

  test('of a partitioned table: no partition index is unused by itself, and an invalid parent is listed', async () => {
    await run(
      'CREATE TABLE parted (i int, j int) PARTITION BY RANGE (i)',
      'CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100)',
      'CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (100) TO (200)',
      'CREATE INDEX parted_i ON parted (i)',
      'CREATE INDEX by_itself ON parted_1 (j)',
      'CREATE INDEX only_here ON ONLY parted (j)',
    );
    // The truth: it cannot be dropped.
    await expect(run('DROP INDEX parted_1_i_idx')).rejects.toThrow('requires it');
    const snapshot = await loop.snapshot();
    const unused = rowsOf(snapshot, 'unused_indexes').map(({ index }) => index);
    expect(unused).toContain('public.by_itself');
    expect(unused).not.toContain('public.parted_1_i_idx');
    expect(rowsOf(snapshot, 'invalid_indexes').map(({ index }) => index)).toContain('public.only_here');
    await run('DROP INDEX by_itself', 'DROP TABLE parted');
  });
});
