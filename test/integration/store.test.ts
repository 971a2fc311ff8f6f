import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseConfig } from '../../src/config/load.ts';
import { openLocalTable } from '../../src/local/local-table.ts';
import { createLoop } from '../../src/loops/compose.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import { keys } from '../../src/store/keys.ts';
import { getValue, putValue } from '../../src/store/parts.ts';
import { SqliteTable } from '../../src/store/sqlite-table.ts';
import { type Stores, storesIn } from '../../src/store/stores.ts';
import { total } from '../support/pass.ts';
import { useServer } from '../support/test-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'pgmon-store-'));
let local: Awaited<ReturnType<typeof openLocalTable>>;
let stores: Stores;
beforeAll(async () => {
  local = await openLocalTable(folder);
  stores = storesIn(local.table);
});
afterAll(async () => {
  await local.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a part of another write is no part of this one', async () => {
  const key = keys.latest('large', 'hot');
  let large = '';
  while (large.length < 1_500_000) large += Math.random().toString(36).slice(2);
  const { table } = local;
  const expires = Math.floor(Date.now() / 1_000) + 60;
  await putValue(table, key, large, { expires });
  const [part] = (await table.query(key.pk)).filter(({ sk }) => sk !== key.sk);
  await table.put({ ...key, sk: String(part?.['sk']) }, { data: new Uint8Array([1]), stamp: 'another', expires });
  expect(await getValue(table, key)).toBeUndefined();
});

