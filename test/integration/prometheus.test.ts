import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '../../src/local/free-port.ts';
import { serveApi } from '../support/api.ts';
import { useServer } from '../support/test-server.ts';

const TOKEN = 'scraper-token';
const answer = z.object({
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

describe.runIf(spawnSync('prometheus', ['--version']).status === 0)('a real Prometheus', () => {
  const server = useServer(18);
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-prometheus-'));
  let api: Awaited<ReturnType<typeof serveApi>>;
  beforeAll(async () => {
    api = await serveApi(server().postgres.dsn('pgmon'), {
      tokens: [{ name: 'prometheus', role: 'viewer', sha256: createHash('sha256').update(TOKEN).digest('hex') }],
    });
    await api.pass();
    await api.pass();
  });
  afterAll(async () => {
    await api?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('scrapes with a token and has every series', async () => {
    const port = await freePort();
    writeFileSync(
      join(folder, 'prometheus.yml'),
      JSON.stringify({
        global: { scrape_interval: '1s', scrape_timeout: '1s' },
        scrape_configs: [
          {
            job_name: 'pgmon',
            authorization: { credentials: TOKEN },
            static_configs: [{ targets: [new URL(api.url).host] }],
          },
          { job_name: 'stranger', metrics_path: '/metrics', static_configs: [{ targets: [new URL(api.url).host] }] },
        ],
      }),
    );
    const child = spawn(
      'prometheus',
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: 'ignore' },
    );
    try {
      const query = async (text: string) => {
        const response = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(text)}`).catch(
          () => undefined,
        );
        return response?.ok ? answer.parse(await response.json()).data.result : [];
      };
      for (let i = 0; i < 60 && (await query('up')).length + (await query('pg_up')).length < 3; i++) await sleep(500);
      expect((await query('up{job="pgmon"}'))[0]?.value[1]).toBe('1');
      expect((await query('up{job="stranger"}'))[0]?.value[1]).toBe('0');
      expect((await query('pg_up{cluster="shop"}'))[0]?.value[1]).toBe('1');
      const text = await (await fetch(`${api.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text();
      const served = new Set(
        text.split('\n').flatMap((line) => (line && !line.startsWith('#') ? [line.replace(/\{.*/, '')] : [])),
      );
      const scraped = new Set(
        (await query('count by (__name__) ({job="pgmon"})')).map(({ metric }) => metric['__name__']),
      );
      expect([...served].filter((name) => !scraped.has(name))).toEqual([]);
      expect(served.size).toBeGreaterThan(100);
    } finally {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.on('exit', resolve));
    }
  }, 90_000);
});
