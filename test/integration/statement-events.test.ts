import { describe, expect, test } from 'vitest';
import { statements } from '../../src/collectors/statements/statements.ts';
import { eventsOf } from '../../src/events/compare.ts';
import type { Event } from '../../src/events/event.ts';
import { planChange, statementGone, statementNew } from '../../src/events/kinds/statements.ts';
import type { Snapshot } from '../../src/metrics/snapshot.ts';
import { TestLoop } from '../support/pass.ts';
import { majors, useServer } from '../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);

  test('a statement that is new, one whose plan changes, and one that is no longer called', async () => {
    await server().sql('CREATE TABLE big (k int, filler text)');
    await server().sql("INSERT INTO big SELECT i, repeat('x', 100) FROM generate_series(1, 40000) AS i");
    await server().sql('CREATE INDEX big_k ON big (k)');
    await server().sql('VACUUM ANALYZE big');
    const shop = await server().open('shop');
    await shop.query('SET enable_bitmapscan = off');
    // As the role whose own statements are left out.
    const truth = await server().open('truth', 'pgmon');
    const queryidOf = async (part: string): Promise<string> => {
      const text = 'SELECT queryid::text AS id FROM pg_stat_statements WHERE query LIKE $1';
      return String((await truth.query(text, [part])).rows[0]?.id);
    };
    const loop = new TestLoop(server().postgres.dsn('pgmon'), { loop: 'workload', collectors: [statements] });
    let previous: Snapshot | undefined;
    const pass = async (work: { steady?: boolean; report?: boolean }): Promise<Event[]> => {
      for (let i = 0; i < 20; i++) await shop.query('SELECT filler FROM big WHERE k = $1', [i + 1]);
      if (work.steady) await shop.query('SELECT count(*) FROM generate_series(1, 60000)');
      if (work.report) await shop.query('SELECT sum(i) FROM generate_series(1, 60000) AS i');
      const current = await loop.snapshot();
      const last = previous ?? current;
      previous = current;
      const faults: unknown[] = [];
      const comparison = { last, previous: last, current, now: new Date() };
      const events = eventsOf([statementNew, statementGone, planChange], comparison, (_, error) => faults.push(error));
      expect(faults).toEqual([]);
      return events;
    };
    const passes = async (count: number, work: Parameters<typeof pass>[0]) => {
      const events: Event[] = [];
      for (let i = 0; i < count; i++) events.push(...(await pass(work)));
      return events;
    };

    expect(await passes(25, { steady: true })).toEqual([]);

    const fresh = await passes(4, { steady: true, report: true });
    expect(fresh).toMatchObject([
      { kind: 'statement_new', db: 'postgres', object: await queryidOf('SELECT sum(i)%'), from: '0 %' },
    ]);
    expect(Number.parseInt(fresh[0]?.to ?? '', 10)).toBeGreaterThanOrEqual(5);

    await server().sql('DROP INDEX big_k');
    const slower = await passes(4, { steady: true, report: true });
    const lookup = await queryidOf('SELECT filler%');
    expect(slower).toMatchObject([
      { kind: 'plan_change_suspected', severity: 'warning', db: 'postgres', object: lookup },
    ]);
    const blocksOf = (text = '') => Number.parseInt(text.replaceAll(',', ''), 10);
    const [{ pages }] = (await server().sql("SELECT relpages AS pages FROM pg_class WHERE relname = 'big'")) as [
      { pages: number },
    ];
    expect(blocksOf(slower[0]?.from)).toBeLessThan(10);
    expect(blocksOf(slower[0]?.to)).toBe(pages);

    const away = await passes(12, { report: true });
    expect(away).toMatchObject([
      { kind: 'statement_gone', object: await queryidOf('SELECT count(*) FROM generate%'), to: '0 %' },
    ]);
    await loop.close();
  }, 120_000);
});
