/**
 * What all four loops cost the server at their default rates, in the four scenarios of the field's monitors: quiet; 200
 * sessions of which 50 are blocked; 5,000 statements of 3 kB; 10,000 tables with 20,000 indexes. Server time is the CPU
 * time of pgmon's own backends from /proc; an hour holds their passes, one new connection a loop, and fetches of texts
 * as often as pgmon allows itself. What the machine does beside is not constant, so a plain read of the session list is
 * measured in the same minute: in B it took 1.9 ms on the machine that the goals come from.
 */
import Table from 'cli-table3';
import pg from 'pg';
import { catalogOf } from '../src/collectors/catalog.ts';
import { collectors } from '../src/collectors/index.ts';
import { LOOPS } from '../src/config/loop.ts';
import { cpuMs, median } from './support/cpu.ts';
import { crowd } from './support/crowd.ts';
import { type LoopsOfAnHour, loopsOfAnHour, PASSES } from './support/hour.ts';
import { manyStatements, manyTables } from './support/scenarios.ts';
import { machine, withServer } from './support/server.ts';

/** A fetch of texts: what it costs does not depend on how many are asked for. */
const TEXTS = "SELECT queryid, query FROM pg_stat_statements(true) WHERE queryid = ANY ('{1,2,3}')";
/** What the goals' machine took 1.9 ms for in B. */
const REFERENCE = `SELECT *, CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) END FROM pg_stat_activity`;

interface Scenario {
  readonly name: string;
  /** Goal, CPU seconds an hour. */
  readonly goal: number;
  readonly build: (admin: pg.Client, dsn: string) => Promise<(() => Promise<void>) | undefined>;
}

const scenarios: readonly Scenario[] = [
  { name: 'A quiet', goal: 0.8, build: async () => undefined },
  { name: 'B 200 sessions, 50 blocked', goal: 0.9, build: async (_, dsn) => (await crowd(dsn, 200, 50)).leave },
  {
    name: 'C 5,000 statements of 3 kB',
    goal: 1.7,
    build: async (admin) => {
      await manyStatements(admin, 5_000);
      return undefined;
    },
  },
  {
    name: 'D 10,000 tables, 20,000 indexes',
    goal: 4.4,
    build: async (admin) => {
      await manyTables(admin, 10_000);
      return undefined;
    },
  },
];

const only = process.argv[2];
const settings = { max_connections: '260', 'pg_stat_statements.max': '10000' };
const summary = new Table({
  style: { head: [], border: [] },
  head: [
    'scenario',
    'CPU s an hour',
    'goal',
    ...LOOPS.map((loop) => `${loop} ms`),
    'connect ms',
    'texts ms',
    'reference ms',
    'temp files',
  ],
});
let version = '';
for (const { name, goal, build } of scenarios) {
  if (only && !name.startsWith(only)) continue;
  await withServer(settings, async (admin, server) => {
    version = server.version;
    const undo = await build(admin, server.dsn);
    const referenceMs = await readingMs(server.port, REFERENCE);
    const hour = await loopsOfAnHour(server.port, admin);
    await undo?.();
    const textsMs = await readingMs(server.port, TEXTS);
    summary.push(row(name, goal, hour, textsMs, referenceMs));
    console.log(slowest(name, hour));
  });
}
console.log(machine(version));
console.log(summary.toString());
console.log(
  `${catalogOf(collectors).size} metric names from ${collectors.length} collectors; goals: workload under 50 ms, storage under 600 ms, hourly under 5 s in D, statements under 15 ms in C, no temp file`,
);

function row(name: string, goal: number, hour: LoopsOfAnHour, textsMs: number, referenceMs: number): string[] {
  // A fetch may take a ten-thousandth of the time, and there is none more often than every pass.
  const seconds = (hour.cpuMs + Math.min(360, PASSES.workload.anHour * textsMs)) / 1_000;
  return [
    name,
    seconds.toFixed(2),
    goal.toFixed(1),
    ...[...hour.measured.values()].map(({ cpu }) => median(cpu).toFixed(2)),
    hour.connectMs.toFixed(1),
    textsMs.toFixed(1),
    referenceMs.toFixed(2),
    String(hour.tempFiles),
  ];
}

/** CPU of one reading on a warm connection of the role pgmon, in milliseconds: the median of many. */
async function readingMs(port: number, sql: string): Promise<number> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'pgmon', database: 'postgres' });
  client.on('error', () => {});
  await client.connect();
  await client.query("SET work_mem = '64MB'");
  const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
  const cpu: number[] = [];
  for (let i = 0; i < 20; i++) {
    const before = cpuMs(pid);
    await client.query({ name: 'reading', text: sql });
    cpu.push(cpuMs(pid) - before);
  }
  await client.end();
  return median(cpu);
}

/** The collectors that took longest, by the time between the answer before and theirs. */
function slowest(name: string, { measured }: LoopsOfAnHour): string {
  const all = [...measured].flatMap(([loop, { last }]) => last.outcomes.map((outcome) => ({ loop, ...outcome })));
  const top = all.toSorted((a, b) => (b.ms ?? 0) - (a.ms ?? 0)).slice(0, 8);
  return `${name}: ${top.map(({ loop, collector, ms, rows }) => `${loop}/${collector} ${(ms ?? 0).toFixed(1)} ms, ${rows ?? 0} rows`).join('; ')}`;
}