describe('what the loops keep', () => {
  const server = useServer(18);
  const runner = (loop: 'hot' | 'workload' | 'hourly', clock: () => Date = () => new Date(), into = stores) => {
    const config = parseConfig(`cluster: kept\ndsn: "${server().postgres.dsn('pgmon')}"`, 'test', {});
    const lines: string[] = [];
    const say = (_: object, message: string) => {
      lines.push(message);
    };
    const created = createLoop(loop, config, {
      credentials: credentialsFromDsn,
      stores: into,
      channels: [],
      log: { debug: say, info: say, warn: say, error: say },
      now: clock,
      idleLimitMs: Number.POSITIVE_INFINITY,
    });
    return {
      close: () => created.close(),
      pass: async () => {
        const passes = await created.pass(config.targets);
        expect([
          await created.write(config.targets, passes),
          lines.filter((line) => line.startsWith('not written')),
        ]).toEqual([0, []]);
        const [only] = passes;
        if (!only) throw new Error('no snapshot');
        return only.snapshot;
      },
    };
  };

  test('texts of the top statements, redacted, and the top list of each minute', async () => {
    const from = new Date();
    await server().sql("CREATE ROLE somebody PASSWORD 's3cret-role'");
    await server().sql('CREATE TABLE note (t text)');
    let minutes = 0;
    const loop = runner('workload', () => new Date(from.getTime() + minutes * 60_000));
    await loop.pass();
    minutes = 30;
    for (let i = 0; i < 20; i++) await server().sql("SELECT count(*) FROM note WHERE t = 's3cret-value'");
    const snapshot = await loop.pass();
    const ids = (snapshot.rows['statements'] ?? []).map((row) => String(row['queryid']));
    const texts = await stores.statements.get('kept', ids);
    expect([...texts.values()]).toContain('SELECT count(*) FROM note WHERE t = $1');
    expect([...texts.values()].join()).not.toContain('s3cret');
    expect([...texts.values()].some((text) => text.includes('CREATE ROLE somebody PASSWORD ?'))).toBe(true);
    const tops = await stores.top.between('kept', 'statements', from, new Date(from.getTime() + 1_800_000));
    const calls = tops
      .flatMap(({ rows }) => rows)
      .find((row) => texts.get(String(row['queryid']))?.includes('count(*) FROM note'));
    expect(calls).toMatchObject({ calls: 20 });
    await loop.close();
  });

  test('[D6] the text of what takes most of the time is there at once, however dear reading texts is', async () => {
    const from = new Date();
    // 1,200 statements, 4 MB of texts: reading them takes more than the ten-thousandth of a minute.
    for (let batch = 0; batch < 12; batch++) {
      const columns = Array.from({ length: 100 }, (_, i) => 60 + batch * 100 + i);
      await server().sql(columns.map((count) => `SELECT ${Array(count).fill('1').join(', ')}`).join('; '));
    }
    let minutes = 0;
    const loop = runner('workload', () => new Date(from.getTime() + minutes * 60_000));
    await loop.pass();
    for (const name of ['first', 'second', 'third']) {
      minutes += 1;
      // Another statement each: a table of its own makes another queryid.
      await server().sql(`CREATE TABLE ${name} AS SELECT 1 AS n`);
      await server().sql(`SELECT pg_sleep(0.3 + n) FROM (SELECT n * 0 AS n FROM ${name}) AS dearest`);
      const rows = (await loop.pass()).rows['statements'] ?? [];
      const dearest = rows.toSorted((a, b) => Number(b['exec_seconds']) - Number(a['exec_seconds']))[0];
      const queryid = String(dearest?.['queryid']);
      expect((await stores.statements.get('kept', [queryid])).get(queryid)).toContain(`FROM ${name}`);
    }
    await loop.close();
  });

  test('the baseline of statements outlives the process, and is not written at every pass', async () => {
    const first = runner('workload');
    await first.pass();
    await first.close();
    await server().sql('SELECT count(*) FROM note');
    const second = runner('workload');
    const snapshot = await second.pass();
    expect(total(snapshot, 'pg_qps', { db: 'postgres' })).toBeGreaterThan(0);
    const schema = z.record(
      z.string(),
      z.object({ moment: z.looseObject({}), value: z.looseObject({ rows: z.array(z.unknown()) }) }),
    );
    const written = async () => (await stores.loopStates.get('kept', 'workload', 'bulk', schema))?.['statements'];
    const before = await written();
    expect(before?.value.rows.length).toBeGreaterThan(0);
    await second.pass();
    expect(await written()).toEqual(before);
    await second.close();
    expect(await written()).not.toEqual(before);
  });

  test('sessions of a moment', async () => {
    const from = new Date();
    const leave = await server().sessions({ 'idle in transaction': 2 });
    const loop = runner('hot');
    await loop.pass();
    await loop.close();
    await leave();
    const passes = await stores.past.between('kept', from, new Date());
    const sessions = passes.flatMap(({ rows }) => rows['activity'] ?? []).filter(({ kind }) => kind === 'session');
    expect(sessions.filter(({ state }) => state === 'idle in transaction')).toHaveLength(2);
  });

  test('hours that are over are rolled up once, and kept', async () => {
    const at = (time: string) => new Date(`2026-03-01T${time}Z`);
    const table = SqliteTable.inMemory(() => at('12:05:00.000'));
    const stores = storesIn(table);
    for (const [time, value] of [
      ['10:00:00.000', 1],
      ['10:30:00.000', 3],
      ['11:10:00.000', 7],
      ['12:00:10.000', 9],
    ] as const) {
      await stores.history.append('kept', 'hot', [{ at: `2026-03-01T${time}Z`, values: { 'pg_up{}': value } }]);
    }
    const loop = runner('hourly', () => at('12:05:00.000'), stores);
    await loop.pass();
    const hours = async () =>
      (await stores.series.between('kept', 'hours', at('00:00:00'), at('11:59:59'), at('12:05:00'))).map(
        ({ at: hour, values }) => [hour.slice(11, 13), values['pg_up{}']],
      );
    expect(await hours()).toEqual([
      ['10', [1, 2, 3]],
      ['11', [7, 7, 7]],
    ]);
    expect(await stores.series.missing('kept', at('12:59:00'))).toEqual([]);
    expect(await stores.series.missing('kept', at('13:01:00'))).toEqual([at('12:00:00')]);
    await loop.close();
  });
});
