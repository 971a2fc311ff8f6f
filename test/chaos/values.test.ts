import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogOf } from '../../src/collectors/catalog.ts';
import { collectors } from '../../src/collectors/index.ts';
import { LOOPS } from '../../src/config/loop.ts';
import { prometheusText } from '../../src/metrics/prometheus.ts';
import { TestServer } from '../support/test-server.ts';
import { failed, Watched } from './support/watched.ts';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start(18);
  await server.sql('CREATE SEQUENCE last MAXVALUE 9223372036854775807');
  await server.sql("SELECT setval('last', 9223372036854775807)");
  await server.sql('CREATE SEQUENCE down INCREMENT -1 MINVALUE -9223372036854775808');
  await server.sql("SELECT setval('down', -9223372036854775808)");
  await server.sql('CREATE TABLE by_time (at timestamptz, amount numeric) PARTITION BY RANGE (at)');
  await server.sql("CREATE TABLE bc PARTITION OF by_time FOR VALUES FROM ('4700-01-01 BC') TO ('0044-03-15 BC')");
  await server.sql("CREATE TABLE far PARTITION OF by_time FOR VALUES FROM ('200000-01-01') TO ('infinity')");
  await server.sql("CREATE TABLE long_ago PARTITION OF by_time FOR VALUES FROM ('-infinity') TO ('4700-01-01 BC')");
  await server.sql(
    "INSERT INTO by_time VALUES ('0100-01-01 BC', 'NaN'), ('infinity', 'Infinity')".replace(
      "('infinity', 'Infinity')",
      "('250000-01-01', 'Infinity')",
    ),
  );
  await server.sql('CREATE TABLE by_float (x float8) PARTITION BY RANGE (x)');
  await server.sql("CREATE TABLE nan PARTITION OF by_float FOR VALUES FROM ('Infinity') TO (MAXVALUE)");
  await server.sql("INSERT INTO by_float VALUES ('NaN')");
  await server.sql('CREATE TABLE by_big (id bigint) PARTITION BY RANGE (id)');
  await server.sql(
    'CREATE TABLE big PARTITION OF by_big FOR VALUES FROM (-9223372036854775808) TO (9223372036854775807)',
  );
  await server.sql(`CREATE TABLE "quote""s and . dots \u{1F40C} ${'x'.repeat(20)}" (id int)`);
  await server.sql('ANALYZE');
});
afterAll(() => server.stop());

test.each(LOOPS)('the %s loop reads, keeps and shows what lies at the ends of all types', async (loop) => {
  const watched = await Watched.start(loop, { victim: server.postgres.dsn('pgmon') });
  for (let i = 0; i < 2; i++) {
    const snapshot = await watched.pass();
    expect([snapshot.up, failed(snapshot)]).toEqual([true, []]);
    expect(snapshot.samples.filter(({ value }) => Number.isNaN(value))).toEqual([]);
  }
  const kept = await watched.stores.snapshots.get('victim', loop);
  if (!kept) throw new Error('nothing was kept');
  expect(prometheusText(catalogOf(collectors), [kept])).not.toMatch(/ (NaN|undefined|null)$/m);
  await watched.close();
});
