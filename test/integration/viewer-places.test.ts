import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { serveApi } from '../support/api.ts';
import { useServer } from '../support/test-server.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');

/** Where a server that is down is named: in every answer that says why it does not answer. */
const PATHS = [
  ...['/api/v1/targets', '/api/v1/overview', '/api/v1/locks', '/api/v1/activity', '/api/v1/agent', '/api/v1/storage'],
  ...['/api/v1/alerts', '/api/v1/alerts/history', '/api/v1/events', '/api/v1/changed', '/healthz'],
];

describe('why a server does not answer', () => {
  const server = useServer(18);
  let api: Awaited<ReturnType<typeof serveApi>>;
  let place = '';
  const ask = async (path: string, token: string) =>
    await (await fetch(`${api.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).text();

  beforeAll(async () => {
    const { postgres } = server();
    place = `127.0.0.1:${postgres.port}`;
    const tokens = (['viewer', 'operator'] as const).map((role) => ({ name: role, role, sha256: hash(role) }));
    api = await serveApi(postgres.dsn('pgmon'), { tokens }, { rules: { server_down: { for: '0s' } } });
    await api.pass();
    const post = await fetch(`${api.url}/api/v1/events`, {
      method: 'POST',
      headers: { authorization: 'Bearer operator', 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'deploy of http://ci.internal:8080/job: 4711' }),
    });
    expect(post.status).toBe(201);
    await postgres.stop();
    for (let i = 0; i < 3; i++) await api.pass();
    await vi.waitFor(async () => expect(await ask('/api/v1/alerts', 'operator')).toContain('Server down'), 20_000);
  }, 120_000);
  afterAll(async () => {
    await api?.close();
  });

  test('an operator reads the address, a viewer nowhere', async () => {
    for (const path of PATHS) {
      await expect.poll(() => ask(path, 'operator'), { timeout: 10_000 }).toContain(place);
      const seen = await ask(path, 'viewer');
      expect([path, seen.includes(place), seen.includes('127.0.0.1')]).toEqual([path, false, false]);
    }
  });

  test('a viewer reads what kind of problem it is, the alert, and what was posted as it was posted', async () => {
    expect(JSON.parse(await ask('/api/v1/overview', 'viewer')).problem).toBe('it is unreachable');
    // The list of targets keeps no kind of it.
    expect(JSON.parse(await ask('/api/v1/targets', 'viewer')).targets[0].problem).toBe('operators can read why');
    const { items } = JSON.parse(await ask('/api/v1/alerts', 'viewer'));
    expect(items[0].message).toBe('The server does not answer: operators can read why');
    const events: { text: string }[] = JSON.parse(await ask('/api/v1/events', 'viewer')).items;
    const texts = events.map(({ text }) => text);
    expect(texts).toContain('The target does not answer: operators can read why.');
    expect(texts).toContain('deploy of http://ci.internal:8080/job: 4711');
  });
});
