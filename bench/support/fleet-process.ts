/** One process that watches many targets: hot passes, each kept in a store of its own, as fast as they go. Prints one line of JSON. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseConfig } from '../../src/config/load.ts';
import { openLocalTable } from '../../src/local/local-table.ts';
import { createLoop } from '../../src/loops/compose.ts';
import { credentialsFromDsn } from '../../src/postgres/credentials.ts';
import { storesIn } from '../../src/store/stores.ts';

import { median } from './cpu.ts';

const [port = '', targets = '', passes = ''] = process.argv.slice(2);
const config = parseConfig(
  JSON.stringify({
    targets: Array.from({ length: Number(targets) }, (_, i) => ({
      cluster: `c${i + 1}-of-${targets}`,
      dsn: `postgres://pgmon@127.0.0.1:${port}/postgres`,
    })),
    timeouts: { connect_timeout_ms: 10_000 },
  }),
  'bench',
  {},
);
const folder = mkdtempSync(join(tmpdir(), 'pgmon-fleet-'));
const local = await openLocalTable(folder);
const quiet = () => {};
const runner = createLoop('hot', config, {
  credentials: credentialsFromDsn,
  stores: storesIn(local.table),
  channels: [],
  log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  now: () => new Date(),
  idleLimitMs: Number.POSITIVE_INFINITY,
});
for (let i = 0; i < 3; i++) await runner.write(config.targets, await runner.pass(config.targets));
const before = process.cpuUsage();
const wall: number[] = [];
const heapMb = { early: 0, late: 0 };
const heap = () => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1_024 / 1_024;
};
for (let i = 1; i <= Number(passes); i++) {
  const start = performance.now();
  const all = await runner.pass(config.targets);
  wall.push(performance.now() - start);
  const down = all.find(({ snapshot }) => !snapshot.up);
  if (down) throw new Error(down.snapshot.problem?.message);
  await runner.write(config.targets, all);
  if (i === Math.ceil(Number(passes) / 4)) heapMb.early = heap();
}
heapMb.late = heap();
await local.close();
rmSync(folder, { recursive: true, force: true });
const { user, system } = process.cpuUsage(before);
process.stdout.write(
  `${JSON.stringify({
    cpuMsPerPass: (user + system) / 1_000 / Number(passes),
    wallMs: median(wall),
    peakMb: process.resourceUsage().maxRSS / 1_024,
    heapMb,
  })}\n`,
  () => process.exit(0),
);
