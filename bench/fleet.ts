/**
 * What watching costs the watcher: CPU and memory of one process with 1, 25, 100 and 500 targets, the time of a hot pass,
 * what it writes, and memory over a soak. All targets are one server, each with a connection of its own; the table is in
 * another process. `--short`: 1 and 25 targets, 200 passes.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import Table from 'cli-table3';
import * as z from 'zod';
import { CountingAws } from '../test/support/aws.ts';
import { machine, withServer } from './support/server.ts';

const run = promisify(execFile);
const short = process.argv.includes('--short');
const SOAK = short ? 200 : 2_000;

const measuredSchema = z.object({
  cpuMsPerPass: z.number(),
  wallMs: z.number(),
  peakMb: z.number(),
  heapMb: z.object({ early: z.number(), late: z.number() }),
});

const aws = await new CountingAws().start();
let failed = false;
await withServer({ max_connections: '600' }, async (_, { port, version }) => {
  const table = new Table({
    style: { head: [], border: [] },
    head: [
      'targets',
      'hot pass ms',
      'CPU ms a pass',
      'CPU ms a target',
      'peak MB',
      'MB a target',
      'write units a target-hour',
    ],
  });
  let alone = 0;
  for (const targets of short ? [1, 25] : [1, 25, 100, 500]) {
    aws.reset();
    const passes = targets > 25 ? 12 : 40;
    const measured = await child(port, targets, passes);
    if (targets === 1) alone = measured.peakMb;
    const units = (aws.asked.writeUnits / targets / passes) * 60; // kept once a minute
    table.push([
      targets,
      measured.wallMs.toFixed(1),
      measured.cpuMsPerPass.toFixed(1),
      (measured.cpuMsPerPass / targets).toFixed(2),
      measured.peakMb.toFixed(0),
      targets === 1 ? '–' : ((measured.peakMb - alone) / (targets - 1)).toFixed(2),
      units.toFixed(0),
    ]);
  }
  const { heapMb } = await child(port, 1, SOAK);
  console.log(machine(version));
  console.log(table.toString());
  console.log(
    `soak of ${SOAK} passes: heap ${heapMb.early.toFixed(1)} MB after a quarter, ${heapMb.late.toFixed(1)} MB at the end`,
  );
  if (heapMb.late > heapMb.early * 1.2 + 2) failed = true;
});
await aws.close();
if (failed) {
  console.error('memory grows');
  process.exit(1);
}
process.exit(0);

async function child(port: number, targets: number, passes: number) {
  const { stdout } = await run(
    process.execPath,
    [
      '--expose-gc',
      new URL('./support/fleet-process.ts', import.meta.url).pathname,
      String(port),
      String(targets),
      String(passes),
    ],
    { env: { PATH: process.env['PATH'] ?? '', ...aws.environment }, maxBuffer: 16 * 1_024 * 1_024 },
  );
  return measuredSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}
