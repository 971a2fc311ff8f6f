import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogOf } from '../../src/collectors/catalog.ts';
import { collectors } from '../../src/collectors/index.ts';
import { LOOPS, type Loop } from '../../src/config/loop.ts';
import { measuredCounts } from '../../src/cost/counts.ts';
import { CountingAws } from '../support/aws.ts';
import { anHour, type HourOf } from '../support/aws-hour.ts';
import { TestServer } from '../support/test-server.ts';

/** A small shop: so many tables, each with an index, and so many statements that run every minute. */
const TABLES = 50;

let aws: CountingAws;
let server: TestServer;
let alone: ReadonlyMap<Loop, HourOf>;
let three: ReadonlyMap<Loop, HourOf>;
beforeAll(async () => {
  [aws, server] = await Promise.all([new CountingAws().start(), TestServer.start(18)]);
  for (let i = 0; i < TABLES; i++) {
    await server.sql(`CREATE TABLE t${i} (id int PRIMARY KEY, a int, note text)`);
    await server.sql(`CREATE INDEX ON t${i} (a)`);
    await server.sql(`INSERT INTO t${i} SELECT g, g, 'note' FROM generate_series(1, 50) AS g`);
  }
  let minute = 0;
  const load = async () => {
    // What autovacuum would do in the hour that takes seconds here.
    if (minute++ % 10 === 9) await server.sql('VACUUM ANALYZE');
    for (let i = 0; i < TABLES; i++) {
      await server.sql(`SELECT count(*) FROM t${i} WHERE a > $1`, [1]);
      await server.sql(`UPDATE t${i} SET a = a + 1 WHERE id = $1`, [1]);
    }
  };
  const dsn = server.postgres.dsn('pgmon');
  alone = await anHour(aws, [dsn], load, Date.parse('2026-11-02T10:00:00Z'));
  three = await anHour(aws, [dsn, dsn, dsn], load, Date.parse('2026-11-03T10:00:00Z'));
  // Three hours of passes, minute by minute: one and a half minutes on an idle machine.
}, 400_000);
afterAll(async () => {
  await aws.close();
  await server.stop();
});

test.each(LOOPS)('%s: what an hour asks of the table is what the bill counts with', (loop) => {
  const [one, more] = [alone.get(loop), three.get(loop)];
  const counted = measuredCounts.loops[loop];
  console.log(
    loop,
    JSON.stringify({ alone: one, three: more }, (_, value) => (value instanceof Set ? value.size : value)),
  );
  for (const [targets, measured] of [
    [1, one],
    [3, more],
  ] as const) {
    const writes = (measured?.writeUnits ?? 0) / targets;
    const reads = (measured?.readUnits ?? 0) / targets;
    expect(Math.abs(writes - counted.writeUnits) / counted.writeUnits).toBeLessThan(0.2);
    expect(reads).toBeLessThan(counted.readUnits * 1.2 + 1);
  }
});

test('metrics, calls and runs are what the bill counts with', () => {
  const catalog = catalogOf(collectors);
  for (const loop of LOOPS) {
    const names = [...(alone.get(loop)?.metrics ?? [])].map((metric) => metric.split(' ')[0] ?? '');
    const essential = names.filter((name) => catalog.get(name)?.cloudwatch?.essential);
    expect({ default: names.length, essential: essential.length }).toEqual(measuredCounts.loops[loop].metrics);
    expect(three.get(loop)?.metrics.size).toBe(3 * names.length);
    // All targets of a shard go in one call.
    expect(three.get(loop)?.metricCalls).toBe(three.get(loop)?.invocations);
  }
  expect(LOOPS.map((loop) => alone.get(loop)?.invocations)).toEqual([60, 60, 6, 1]);
  // A secret is asked for when a connection is made, not at every pass.
  expect(LOOPS.reduce((sum, loop) => sum + (alone.get(loop)?.secretCalls ?? 0), 0)).toBeLessThan(20);
});
