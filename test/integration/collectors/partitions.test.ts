import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsOf, TestLoop, total } from '../../support/pass.ts';
import { majors, useServer } from '../../support/test-server.ts';

const DAY = 86_400;
const now = new Date();
const month = (offset: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1));
const day = (date: Date) => date.toISOString().slice(0, 10);
const lastDay = (offset: number) => day(new Date(month(offset + 1).getTime() - DAY * 1_000));

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);
  const loops: TestLoop[] = [];
  let loop: TestLoop;
  const newLoop = (topRelations: number) => {
    const one = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'storage', limits: { topRelations } });
    loops.push(one);
    return one;
  };
  beforeAll(() => {
    loop = newLoop(50);
  });
  afterAll(async () => {
    for (const one of loops) await one.close();
  });

  const run = async (...statements: string[]) => {
    for (const statement of statements) await server().sql(statement);
  };
  const tableOf = async (name: string) =>
    rowsOf(await loop.snapshot(), 'partitions').find(({ parent }) => parent === `public.${name}`);
  const ahead = async (name: string): Promise<number | undefined> => {
    const snapshot = await loop.snapshot();
    return snapshot.samples.find(
      ({ metric, labels }) => metric === 'pg_partition_ahead_seconds' && labels['relation'] === `public.${name}`,
    )?.value;
  };
  const about = (date: Date) => (date.getTime() - Date.now()) / 1_000;

  test('[A12] ranges of two columns have holes and reach ahead', async () => {
    await run(
      'CREATE TABLE "we""ird" (at timestamptz, "No. 2" int) PARTITION BY RANGE (at, "No. 2")',
      `CREATE TABLE w0 PARTITION OF "we""ird" FOR VALUES FROM ('${day(month(0))}', MINVALUE) TO ('${day(month(1))}', -5)`,
      `CREATE TABLE w1 PARTITION OF "we""ird" FOR VALUES FROM ('${day(month(1))}', -5) TO ('${day(month(2))}', 0)`,
      `CREATE TABLE w3 PARTITION OF "we""ird" FOR VALUES FROM ('${day(month(2))}', 7) TO ('${day(month(3))}', MAXVALUE)`,
      'CREATE TABLE days (at date, id bigint) PARTITION BY RANGE (at, id)',
      `CREATE TABLE d0 PARTITION OF days FOR VALUES FROM ('${day(month(0))}', MINVALUE) TO ('${lastDay(0)}', MAXVALUE)`,
      `CREATE TABLE d1 PARTITION OF days FOR VALUES FROM ('${day(month(1))}', MINVALUE) TO ('${lastDay(1)}', MAXVALUE)`,
    );
    // The truth: a row of the hole is refused by the server, one before it is taken.
    await expect(run(`INSERT INTO "we""ird" VALUES ('${day(month(2))}', 3)`)).rejects.toThrow('no partition');
    await run(`INSERT INTO "we""ird" VALUES ('${day(month(1))}', 3)`);
    const instant = month(2).getTime() / 1_000;
    expect((await tableOf('"we""ird"'))?.['holes']).toEqual([{ from: instant, to: instant }]);
    expect(Math.abs(Number(await ahead('"we""ird"')) - about(month(2)))).toBeLessThan(60);
    expect((await tableOf('days'))?.['holes']).toEqual([]);
    expect(Math.abs(Number(await ahead('days')) - about(month(2)))).toBeLessThan(60);
  });

  test('[B10] the length of the partition that holds the present: hours, months, or none', async () => {
    const client = await server().open();
    const hour = (offset: number) => new Date((Math.floor(Date.now() / 3_600_000) + offset) * 3_600_000).toISOString();
    await client.query('CREATE TABLE hourly (at timestamptz) PARTITION BY RANGE (at)');
    // The hour may change while the test runs: as many after as before.
    for (let i = -2; i < 3; i++)
      await client.query(
        `CREATE TABLE "hourly ${i}" PARTITION OF hourly FOR VALUES FROM ('${hour(i)}') TO ('${hour(i + 1)}')`,
      );
    await client.query('CREATE TABLE forever (at date) PARTITION BY RANGE (at)');
    await client.query("CREATE TABLE fo0 PARTITION OF forever FOR VALUES FROM ('2020-01-01') TO (MAXVALUE)");
    await client.query('CREATE TABLE monthly (at date) PARTITION BY RANGE (at)');
    await client.query(
      `CREATE TABLE m0 PARTITION OF monthly FOR VALUES FROM ('${day(month(0))}') TO ('${day(month(1))}')`,
    );
    const [{ seconds } = {}] = (
      await client.query(
        `SELECT date_part('epoch', timestamptz '${day(month(1))}Z' - timestamptz '${day(month(0))}Z') AS seconds`,
      )
    ).rows;
    await client.end();
    const snapshot = await loop.snapshot();
    const period = (name: string) =>
      snapshot.samples.find(
        ({ metric, labels }) => metric === 'pg_partition_period_seconds' && labels['relation'] === `public.${name}`,
      )?.value;
    expect([period('hourly'), period('monthly'), period('forever')]).toEqual([3_600, seconds, undefined]);
  });

  test('[A12] MINVALUE, MAXVALUE, list and hash: what reaches ahead is said, what has no time says nothing', async () => {
    await run(
      'CREATE TABLE since_ever (at timestamp) PARTITION BY RANGE (at)',
      `CREATE TABLE s0 PARTITION OF since_ever FOR VALUES FROM (MINVALUE) TO ('${day(month(1))}')`,
      'CREATE TABLE by_list (at date) PARTITION BY LIST (at)',
      "CREATE TABLE l0 PARTITION OF by_list FOR VALUES IN ('2020-01-01')",
      'CREATE TABLE by_hash (at date) PARTITION BY HASH (at)',
      'CREATE TABLE h0 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0)',
      'CREATE TABLE "line\nbreak" (at date) PARTITION BY RANGE (at)',
      'CREATE TABLE for_ever (at timestamptz) PARTITION BY RANGE (at)',
      "CREATE TABLE f0 PARTITION OF for_ever FOR VALUES FROM ('0044-03-15 BC') TO ('2020-01-01')",
      "CREATE TABLE f1 PARTITION OF for_ever FOR VALUES FROM ('2020-01-01') TO (MAXVALUE)",
      'CREATE TABLE endless (at timestamptz) PARTITION BY RANGE (at)',
      "CREATE TABLE e0 PARTITION OF endless FOR VALUES FROM ('2020-01-01') TO ('infinity')",
    );
    // [M14] Nothing runs out where a partition has no end; a bound before our era is a bound like any other.
    expect([await ahead('for_ever'), await ahead('endless')]).toEqual([undefined, undefined]);
    expect(await tableOf('for_ever')).toMatchObject({
      has_ranges: true,
      holes: [],
      oldest: Date.UTC(-43, 2, 15) / 1_000,
    });
    expect(Math.abs(Number(await ahead('since_ever')) - about(month(1)))).toBeLessThan(60);
    expect(await tableOf('since_ever')).toMatchObject({ oldest: null, holes: [] });
    for (const name of ['by_list', 'by_hash']) {
      expect(await tableOf(name)).toMatchObject({ partitions: 1, holes: null });
      expect(await ahead(name)).toBeUndefined();
    }
    expect(await tableOf('"line\nbreak"')).toMatchObject({ partitions: 0 });
  });

  test('[A12] a partition that is partitioned by the same time is complete at its own end', async () => {
    await run(
      'CREATE TABLE years (at date, region text) PARTITION BY RANGE (at)',
      `CREATE TABLE this_month PARTITION OF years FOR VALUES FROM ('${day(month(0))}') TO ('${day(month(1))}') PARTITION BY RANGE (at)`,
      `CREATE TABLE all_of_it PARTITION OF this_month FOR VALUES FROM ('${day(month(0))}') TO ('${day(month(1))}')`,
      `CREATE TABLE next_month PARTITION OF years FOR VALUES FROM ('${day(month(1))}') TO ('${day(month(2))}') PARTITION BY LIST (region)`,
      "CREATE TABLE regions PARTITION OF next_month FOR VALUES IN ('a') PARTITION BY RANGE (at)",
      `CREATE TABLE early PARTITION OF regions FOR VALUES FROM ('${day(month(1))}') TO ('${lastDay(1)}')`,
    );
    expect(Math.abs(Number(await ahead('years')) - about(month(2)))).toBeLessThan(60);
    expect(await ahead('this_month')).toBeUndefined();
    expect(await tableOf('this_month')).toMatchObject({ is_complete: true });
    // Of the list of regions nothing bounds the time.
    expect(await ahead('regions')).toBe(0);
  });

  test('a partitioned table or a partition under ACCESS EXCLUSIVE: all are read, without waiting', async () => {
    await run(
      'CREATE TABLE locked (at date) PARTITION BY RANGE (at)',
      `CREATE TABLE lo0 PARTITION OF locked FOR VALUES FROM ('${day(month(0))}') TO ('${day(month(1))}')`,
      `CREATE TABLE "Half" (at date) PARTITION BY RANGE (at)`,
      `CREATE TABLE ha0 PARTITION OF "Half" FOR VALUES FROM ('${day(month(0))}') TO ('${day(month(1))}')`,
    );
    const free = await tableOf('locked');
    const [holder, other] = [await server().open('holder'), await server().open('holder')];
    await holder.query('BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE');
    await other.query('BEGIN; LOCK TABLE ha0 IN ACCESS EXCLUSIVE MODE');
    const snapshot = await loop.snapshot();
    await holder.query('ROLLBACK');
    await other.query('ROLLBACK');
    await Promise.all([holder.end(), other.end()]);
    expect(snapshot.outcomes.find(({ collector }) => collector === 'partitions')?.status).toBe('ok');
    const found = new Map(rowsOf(snapshot, 'partitions').map((row) => [row['parent'], row]));
    // Its key alone is not known for so long.
    expect(found.get('public.locked')).toEqual({ ...free, partition_key: null });
    expect(found.get('public."Half"')).toMatchObject({ partitions: 1, partition_key: 'RANGE (at)' });
  });

  test('a default partition that is partitioned itself has the rows of its leaves', async () => {
    await run(
      'CREATE TABLE outer_one (at date, region text) PARTITION BY RANGE (at)',
      `CREATE TABLE outer_0 PARTITION OF outer_one FOR VALUES FROM ('${day(month(0))}') TO ('${day(month(1))}')`,
      'CREATE TABLE outer_rest PARTITION OF outer_one DEFAULT PARTITION BY LIST (region)',
      "CREATE TABLE rest_a PARTITION OF outer_rest FOR VALUES IN ('a') PARTITION BY HASH (at)",
      'CREATE TABLE rest_a0 PARTITION OF rest_a FOR VALUES WITH (MODULUS 1, REMAINDER 0)',
      'CREATE TABLE rest_b PARTITION OF outer_rest DEFAULT',
      "INSERT INTO outer_one SELECT '2001-01-01', CASE i % 3 WHEN 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 30) AS i",
    );
    const counted = async (a: number, b: number) => {
      for (const [name, rows] of [
        ['rest_a0', a],
        ['rest_b', b],
      ] as const)
        await server().until('SELECT 1 FROM pg_stat_user_tables WHERE relname = $1 AND n_live_tup = $2', [name, rows]);
    };
    // An analyze ahead of its counts would count the rows twice.
    await counted(10, 20);
    await run('ANALYZE rest_a0', 'ANALYZE rest_b');
    const [{ n } = {}] = await server().sql('SELECT count(*)::int AS n FROM outer_rest');
    expect(n).toBe(30);
    expect((await tableOf('outer_one'))?.['default_rows']).toBe(30);
    // Moved to where they belong: no vacuum comes for so few.
    await run('DELETE FROM outer_rest');
    await counted(0, 0);
    expect((await tableOf('outer_one'))?.['default_rows']).toBe(0);
  });

  test('[A7] above the cap each table keeps its newest partitions and its default one, totals stay, the cut is said', async () => {
    const client = await server().open();
    await client.query('CREATE TABLE big (id int) PARTITION BY RANGE (id)');
    await client.query('CREATE TABLE big_rest PARTITION OF big DEFAULT');
    await client.query('BEGIN');
    for (let i = 0; i < 260; i++)
      await client.query(`CREATE TABLE big_${i} PARTITION OF big FOR VALUES FROM (${i}) TO (${i + 1})`);
    await client.query('COMMIT');
    await client.end();
    await run('CREATE TABLE zz (at date) PARTITION BY RANGE (at)', 'CREATE TABLE zz_rest PARTITION OF zz DEFAULT');
    const small = newLoop(1);
    const { samples, rows, outcomes } = await small.snapshot();
    const counted = await server().sql('SELECT count(*)::int AS n FROM pg_inherits');
    const outcome = outcomes.find(({ collector, database }) => collector === 'partitions' && database === 'postgres');
    const [{ n: empty } = {}] = await server().sql(
      'SELECT count(*)::int AS n FROM pg_partitioned_table WHERE partrelid NOT IN (SELECT inhparent FROM pg_inherits)',
    );
    // 200 rows, some of them tables that have no partition.
    expect(outcome?.reason).toBe(
      `${200 - Number(empty)} of ${counted[0]?.['n']} partitions were read, the newest of each table; gaps and the oldest partition are unknown for public.big`,
    );
    expect(outcome).toMatchObject({ status: 'ok', rows: 1, total: expect.any(Number) });
    expect(rows['partitions']).toHaveLength(1);
    expect(samples.filter(({ metric }) => metric === 'pg_partitions')).toHaveLength(1);
    const all = await newLoop(2).snapshot();
    expect(all.outcomes.find(({ collector }) => collector === 'partitions')?.reason).toBeUndefined();
    const whole = newLoop(50);
    const complete = await whole.snapshot();
    expect(total(complete, 'pg_partitions', { relation: 'public.big' })).toBe(261);
    expect(total(complete, 'pg_partition_holes', { relation: 'public.big' })).toBe(0);
    expect(total(complete, 'pg_partition_default_rows', { relation: 'public.zz' })).toBe(0);
  });
});
