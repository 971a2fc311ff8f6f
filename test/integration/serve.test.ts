import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { catalogOf } from '../../src/collectors/catalog.ts';
import { collectors } from '../../src/collectors/index.ts';
import { openLocalTable } from '../../src/local/local-table.ts';
import { childrenOf, isRunning } from '../../src/local/processes.ts';
import { HistoryStore } from '../../src/store/history.ts';

const folder = mkdtempSync(join(tmpdir(), 'pgmon-serve-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `npm start` as it is, but with a port and a folder of its own and a quicker hot loop. */
async function serve() {
  const child = spawn(process.execPath, [new URL('../../bin/pgmon.mjs', import.meta.url).pathname, 'serve'], {
    env: {
      PATH: process.env['PATH'],
      PGMON_HTTP_BIND: '127.0.0.1:0',
      PGMON_STORE_PATH: folder,
      PGMON_SAMPLE_INTERVALS_HOT_PATH: '5s',
    },
  });
  onTestFinished(() => void child.kill('SIGINT'));
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  for (let i = 0; i < 600 && !said.includes('Ctrl-C'); i++) await sleep(100);
  const url = /http:\S+/.exec(said.split('pgmon: ').at(-1) ?? '')?.[0] ?? '';
  return {
    url,
    pid: child.pid ?? 0,
    said: () => said,
    end: async () => {
      child.kill('SIGINT');
      return await exited;
    },
  };
}

const get = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
};

test('the demo: every hot metric within half a minute, moving, in order for promtool, and nothing left behind', async () => {
  const running = await serve();
  expect(running.said()).toContain('starting a demo');
  expect(running.said()).toContain('PGMON_DSN=');
  const children = childrenOf(running.pid);
  expect(children.length).toBeGreaterThan(0);

  const expected = [...catalogOf(collectors).values()]
    // Absent where no counter restarted.
    .filter(({ loop, name }) => (loop === 'hot' || loop === 'every') && name !== 'pgmon_counters_reset')
    .map(({ name }) => name);
  const missing = (text: string) => expected.filter((name) => !text.includes(`\n# TYPE ${name} `));
  let metrics = await get(`${running.url}/metrics`);
  const first = metrics.text;
  for (let i = 0; i < 30 && (missing(`\n${metrics.text}`).length > 0 || metrics.text === first); i++) {
    await sleep(1_000);
    metrics = await get(`${running.url}/metrics`);
  }
  expect(missing(`\n${metrics.text}`)).toEqual([]);
  expect(metrics.text).toMatch(/^pg_up\{cluster="demo"\} 1$/m);

  if (spawnSync('promtool', ['--version']).status === 0) {
    const lint = spawnSync('promtool', ['check', 'metrics'], { input: metrics.text, encoding: 'utf8' });
    expect([lint.status, lint.stdout, lint.stderr]).toEqual([0, '', '']);
  }

  expect(await get(`${running.url}/healthz`)).toMatchObject({
    status: 200,
    text: expect.stringContaining('"status":"ok"'),
  });
  const page = await get(`${running.url}/`);
  expect(page.text).toContain('<title>pgmon</title>');

  expect(await running.end()).toBe(0);
  expect(children.filter(isRunning)).toEqual([]);
}, 120_000);

test('[D7] the demo raises an alert within two minutes, and what it left is there for a second start', async () => {
  const demo = await serve();
  const firing = async (): Promise<string[]> => {
    const { items } = JSON.parse((await get(`${demo.url}/api/v1/alerts?cluster=demo`)).text);
    return items.flatMap(({ rule, state }: { rule: string; state: string }) => (state === 'firing' ? [rule] : []));
  };
  await expect.poll(firing, { timeout: 120_000, interval: 1_000 }).toContain('blocking_locks');
  expect(await demo.end()).toBe(0);

  const kept = await openLocalTable(folder);
  const hour = 3_600_000;
  const points = await new HistoryStore(kept.table).between('demo', new Date(Date.now() - hour), new Date());
  await kept.close();
  expect(points.length).toBeGreaterThan(0);
  const running = await serve();
  expect((await get(`${running.url}/metrics`)).text).toMatch(/^pg_up\{cluster="demo"\} 1$/m);
  expect(await running.end()).toBe(0);
}, 240_000);
