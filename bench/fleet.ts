/**
 * What watching costs the watcher: CPU and memory of one process with 1, 25, 100 and 500 targets, the time of a hot pass,
 * and memory over a soak. All targets are one server, each with a connection of its own; the store is a file. `--short`: 1 and 25 targets, 200 passes.
 */
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import Table from 'cli-table3';
import * as z from 'zod';
import { machine, withServer } from './support/server.ts';

const run = promisify(execFile);
const short = process.argv.includes('--short');
const SOAK = short ? 200 : 2_000;
const HEAD = ['targets', 'hot pass ms', 'CPU ms a pass', 'CPU ms a target', 'peak MB', 'MB a target'];
const RESULTS = new URL('./RESULTS.md', import.meta.url);
const TITLE = '## One process with many targets';
const NOTE =
  'The hot loop, which comes every 15 s. All targets are one server, which shares two cores with the process:\npasses over hundreds wait for it. What a target-hour writes is in `src/cost/counts.json`.';

const measuredSchema = z.object({
  cpuMsPerPass: z.number(),
  wallMs: z.number(),
  peakMb: z.number(),
  heapMb: z.object({ early: z.number(), late: z.number() }),
});

let failed = false;
await withServer({ max_connections: '600' }, async (_, { port, version }) => {
  const rows: string[][] = [];
  let alone = 0;
  for (const targets of short ? [1, 25] : [1, 25, 100, 500]) {
    const passes = targets > 25 ? 12 : 40;
    const measured = await child(port, targets, passes);
    if (targets === 1) alone = measured.peakMb;
    rows.push([
      String(targets),
      measured.wallMs.toFixed(1),
      measured.cpuMsPerPass.toFixed(1),
      (measured.cpuMsPerPass / targets).toFixed(2),
      measured.peakMb.toFixed(0),
      targets === 1 ? '–' : ((measured.peakMb - alone) / (targets - 1)).toFixed(2),
    ]);
  }
  const { heapMb } = await child(port, 1, SOAK);
  console.log(machine(version));
  const table = new Table({ style: { head: [], border: [] }, head: [...HEAD] });
  table.push(...rows);
  console.log(table.toString());
  const soak = `Soak of ${SOAK} passes: heap ${heapMb.early.toFixed(1)} MB after a quarter, ${heapMb.late.toFixed(1)} MB at the end.`;
  console.log(soak);
  if (!short) record(rows, soak);
  if (heapMb.late > heapMb.early * 1.2 + 2) failed = true;
});
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
    { env: { PATH: process.env['PATH'] ?? '' }, maxBuffer: 16 * 1_024 * 1_024 },
  );
  return measuredSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

/** Puts the tables below those of the peers, in place of an earlier one. */
function record(rows: readonly (readonly string[])[], soak: string): void {
  const [before] = readFileSync(RESULTS, 'utf8').split(TITLE);
  const lines = [HEAD, HEAD.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  writeFileSync(RESULTS, `${before?.trimEnd()}\n\n${TITLE}\n\n${NOTE}\n\n${lines.join('\n')}\n\n${soak}\n`);
}
