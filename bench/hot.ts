/**
 * What a hot pass costs the server it watches: quiet, and with 200 sessions of which 50 wait in a tree of locks.
 * Server time is the CPU time of pgmon's own backend, planning and sending included, read from /proc.
 */
import { cpus } from 'node:os';
import Table from 'cli-table3';
import pg from 'pg';
import { catalogOf } from '../src/collectors/catalog.ts';
import { collectors } from '../src/collectors/index.ts';
import { parseConfig } from '../src/config/load.ts';
import { startPostgres } from '../src/local/postgres-server.ts';
import { emptyMemory, type Memory } from '../src/loops/memory.ts';
import { runPass } from '../src/loops/pass.ts';
import { admission } from '../src/postgres/admit.ts';
import { credentialsFromDsn } from '../src/postgres/credentials.ts';
import { Sessions } from '../src/postgres/sessions.ts';
import { cpuMs, median } from './support/cpu.ts';
import { crowd } from './support/crowd.ts';
import { TurnCounter } from './support/turns.ts';

const PASSES = 300;
const hot = collectors.filter(({ loop }) => loop === 'hot');
const PASSES_PER_HOUR = 240;

const server = await startPostgres({
  settings: { max_connections: '260', shared_preload_libraries: 'pg_stat_statements', fsync: 'off', autovacuum: 'off' },
});
try {
  const admin = new pg.Client(server.dsn());
  admin.on('error', () => {}); // the server goes first where a pass failed
  await admin.connect();
  await admin.query('CREATE EXTENSION pg_stat_statements; CREATE ROLE pgmon LOGIN; GRANT pg_monitor TO pgmon');
  const version = (await admin.query('SHOW server_version')).rows[0].server_version;
  console.log(
    `PostgreSQL ${version}, Node ${process.version}, ${cpus()[0]?.model} × ${cpus().length}, ${PASSES} passes each`,
  );
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
  table.push(await measure('quiet', admin));
  const sessions = await crowd(server.dsn(), 200, 50);
  table.push(await measure('200 sessions, 50 blocked', admin));
  await sessions.leave();
  console.log(table.toString());
  console.log(`${catalogOf(hot).size} metric names; goal: median under 4 ms, at most 2 round trips`);
  await admin.end();
} finally {
  await server.stop('immediate');
}

async function measure(scenario: string, admin: pg.Client): Promise<string[]> {
  const counter = await TurnCounter.to(server.port);
  const config = parseConfig(`cluster: bench\ndsn: postgres://pgmon@127.0.0.1:${counter.port}/postgres`, 'bench', {});
  const [target] = config.targets;
  if (!target) throw new Error('no target');
  const sessions = new Sessions({
    applicationName: 'pgmon/hot',
    connectTimeoutMs: 3_000,
    statementTimeoutMs: 900,
    lockTimeoutMs: 500,
    credentials: credentialsFromDsn,
    admit: admission(config.security),
    idleLimitMs: Number.POSITIVE_INFINITY,
  });
  let memory: Memory = emptyMemory;
  const pass = async () => {
    const output = await runPass({
      target,
      loop: 'hot',
      collectors: hot,
      sessions,
      limits: { topRelations: 50, topIndexes: 50, topQueries: 50 },
      redactSql: true,
      deadlineMs: 4_000,
      longestGapSeconds: 900,
      memory,
      now: () => new Date(),
    });
    memory = output.memory;
    if (!output.snapshot.up || output.snapshot.outcomes.some(({ status }) => status === 'failed')) {
      throw new Error(`a pass failed: ${JSON.stringify(output.snapshot.problem ?? output.snapshot.outcomes)}`);
    }
  };
  for (let i = 0; i < 10; i++) await pass(); // plans, caches and this program warm up
  const found = await admin.query("SELECT pid FROM pg_stat_activity WHERE application_name = 'pgmon/hot'");
  const pid: number = found.rows[0].pid;
  await admin.query('SELECT pg_stat_statements_reset()');
  const tempBefore = await tempFiles(admin);
  const turnsBefore = counter.turns;
  const cpu: number[] = [];
  const wall: number[] = [];
  for (let i = 0; i < PASSES; i++) {
    const [cpuBefore, wallBefore] = [cpuMs(pid), performance.now()];
    await pass();
    cpu.push(cpuMs(pid) - cpuBefore);
    wall.push(performance.now() - wallBefore);
  }
  const statements = await admin.query(
    "SELECT sum(calls)::float8 AS calls FROM pg_stat_statements WHERE userid = (SELECT oid FROM pg_roles WHERE rolname = 'pgmon')",
  );
  const tempAfter = await tempFiles(admin);
  await sessions.close();
  counter.close();
  const total = cpu.reduce((sum, ms) => sum + ms, 0);
  return [
    scenario,
    median(cpu).toFixed(2),
    (cpu.toSorted((a, b) => a - b)[Math.floor(PASSES * 0.95)] ?? 0).toFixed(2),
    ((total / PASSES / 1_000) * PASSES_PER_HOUR).toFixed(2),
    (statements.rows[0].calls / PASSES).toFixed(1),
    ((counter.turns - turnsBefore) / PASSES).toFixed(2),
    median(wall).toFixed(2),
    String(tempAfter - tempBefore),
  ];
}

async function tempFiles(admin: pg.Client): Promise<number> {
  return (await admin.query('SELECT sum(temp_files)::float8 AS files FROM pg_stat_database')).rows[0].files;
}
