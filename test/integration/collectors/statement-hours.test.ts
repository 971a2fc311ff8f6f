import type pg from 'pg';
import { describe, expect, test } from 'vitest';
import { addWork, noWork, p95Of, type StatementPeriod, type Work } from '../../../src/collectors/statements/period.ts';
import { parseConfig } from '../../../src/config/load.ts';
import { createLoop } from '../../../src/loops/compose.ts';
import { credentialsFromDsn } from '../../../src/postgres/credentials.ts';
import { keys } from '../../../src/store/keys.ts';
import { SqliteTable } from '../../../src/store/sqlite-table.ts';
import { storesIn } from '../../../src/store/stores.ts';
import { JumpingClock } from '../../support/jumping-clock.ts';
import { majors, useServer } from '../../support/test-server.ts';

const COLUMNS = 450;

/** What pg_stat_statements itself counts, by database and queryid; read as the role whose statements pgmon leaves out. */
async function counted(client: pg.Client, major: number): Promise<Map<string, Work>> {
  const [total, blockTime, wal] = [
    major >= 13 ? 'total_exec_time' : 'total_time',
    major >= 17 ? 'shared_blk_read_time' : 'blk_read_time',
    major >= 13 ? 'wal_bytes' : '0',
  ];
  const { rows } = await client.query(`
    SELECT s.queryid || ' ' || d.datname AS key, sum(calls)::float8 AS calls, sum(${total} / 1000)::float8 AS seconds,
           sum(rows)::float8 AS rows, sum(shared_blks_hit)::float8 AS "blocksHit", sum(shared_blks_read)::float8 AS "blocksRead",
           sum(${blockTime} / 1000)::float8 AS "blockReadSeconds", sum(temp_blks_read + temp_blks_written)::float8 AS "tempBlocks",
           sum(${wal})::float8 AS "walBytes", 0 AS "squaredSeconds"
      FROM pg_stat_statements(false) AS s JOIN pg_database AS d ON d.oid = s.dbid JOIN pg_roles AS r ON r.oid = s.userid
     WHERE r.rolname <> 'pgmon' GROUP BY 1`);
  return new Map(rows.map(({ key, ...work }) => [key, work]));
}

/** What was done between two readings; statements that did nothing are left out. */
function done(before: Map<string, Work>, after: Map<string, Work>): Map<string, Work> {
  return new Map(
    [...after].flatMap(([key, work]): [string, Work][] => {
      const was = before.get(key) ?? noWork();
      const fields = Object.keys(work) as (keyof Work)[];
      const diff = noWork();
      for (const field of fields) diff[field] = work[field] - was[field];
      return diff.calls > 0 ? [[key, diff]] : [];
    }),
  );
}

function sumOf(works: Iterable<Work>): Work {
  const sum = noWork();
  for (const work of works) addWork(sum, work);
  return sum;
}

const EXACT = ['calls', 'rows', 'blocksHit', 'blocksRead', 'tempBlocks', 'walBytes'] as const;

function expectSame(found: Work | undefined, truth: Work | undefined): void {
  for (const field of EXACT) expect([field, found?.[field]]).toEqual([field, truth?.[field]]);
  expect(found?.seconds).toBeCloseTo(truth?.seconds ?? -1, 6);
}

/** Those whose columns differ. */
const DIFFERENT = majors.filter((major) => [12, 13, 14, 17, 18].includes(major));

