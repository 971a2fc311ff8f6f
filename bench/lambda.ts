/**
 * What the Lambdas need: time to start at a full CPU, memory and CPU of a run. Each bundle runs in a process of its own
 * against a real PostgreSQL and a DynamoDB in another process. `--short` lets the hot loop make its passes 5 s apart, two
 * of them, instead of four in a whole minute.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Table from 'cli-table3';
import * as z from 'zod';
import { bundle } from '../lib/bundle.ts';
import { LAMBDAS, type LambdaName } from '../lib/lambdas.ts';
import { LOOPS, type Loop } from '../src/config/loop.ts';
import { nodeOptions, sizingOf } from '../src/config/sizing.ts';
import { keys } from '../src/store/keys.ts';
import { CountingAws } from '../test/support/aws.ts';
import { median } from './support/cpu.ts';
import { manyStatements } from './support/scenarios.ts';
import { machine, withServer } from './support/server.ts';

const run = promisify(execFile);
const short = process.argv.includes('--short');
const INIT_LIMIT_MS = 200;
const SIZE_LIMIT = 1_250_000;

const measuredSchema = z.object({
  initMs: z.number(),
  initCpuMs: z.number(),
  runs: z.array(z.object({ wallMs: z.number(), cpuMs: z.number(), error: z.string().optional() })),
  peakMb: z.number(),
});

const folder = mkdtempSync(join(tmpdir(), 'pgmon-bench-'));
const aws = await new CountingAws().start();
let minute = 0;
let failed = false;

/** One Lambda in a process of its own: started, then invoked so many times. */
async function measured(
  name: LambdaName,
  config: Readonly<Record<string, unknown>>,
  invocations: number,
  memoryMb = 256,
) {
  const built = await bundle(name, config, folder);
  const events = Array.from({ length: invocations }, () => ({
    shard: 'default-1',
    tick: new Date(Date.UTC(2026, 0, 1, 0, minute++)).toISOString(),
  }));
  // The lease of the process before lasts longer than it did.
  for (const loop of LOOPS) await aws.table.delete(keys.lease(loop, 'default-1'));
  const { stdout } = await run(
    process.execPath,
    [
      ...nodeOptions(memoryMb).split(' '),
      join(import.meta.dirname, 'support/lambda-process.mjs'),
      join(built, 'index.mjs'),
      JSON.stringify(events),
    ],
    { env: { PATH: process.env['PATH'] ?? '', ...aws.environment }, maxBuffer: 64 * 1_024 * 1_024 },
  );
  const result = measuredSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
  for (const { error } of result.runs) if (error) throw new Error(`${name}: ${error}`);
  return { ...result, size: statSync(join(built, 'index.mjs')).size };
}

const targets = (port: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({
    cluster: `c${i + 1}`,
    dsn: `postgres://pgmon@127.0.0.1:${port}/postgres`,
  }));

try {
  await withServer({ max_connections: '300', 'pg_stat_statements.max': '10000' }, async (admin, { port, version }) => {
    const init = new Table({
      style: { head: [], border: [] },
      head: ['bundle', 'kB', 'init ms', 'init CPU ms', 'limit ms'],
    });
    for (const name of LAMBDAS) {
      const starts = [];
      for (let i = 0; i < 5; i++) starts.push(await measured(name, { targets: targets(port, 1) }, 0));
      const initMs = median(starts.map((one) => one.initMs));
      const size = starts[0]?.size ?? 0;
      if (size > SIZE_LIMIT) failed = true; // times are for people to compare: machines are noisy
      init.push([
        name,
        (size / 1_000).toFixed(0),
        initMs.toFixed(0),
        median(starts.map((one) => one.initCpuMs)).toFixed(0),
        INIT_LIMIT_MS,
      ]);
    }
    const memory = new Table({
      style: { head: [], border: [] },
      head: ['run', 'CPU ms of the last', 'wall ms', 'peak MB', 'configured MB'],
    });
    const note = async (what: string, loop: Loop, count: number, invocations: number, more: object = {}) => {
      const { memoryMb } = sizingOf(loop, count);
      const { runs, peakMb } = await measured(loop, { targets: targets(port, count), ...more }, invocations, memoryMb);
      if (peakMb > memoryMb) failed = true;
      const last = runs.at(-1);
      memory.push([what, last?.cpuMs.toFixed(0) ?? '', last?.wallMs.toFixed(0) ?? '', peakMb.toFixed(0), memoryMb]);
    };
    const hot = short ? { sample_intervals: { hot_path: '30s' } } : {};
    await note('hot minute, 1 target', 'hot', 1, short ? 1 : 2, hot);
    await note('hot minute, 25 targets', 'hot', 25, short ? 1 : 2, hot);
    await note('workload, 1 target', 'workload', 1, 4);
    await note('workload, 25 targets', 'workload', 25, 4);
    await note('storage, 25 targets', 'storage', 25, 3);
    await note('hourly, 25 targets', 'hourly', 25, 3);
    await manyStatements(admin, 5_000);
    await note('workload, 1 target with 5,000 statements', 'workload', 1, 4);
    console.log(machine(version));
    console.log(init.toString());
    console.log(memory.toString());
  });
} finally {
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
}
if (failed) {
  console.error('beyond a limit: see the tables');
  process.exit(1);
}
process.exit(0);
