import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { collectors } from '../../../src/collectors/index.ts';
import { seriesKey } from '../../../src/metrics/sample.ts';
import { TestLoop, total } from '../../support/pass.ts';
import { majors, useServer } from '../../support/test-server.ts';

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major);
  let loop: TestLoop;
  beforeAll(() => {
    loop = new TestLoop(server().postgres.dsn('pgmon'), {
      loop: 'workload',
      collectors: collectors.filter(({ name }) => name === 'temp_files'),
    });
  });
  afterAll(() => loop?.close());

  test('[C4] no hot collector reads statistics that make the collector of 12 to 14 write its file', () => {
    const hot = collectors.filter((collector) => collector.loop === 'hot').flatMap(({ sql }) => sql);
    for (const { text } of hot) expect(text).not.toMatch(/pg_stat_get_db_|pg_stat_database|pg_stat_(user|all)_/);
  });

  test('temp files: what a query spilled, as a counter and as a rate', async () => {
    await loop.snapshot();
    const client = await server().open();
    await client.query("SET work_mem = '64kB'");
    await client.query('SELECT i FROM generate_series(1, 200000) AS i ORDER BY i DESC OFFSET 199999');
    await client.end();
    const truth = async () =>
      (await server().sql("SELECT temp_bytes::float8 AS bytes FROM pg_stat_database WHERE datname = 'postgres'"))[0]?.[
        'bytes'
      ];
    await server().until("SELECT 1 FROM pg_stat_database WHERE datname = 'postgres' AND temp_bytes > 1000000");
    const snapshot = await loop.snapshot();
    expect(total(snapshot, 'pg_temp_bytes_total', { db: 'postgres' })).toBe(await truth());
    expect(
      snapshot.rates.find(({ metric, labels }) => metric === 'pg_temp_bytes_total' && labels['db'] === 'postgres')
        ?.value,
    ).toBeGreaterThan(0);
  });

  test('temp files: a reset in between gives a reason and no rate', async () => {
    await loop.snapshot();
    await server().sql('SELECT pg_stat_reset()');
    await server().until("SELECT 1 FROM pg_stat_database WHERE datname = 'postgres' AND temp_bytes = 0");
    const snapshot = await loop.snapshot();
    expect(snapshot.noRates[seriesKey('pg_temp_bytes_total', { db: 'postgres' })]).toBe('reset');
    expect(snapshot.rates.every(({ value }) => value >= 0)).toBe(true);
  });
});
