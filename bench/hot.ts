/**
 * What a hot pass costs the server it watches: quiet, and with 200 sessions of which 50 wait in a tree of locks.
 * Server time is the CPU time of pgmon's own backend, planning and sending included, read from /proc.
 */
import Table from 'cli-table3';
import type pg from 'pg';
import { catalogOf } from '../src/collectors/catalog.ts';
import { collectors } from '../src/collectors/index.ts';
import { median } from './support/cpu.ts';
import { crowd } from './support/crowd.ts';
import { measureLoop } from './support/measure.ts';
import { RoundTripCounter } from './support/round-trips.ts';
import { machine, withServer } from './support/server.ts';

const PASSES = 300;
const WARM_UP = 10;
const PASSES_PER_HOUR = 240;

await withServer({ max_connections: '260' }, async (admin, { port, dsn, version }) => {
  console.log(`${machine(version)}, ${PASSES} passes each`);
  const table = new Table({
    style: { head: [], border: [] },
    head: [
      'scenario',
      'server ms a pass (median)',
      'p95',
      'CPU s an hour',
      'statements a pass',
      'round trips a pass',
      'wall ms (median)',
      'temp files',
    ],
  });
  table.push(await measure('quiet', admin, port));
  const sessions = await crowd(dsn, 200, 50);
  table.push(await measure('200 sessions, 50 blocked', admin, port));
  await sessions.leave();
  console.log(table.toString());
  const names = catalogOf(collectors.filter(({ loop }) => loop === 'hot')).size;
  console.log(`${names} metric names; goal: median under 4 ms, at most 2 round trips`);
});

async function measure(scenario: string, admin: pg.Client, port: number): Promise<string[]> {
  const counter = await RoundTripCounter.to(port);
  const { cpu, wall, statementsPerPass, tempFiles } = await measureLoop('hot', counter.port, admin, {
    warmUp: WARM_UP,
    counted: PASSES,
  });
  counter.close();
  const total = cpu.reduce((sum, ms) => sum + ms, 0);
  return [
    scenario,
    median(cpu).toFixed(2),
    (cpu.toSorted((a, b) => a - b)[Math.floor(PASSES * 0.95)] ?? 0).toFixed(2),
    ((total / PASSES / 1_000) * PASSES_PER_HOUR).toFixed(2),
    statementsPerPass.toFixed(1),
    // Connecting and looking at the role, once an hour, are among them.
    (counter.roundTrips / (PASSES + WARM_UP)).toFixed(2),
    median(wall).toFixed(2),
    String(tempFiles),
  ];
}
