import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../lib/bundle.ts';
import { keys } from '../../src/store/keys.ts';
import { storesIn } from '../../src/store/stores.ts';
import { CountingAws } from '../support/aws.ts';
import { TestServer } from '../support/test-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'pgmon-chaos-lambda-'));
let aws: CountingAws;
let server: TestServer;
let file: string;
beforeAll(async () => {
  [aws, server] = await Promise.all([new CountingAws().start(), TestServer.start(18)]);
  const config = {
    targets: [{ cluster: 'shop', dsn: server.postgres.dsn('pgmon') }],
    sample_intervals: { hot_path: '5s' },
  };
  file = join(await bundle('hot', config, folder), 'index.mjs');
});
afterAll(async () => {
  await aws.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** One invocation in a process of its own. */
function invoked(tick: string, seconds: number) {
  const child = spawn(
    process.execPath,
    ['bench/support/lambda-process.mjs', file, JSON.stringify([{ shard: 'default-1', tick }]), String(seconds)],
    { env: { PATH: process.env['PATH'] ?? '', ...aws.environment }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  const ended = new Promise<string>((resolve) => child.on('exit', () => resolve(said)));
  return { child, ended };
}
const sessions = async () =>
  (await server.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'pgmon/hot'")).length;

test('cut off in the middle of a minute: the next run continues, and nothing is left behind', async () => {
  const first = invoked('2026-01-01T00:00:00Z', 9);
  await server.until("SELECT 1 FROM pg_stat_activity WHERE application_name = 'pgmon/hot' AND state = 'idle'");
  first.child.kill('SIGKILL');
  await first.ended;
  await server.until("SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'pgmon/hot')");
  // The lease of the dead one holds for as long as it could have lived; the next one waits for that.
  expect(await invoked('2026-01-01T00:01:00Z', 30).ended).toMatch(/passes":[1-9]/);
  expect((await storesIn(aws.table).snapshots.get('shop', 'hot'))?.up).toBe(true);
  // The server notices the end of a process a moment after it.
  await expect.poll(sessions, { timeout: 5_000 }).toBe(0);
});

test('the same tick twice at once, and two ticks at once: one of them runs', async () => {
  await aws.table.delete(keys.lease('hot', 'default-1'));
  const reports = await Promise.all([
    invoked('2026-01-01T01:00:00Z', 14).ended,
    invoked('2026-01-01T01:00:00Z', 14).ended,
    invoked('2026-01-01T01:00:01Z', 14).ended,
  ]);
  expect(reports.filter((text) => /passes":[1-9]/.test(text))).toHaveLength(1);
  // The server notices the end of a process a moment after it.
  await expect.poll(sessions, { timeout: 5_000 }).toBe(0);
});
