/**
 * Side by side with the peers: what watching costs the server in an hour, and what each gives for it. One run, one
 * machine, one server a scenario. Peers are taken from the path; what is not there says so. CPU of a peer is that of the
 * whole server (backends that ended included) less what the server takes by itself in the same time; that of pgmon is of
 * its own backends, pass by pass. `--short`: fewer readings, scenarios A and E on 18, nothing written.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import pg from 'pg';
import { catalogOf } from '../src/collectors/catalog.ts';
import { collectors } from '../src/collectors/index.ts';
import { startPostgres } from '../src/local/postgres-server.ts';
import { childrenOf } from '../src/local/processes.ts';
import { ensureMajor } from '../test/support/install-majors.ts';
import { TestLoop } from '../test/support/pass.ts';
import { cpuMs } from './support/cpu.ts';
import { crowd } from './support/crowd.ts';
import { loopsOfAnHour } from './support/hour.ts';
import { type Peer, peers } from './support/peers.ts';
import { manyStatements, manyTables } from './support/scenarios.ts';
import { machine } from './support/server.ts';

const short = process.argv.includes('--short');
const READINGS = short ? 3 : 8;
const TICK_MS = 10;
const LONGEST_WAIT_MS = short ? 8_000 : 30_000;

interface Cost {
  readonly monitor: string;
  readonly rate: string;
  readonly seconds: number | string;
  readonly statements?: number;
  readonly execMs?: number;
  readonly planMs?: number;
  readonly tempBytes?: number;
  readonly blocksRead?: number;
  readonly connections?: number;
  readonly names?: number;
  readonly series?: number;
}

const scenarios: Readonly<
  Record<string, { name: string; build: (admin: pg.Client, dsn: string) => Promise<unknown> }>
> = {
  A: { name: 'A quiet', build: async () => undefined },
  B: { name: 'B 200 sessions, 50 of them in a tree of locks', build: (_, dsn) => crowd(dsn, 200, 50) },
  C: { name: 'C 5,000 statements of 3 kB', build: (admin) => manyStatements(admin, 5_000) },
  D: { name: 'D 10,000 tables, 20,000 indexes', build: (admin) => manyTables(admin, 10_000) },
};

/** CPU of all processes of a server, those that have ended included, to a hundredth of a second. */
function serverCpuMs(postmaster: number): number {
  const fields = readFileSync(`/proc/${postmaster}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const ended = (Number(fields[13]) + Number(fields[14])) * TICK_MS;
  return [postmaster, ...childrenOf(postmaster)].reduce((sum, pid) => {
    try {
      return sum + cpuMs(pid);
    } catch {
      return sum; // it ended meanwhile, and is in its parent's account
    }
  }, ended);
}

interface Used {
  calls: number;
  execMs: number;
  planMs: number;
  temp: number;
  read: number;
}

async function usedBy(admin: pg.Client, role: string): Promise<Used> {
  const { rows } = await admin.query(
    `SELECT coalesce(sum(calls), 0)::float8 AS calls, coalesce(sum(total_exec_time), 0)::float8 AS "execMs",
            coalesce(sum(total_plan_time), 0)::float8 AS "planMs",
            (coalesce(sum(temp_blks_written), 0) * 8192)::float8 AS temp,
            coalesce(sum(shared_blks_read), 0)::float8 AS read
       FROM pg_stat_statements(false) WHERE userid = $1::regrole`,
    [role],
  );
  return rows[0];
}

async function held(admin: pg.Client, role: string): Promise<number> {
  return (await admin.query('SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = $1', [role])).rows[0].n;
}

async function costOfPgmon(admin: pg.Client, port: number): Promise<Cost> {
  const before = await usedBy(admin, 'pgmon');
  const hour = await loopsOfAnHour(port, admin);
  const after = await usedBy(admin, 'pgmon');
  const snapshots = [...hour.measured.values()].map(({ last }) => last);
  const statements = [...hour.measured].reduce(
    (sum, [loop, { statementsPerPass }]) =>
      sum + statementsPerPass * { hot: 240, workload: 60, storage: 6, hourly: 1 }[loop],
    0,
  );
  const share = statements / Math.max(1, after.calls - before.calls);
  return {
    monitor: 'pgmon, four loops',
    rate: 'every 15 s, 60 s, 10 min, 1 h',
    seconds: hour.cpuMs / 1_000,
    statements,
    execMs: (after.execMs - before.execMs) * share,
    planMs: (after.planMs - before.planMs) * share,
    tempBytes: after.temp - before.temp,
    blocksRead: (after.read - before.read) * share,
    connections: 4,
    names: catalogOf(collectors).size,
    series: snapshots.reduce((sum, { samples }) => sum + samples.length, 0),
  };
}

async function costOfPeer(peer: Peer, admin: pg.Client, port: number, postmaster: number): Promise<Cost> {
  const { name: monitor, rate } = peer;
  if (!peer.program) return { monitor, rate, seconds: 'not installed' };
  const watching = await peer.start(port, 'peer');
  try {
    await watching.read(2);
    const before = await usedBy(admin, 'peer');
    const [cpu, began] = [serverCpuMs(postmaster), performance.now()];
    const times = await watching.read(READINGS);
    const [took, elapsed] = [serverCpuMs(postmaster) - cpu, performance.now() - began];
    const after = await usedBy(admin, 'peer');
    const connections = await held(admin, 'peer');
    const size = watching.size;
    await watching.stop();
    // What the server does by itself in as long a time, background and load.
    const [idle, since] = [serverCpuMs(postmaster), performance.now()];
    await sleep(Math.max(2_000, elapsed / 2));
    const alone = ((serverCpuMs(postmaster) - idle) / (performance.now() - since)) * elapsed;
    const scale = peer.anHour / times;
    return {
      monitor,
      rate,
      seconds: (Math.max(0, took - alone) * scale) / 1_000,
      statements: (after.calls - before.calls) * scale,
      execMs: (after.execMs - before.execMs) * scale,
      planMs: (after.planMs - before.planMs) * scale,
      tempBytes: (after.temp - before.temp) * scale,
      blocksRead: (after.read - before.read) * scale,
      connections,
      ...(size ?? {}),
    };
  } finally {
    await watching.stop();
  }
}

/** E: how long each waits behind a table that somebody has under ACCESS EXCLUSIVE. */
async function longestWait(role: string, admin: pg.Client, read: () => Promise<unknown>): Promise<number> {
  let [longest, reading] = [0, true];
  const done = read().finally(() => {
    reading = false;
  });
  const end = Date.now() + LONGEST_WAIT_MS;
  while (reading && Date.now() < end) {
    const { rows } = await admin.query(
      "SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0)::float8 AS s FROM pg_stat_activity WHERE usename = $1 AND wait_event_type = 'Lock'",
      [role],
    );
    longest = Math.max(longest, rows[0].s);
    await sleep(50);
  }
  if (reading) return Math.max(longest, LONGEST_WAIT_MS / 1_000);
  await done.catch(() => {}); // that it failed is not the question here
  return longest;
}

function shown(costs: readonly Cost[]): string[][] {
  const number = (value: number | undefined, digits = 0) =>
    value === undefined ? '–' : value.toLocaleString('en-US', { maximumFractionDigits: digits });
  const [own] = costs;
  return costs.map(({ monitor, rate, seconds, ...cost }) => [
    monitor,
    rate,
    typeof seconds === 'number' ? number(seconds, 2) : seconds,
    typeof seconds === 'number' && typeof own?.seconds === 'number' ? `${number(seconds / own.seconds, 1)} ×` : '–',
    number(cost.statements),
    number(cost.execMs),
    number(cost.planMs),
    number(cost.tempBytes),
    number(cost.blocksRead),
    number(cost.connections),
    number(cost.names),
    number(cost.series),
  ]);
}

const HEAD = [
  'monitor',
  'reads',
  'CPU s an hour',
  'to pgmon',
  'statements an hour',
  'executing ms',
  'planning ms',
  'temp bytes',
  'blocks read',
  'connections',
  'names',
  'series',
];
const report: string[] = [];
const settings = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.max': '10000',
  'pg_stat_statements.track_planning': 'on',
  max_connections: '260',
  fsync: 'off',
  autovacuum: 'off',
};
let version = '';
for (const major of short ? ([18] as const) : ([18, 14] as const)) {
  for (const [key, { name, build }] of Object.entries(scenarios)) {
    if (short && key !== 'A') continue;
    const server = await startPostgres({ binaries: await ensureMajor(major), settings });
    const admin = new pg.Client(server.dsn());
    admin.on('error', () => {});
    await admin.connect();
    await admin.query('CREATE EXTENSION pg_stat_statements');
    for (const role of ['pgmon', 'peer']) await admin.query(`CREATE ROLE ${role} LOGIN; GRANT pg_monitor TO ${role}`);
    version = (await admin.query('SHOW server_version')).rows[0].server_version;
    await build(admin, server.dsn());
    const costs = [await costOfPgmon(admin, server.port)];
    for (const peer of peers) costs.push(await costOfPeer(peer, admin, server.port, server.pid));
    const table = new Table({ head: [...HEAD], style: { head: [], border: [] } });
    table.push(...shown(costs));
    console.log(`\nPostgreSQL ${version}: ${name}\n${table.toString()}`);
    report.push(`### PostgreSQL ${version}: ${name}`, '', markdown(HEAD, shown(costs)), '');
    if (key === 'A') {
      await admin.query('CREATE TABLE locked (id int)');
      const holder = new pg.Client(server.dsn());
      await holder.connect();
      await holder.query('BEGIN; LOCK TABLE locked IN ACCESS EXCLUSIVE MODE');
      const loops = (['hot', 'workload', 'storage', 'hourly'] as const).map(
        (loop) => new TestLoop(server.dsn('pgmon'), { loop }),
      );
      const waits: [string, number][] = [
        [
          'pgmon, all four loops',
          await longestWait('pgmon', admin, async () => Promise.all(loops.map((loop) => loop.pass()))),
        ],
      ];
      for (const loop of loops) await loop.close();
      for (const peer of peers.filter(({ program }) => program)) {
        const watching = await peer.start(server.port, 'peer');
        waits.push([peer.name, await longestWait('peer', admin, () => watching.read(1))]);
        await watching.stop();
      }
      await holder.end();
      const rows = waits.map(([monitor, seconds]) => [monitor, seconds.toFixed(2)]);
      console.log(`\nE, a table under ACCESS EXCLUSIVE: longest wait behind it, seconds`);
      for (const row of rows) console.log(`  ${row.join(': ')}`);
      report.push(
        `### PostgreSQL ${version}: E a table under ACCESS EXCLUSIVE`,
        '',
        markdown(['monitor', 'longest wait behind the lock, s'], rows),
        '',
      );
    }
    await admin.end();
    await server.stop('immediate');
  }
}
console.log(machine(version));
if (!short) {
  const text = [
    '# Side by side with the peers',
    '',
    `Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}: ${machine(version)}. An hour is scaled from ${READINGS} readings of a peer and`,
    'from over a hundred passes of pgmon. Noise of the machine is some 20 %, so ratios of one run say more than figures.',
    'Statements, execution, planning, temporary files and blocks are those of the watching role in pg_stat_statements.',
    "pgmon's passes are taken one after the other, warm: at its real pace they cost more (`npm run bench:loops`).",
    'pgwatch is in no registry that this was run from.',
    '',
    ...report,
  ].join('\n');
  writeFileSync(new URL('./RESULTS.md', import.meta.url), text);
}
process.exit(0);

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
