/**
 * One `pgmon serve` with 100 targets, all four loops at their own pace for three minutes: the CPU and memory of its process,
 * and whether a pass is late, as `/metrics` says when the last hot pass of each target began. The targets are two servers
 * of two databases each; their CPU is the same machine's.
 */
import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type PostgresServer, startPostgres } from '../src/local/postgres-server.ts';
import { machine } from './support/server.ts';
import { serve, warmUp } from './support/serving.ts';

const TARGETS = 100;
const SECONDS = 180;
const HOT_S = 15;
const LAST_HOT = /^pgmon_last_pass_timestamp_seconds\{(?=[^}]*loop="hot")[^}]*cluster="([^"]+)"[^}]*\} (\S+)/gm;

const servers: PostgresServer[] = [];
try {
  let version = '';
  for (let i = 0; i < 2; i++) {
    const server = await startPostgres({
      settings: {
        shared_preload_libraries: 'pg_stat_statements',
        max_connections: '400',
        fsync: 'off',
        autovacuum: 'off',
      },
    });
    servers.push(server);
    const admin = new pg.Client(server.dsn());
    await admin.connect();
    await admin.query('CREATE EXTENSION pg_stat_statements; CREATE ROLE pgmon LOGIN; GRANT pg_monitor TO pgmon');
    await admin.query('CREATE DATABASE other');
    version = (await admin.query('SHOW server_version')).rows[0].server_version;
    await admin.end();
  }
  const targets = Array.from({ length: TARGETS }, (_, i) => ({
    cluster: `c${i + 1}`,
    dsn: servers[i % 2]?.dsn('pgmon', i % 4 < 2 ? 'postgres' : 'other'),
  }));
  await warmUp();
  const serving = await serve({ targets });
  await sleep(30_000);
  const [before, peakAtStart] = [serving.cpuMs(), serving.peakMb()];
  const late = new Map<string, number>();
  let slowest = 0;
  for (const end = performance.now() + SECONDS * 1_000; performance.now() < end; ) {
    await sleep(HOT_S * 1_000);
    const asked = performance.now();
    const text = await (await fetch(`${serving.url}/metrics`)).text();
    slowest = Math.max(slowest, performance.now() - asked);
    const now = Date.now() / 1_000;
    for (const [, cluster = '', at] of text.matchAll(LAST_HOT))
      late.set(cluster, Math.max(late.get(cluster) ?? 0, now - Number(at) - HOT_S));
  }
  const ages = [...late.values()];
  console.log(
    `${machine(version)}, load ${loadavg()
      .map((load) => load.toFixed(1))
      .join(' ')}`,
  );
  console.log(
    `${TARGETS} targets, of which ${late.size} answered: start ${(before / 1_000).toFixed(1)} s of CPU in 30 s, then ${(((serving.cpuMs() - before) / SECONDS) * 3.6).toFixed(0)} s an hour; peak ${peakAtStart.toFixed(0)} MB at the start, ${serving.peakMb().toFixed(0)} MB in all`,
  );
  console.log(
    `hot passes more than 2 s late: of ${ages.filter((age) => age > 2).length} targets, the latest ${Math.max(...ages).toFixed(1)} s over ${HOT_S} s; /metrics took up to ${slowest.toFixed(0)} ms`,
  );
  console.log('goals: 300 MB, no pass late');
  const trouble = serving.trouble();
  if (trouble) console.log(`it said:\n${trouble}`);
  await serving.stop();
} finally {
  for (const server of servers) await server.stop('immediate');
}
process.exit(0);