describe.skipIf(DIFFERENT.length === 0).each(DIFFERENT)('PostgreSQL %i', (major) => {
  const server = useServer(major);

  test('an hour of statements is what pg_stat_statements counted in it, across a restart and a cold start', async () => {
    const columns = Array.from({ length: COLUMNS }, (_, i) => `c${i} int`).join(', ');
    await server().sql(`CREATE TABLE wide (${columns})`);
    await server().sql('INSERT INTO wide (c0) SELECT i FROM generate_series(1, 1000) AS i');
    const shop = await server().open('shop');
    const truth = await server().open('truth', 'pgmon');
    const hour = Date.parse('2026-03-01T10:00:00Z');
    const clock = new JumpingClock(hour);
    const table = SqliteTable.inMemory(clock.now);
    const stores = storesIn(table);
    const config = parseConfig(`cluster: shop\ndsn: "${server().postgres.dsn('pgmon')}"`, 'test', {});
    const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const process = () =>
      createLoop('workload', config, {
        credentials: credentialsFromDsn,
        stores,
        channels: [],
        log: silent,
        now: clock.now,
        idleLimitMs: Number.POSITIVE_INFINITY,
      });
    let pgmon = process();
    const started = [pgmon];
    const passAt = async (minutes: number) => {
      clock.time = hour + minutes * 60_000;
      expect(await pgmon.write(config.targets, await pgmon.pass(config.targets))).toBe(0);
    };
    const work = async (from: number, to: number) => {
      for (let i = from; i < to; i++) await shop.query(`SELECT count(c${i}) FROM wide`);
    };

    const before = await counted(truth, major);
    await passAt(0.2);
    await work(0, COLUMNS);
    for (let i = 0; i < 5; i++) await shop.query('SELECT pg_sleep(0.02)');
    await passAt(20);
    await pgmon.close();
    pgmon = process();
    started.push(pgmon);
    await work(100, 300);
    await passAt(35);
    await work(0, 150);
    // Not in the state that the next process finds: it is written every ten minutes.
    await passAt(39);
    await work(0, 20);
    pgmon = process();
    started.push(pgmon);
    await passAt(48);
    await shop.query('CREATE TABLE made AS SELECT i FROM generate_series(1, 3000) AS i');
    await passAt(59.8);
    const after = await counted(truth, major);
    await shop.query('SELECT count(*) FROM made');
    await passAt(60.5);

    const inHour = done(before, after);
    expect(inHour.size).toBeGreaterThan(COLUMNS);
    const between = (period: 'hours' | 'days') =>
      stores.statementPeriods.between('shop', period, new Date(hour - 86_400_000), new Date(hour + 2 * 86_400_000));
    const [first, ...others] = await between('hours');
    expect(others).toEqual([]);
    const kept = first as StatementPeriod;
    expect(kept.at).toBe('2026-03-01T10:00:00.000Z');
    expect(kept.statements.length).toBeGreaterThanOrEqual(200);
    expect(kept.statements.length).toBeLessThanOrEqual(400);
    const keyOf = ({ queryid, db }: { queryid: string; db: string }) => `${queryid} ${db}`;
    for (const statement of kept.statements) expectSame(statement.work, inHour.get(keyOf(statement)));
    expectSame(sumOf([...kept.statements.map((one) => one.work), kept.rest.work]), sumOf(inHour.values()));
    const listed = new Set(kept.statements.map(keyOf));
    expect(kept.rest.statements).toBe([...inHour.keys()].filter((key) => !listed.has(key)).length);
    // Whoever is left out is behind 200 others, by time as by calls.
    for (const field of ['seconds', 'calls'] as const) {
      const least = kept.statements.map((one) => one.work[field]).sort((a, b) => b - a)[199] ?? 0;
      for (const [key, one] of inHour) if (!listed.has(key)) expect(one[field]).toBeLessThanOrEqual(least + 1e-9);
    }
    // Five calls of 20 ms each: little deviation.
    const slept = kept.statements.find(({ work: own }) => own.calls === 5 && own.seconds > 0.1);
    expect(p95Of(slept?.work ?? noWork())).toBeGreaterThan(0.019);

    // The next day: the hour after, and the day of both.
    await passAt(120.5);
    await passAt(14 * 60 + 1);
    const hours = await between('hours');
    expect(hours.map(({ at }) => at.slice(0, 13))).toEqual(['2026-03-01T10', '2026-03-01T11', '2026-03-01T12']);
    const [day] = await between('days');
    expect(day?.at).toBe('2026-03-01T00:00:00.000Z');
    const all = (period: StatementPeriod) => sumOf([...period.statements.map((one) => one.work), period.rest.work]);
    expectSame(day && all(day), sumOf(hours.map(all)));

    // Its text stays as long as the hour.
    const texts = await stores.statements.get('shop', [slept?.queryid ?? '']);
    expect([...texts.values()].join()).toContain('pg_sleep');
    const item = await table.get(keys.statement('shop', slept?.queryid ?? ''));
    expect(item?.['expires']).toBeGreaterThan((hour + 400 * 86_400_000) / 1_000);
    for (const one of started) await one.close();
    await table.close();
  }, 120_000);
});
