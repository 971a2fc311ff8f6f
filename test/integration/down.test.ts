import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from '../support/api.ts';
import { useServer } from '../support/test-server.ts';

describe('a server that stops answering', () => {
  const server = useServer(18);
  let api: Awaited<ReturnType<typeof serveApi>>;
  let tree: Awaited<ReturnType<ReturnType<typeof server>['lockTree']>>;
  const ask = async (path: string) =>
    (await (await fetch(`${api.url}/api/v1${path}`)).json()) as Record<string, unknown>;
  beforeAll(async () => {
    await server().sql('CREATE TABLE orders (id int)');
    tree = await server().lockTree();
    api = await serveApi(server().postgres.dsn('pgmon'));
    await api.pass();
  }, 60_000);
  afterAll(async () => {
    await api?.close();
  });

  test('[D2] its last state stays beside the outcome of the last try, marked as old, over many tries and in every answer', async () => {
    const before = await ask('/overview');
    expect(before).toMatchObject({ up: true, stale: false, blocked_sessions: 3 });
    await tree.release();
    await server().postgres.stop();
    for (let i = 0; i < 3; i++) await api.pass();
    // Answers to the same question are kept for a second.
    await expect.poll(async () => (await ask('/overview'))['up'], { timeout: 5_000 }).toBe(false);
    const after = await ask('/overview');
    expect(after).toMatchObject({
      up: false,
      stale: true,
      problem: expect.any(String),
      taken_at: before['taken_at'],
      server: before['server'],
      blocked_sessions: 3,
      max_connections: 100,
    });
    expect(Number(after['age_seconds'])).toBeGreaterThan(0);
    expect(await ask('/targets')).toMatchObject({
      targets: [{ up: false, stale: true, version: expect.stringMatching(/^18/), databases: ['postgres'] }],
    });
    for (const path of ['/locks', '/connections?kind=sessions', '/storage', '/settings', '/top-queries', '/agent'])
      expect([path, JSON.stringify(await ask(path))]).toEqual([path, expect.stringContaining('"stale":true')]);
    const locks = (await ask('/locks')) as { trees: unknown[]; stale: boolean };
    expect(locks.trees).toHaveLength(1);
    expect(((await ask('/storage')) as { items: unknown[] }).items).not.toHaveLength(0);
  });

  test('[D2] /metrics and health say that it is down', async () => {
    const metrics = await (await fetch(`${api.url}/metrics`)).text();
    expect(metrics).toMatch(/^pg_up\{cluster="shop"\} 0$/m);
    expect((await fetch(`${api.url}/healthz`)).status).toBe(503);
  });
});
