import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from '../support/api.ts';

type Served = Awaited<ReturnType<typeof serveApi>>;

/** Nobody listens there: what is asked here needs no server. */
const NOWHERE = 'postgres://pgmon@127.0.0.1:1/postgres';

const hash = (token: string) => createHash('sha256').update(token).digest('hex');

/** Sends lines as they are and gives the whole answer: a client library would mend or refuse them. */
async function raw(url: string, lines: readonly string[], body = ''): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ''));
  let text = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    text += chunk;
  });
  socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`);
  await once(socket, 'close');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
}

const PATHS = ['/', '/metrics', '/healthz', '/livez', '/openapi.json', '/api/v1/targets', '/api/v1/nothing'];

describe('where nobody logs in', () => {
  let api: Served;
  beforeAll(async () => {
    api = await serveApi(NOWHERE);
  });
  afterAll(() => api?.close());

  test.each([
    'evil.example',
    'evil.example:8181',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'localhost.',
    '[::2]',
    '10.0.0.1',
    'user@localhost',
    '',
  ])('[E2] a name that only resolves to loopback gets nothing: Host: %s', async (host) => {
    for (const path of PATHS) {
      const { status, text } = await raw(api.url, [`GET ${path} HTTP/1.1`, `Host: ${host}`]);
      expect([path, status]).toEqual([path, 421]);
      expect(text).toContain('application/problem+json');
      expect(text).toContain('http.tokens');
      expect(text).not.toContain('pgmon</title>');
      expect(text).not.toContain('up{');
    }
  });

  test('[E2] such a page makes no silence, whatever it says of its origin', async () => {
    const body = JSON.stringify({ for: '90d' });
    for (const origin of ['http://evil.example', 'http://127.0.0.1', undefined]) {
      const lines = [
        'POST /api/v1/silences HTTP/1.1',
        'Host: evil.example',
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
        ...(origin ? [`Origin: ${origin}`] : []),
      ];
      expect((await raw(api.url, lines, body)).status).toBe(421);
    }
    expect(await (await fetch(`${api.url}/api/v1/silences`)).json()).toEqual({ items: [] });
  });

  test('[E2] the absolute form of a target has a name, too', async () => {
    const port = new URL(api.url).port;
    const asked = async (target: string) =>
      (await raw(api.url, [`GET ${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`])).status;
    expect(await asked('http://evil.example/api/v1/targets')).toBe(421);
    expect(await asked(`http://127.0.0.1:${port}/api/v1/targets`)).toBe(200);
  });

  test.each(['127.0.0.1', '127.0.0.1:8181', '127.8.9.1', 'localhost', 'LocalHost:80', '[::1]', '[::1]:8181'])(
    '[E2] loopback is answered: Host: %s',
    async (host) => {
      expect((await raw(api.url, ['GET /api/v1/targets HTTP/1.1', `Host: ${host}`])).status).toBe(200);
    },
  );

  test('[E12] two Host headers are refused, also two that are the same', async () => {
    for (const hosts of [
      ['Host: 127.0.0.1', 'host: evil.example'],
      ['Host: 127.0.0.1', 'Host: 127.0.0.1'],
    ])
      expect((await raw(api.url, ['GET /api/v1/targets HTTP/1.1', ...hosts])).status).toBe(400);
  });

  test.each([
    ['/api/v1/history?metric=pg_up&range=1h', 'range', 'step'],
    ['/api/v1/targets?x=1', 'x', 'at, from, to'],
    ['/livez?x=1', 'x', 'none'],
    ['/api/v1/storage?kin=tables', 'kin', 'kind'],
    ['/healthz?now=1', 'now', 'none'],
    ['/metrics?cluster=shop', 'cluster', 'none'],
    ['/api/v1/sql?__proto__=1', '__proto__', 'collector'],
    ['/api/v1/sql?toString', 'toString', 'collector'],
  ])('a parameter that a route does not have is refused with those that it has: %s', async (path, name, has) => {
    const response = await fetch(`${api.url}${path}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    const { detail } = (await response.json()) as { detail: string };
    expect(detail).toContain(`${name}: unknown parameter`);
    expect(detail.split(';')[1]).toContain(has);
  });

  test('[E12] half-sent requests time out within 15 s', async () => {
    const { hostname, port } = new URL(api.url);
    const from = performance.now();
    const sockets = Array.from({ length: 200 }, () => connect(Number(port), hostname));
    const closed = sockets.map(async (socket) => {
      socket.on('error', () => {});
      socket.resume();
      socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
      const drip = setInterval(() => socket.writable && socket.write('x'), 1_000);
      await once(socket, 'close');
      clearInterval(drip);
      return performance.now() - from;
    });
    // Others are answered all the while.
    expect((await fetch(`${api.url}/livez`)).status).toBe(200);
    const longest = Math.max(...(await Promise.all(closed)));
    expect(longest).toBeLessThan(25_000); // 10 s, looked at every 2 s, on a machine that is busy
  }, 60_000);
});

describe('where one logs in', () => {
  let api: Served;
  let logged: { context: object; message: string }[];
  const issuer = { url: '', keys: {} as object, status: 200, close: () => {} };
  let token: string;
  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    issuer.keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }] };
    const server = createServer((_, response) => {
      response.writeHead(issuer.status);
      response.end(JSON.stringify(issuer.keys));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    issuer.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    issuer.close = () => server.close();
    token = await new SignJWT({ groups: ['dba'] })
      .setProtectedHeader({ alg: 'RS256', kid: 'k' })
      .setIssuer(issuer.url)
      .setAudience('pgmon')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
    logged = [];
    api = await serveApi(
      NOWHERE,
      {
        tokens: [{ name: 'me', role: 'viewer', sha256: hash('right-token') }],
        oidc: { issuer: issuer.url, audience: 'pgmon', roles: { admin: ['dba'] } },
      },
      {},
      { warn: () => {}, error: (context, message) => logged.push({ context, message }) },
    );
  });
  afterAll(async () => {
    await api?.close();
    issuer.close();
  });
  const get = async (path: string, bearer: string) =>
    await fetch(`${api.url}${path}`, { headers: { authorization: `Bearer ${bearer}` } });

  test('[E2] other names are answered: who has no token learns nothing', async () => {
    const lines = ['GET /api/v1/targets HTTP/1.1', 'Host: pgmon.example'];
    expect((await raw(api.url, lines)).status).toBe(401);
    expect((await raw(api.url, [...lines, 'Authorization: Bearer right-token'])).status).toBe(200);
  });

  test('[C10] a right token passes however many wrong ones came from its address', async () => {
    const statuses = [];
    for (let i = 0; i < 30; i++) statuses.push((await get('/api/v1/targets', `wrong-${i}`)).status);
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(401));
    expect(statuses.slice(10)).toEqual(Array(20).fill(429));
    expect((await get('/api/v1/targets', 'right-token')).status).toBe(200);
    expect((await get('/api/v1/targets', 'wrong-again')).status).toBe(429);
  });

  test('[E7] an issuer that is down is 503, logged once with its cause and the id that the reader gets', async () => {
    issuer.status = 500;
    const response = await get('/api/v1/targets', token);
    expect([response.status, response.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
    const { request_id } = (await response.json()) as { request_id: string };
    expect(response.headers.get('x-request-id')).toBe(request_id);
    expect(logged).toMatchObject([{ context: { request_id, status: 503, err: { name: 'IssuerUnavailable' } } }]);
    expect(JSON.stringify(logged)).not.toContain(token);
    issuer.status = 200;
    expect((await get('/api/v1/targets', token)).status).toBe(200);
  });

  test('[E7] a failure of pgmon is logged once with its cause, and the reader gets the id only', async () => {
    logged.length = 0;
    const all = api.stores.silences.active;
    api.stores.silences.active = async () => {
      throw new Error('the table is gone');
    };
    const response = await get('/api/v1/silences', 'right-token');
    api.stores.silences.active = all;
    const text = await response.text();
    expect([response.status, text.includes('table is gone')]).toEqual([500, false]);
    const { request_id } = JSON.parse(text);
    expect(logged).toMatchObject([{ context: { request_id, err: { message: 'the table is gone' } } }]);
    await get('/api/v1/nothing', 'right-token');
    expect(logged.length).toBe(1);
  });

  test('[E5] anybody gets the verdict only, read once for all who ask, without the snapshots', async () => {
    const { snapshots } = api.stores;
    const [all, verdicts] = [snapshots.all.bind(snapshots), snapshots.verdicts.bind(snapshots)];
    const reads = { all: 0, verdicts: 0 };
    snapshots.all = async (cluster) => {
      reads.all += 1;
      return await all(cluster);
    };
    snapshots.verdicts = async () => {
      reads.verdicts += 1;
      return await verdicts();
    };
    await api.pass();
    // What was asked before is kept for ten times as long as it took to read: on a busy machine for seconds.
    await expect.poll(async () => (await fetch(`${api.url}/healthz`)).status, { timeout: 30_000 }).toBe(503);
    reads.verdicts = 0;
    const from = performance.now();
    const answers = await Promise.all(Array.from({ length: 200 }, () => fetch(`${api.url}/healthz`)));
    for (const answer of answers) expect(await answer.json()).toEqual({ status: 'not ok' });
    // Once a second at most, however long the 200 take.
    const most = (ms: number) => 2 + ms / 1_000;
    expect(reads.verdicts).toBeLessThanOrEqual(most(performance.now() - from));
    expect(reads.all).toBe(0);
    const health = await Promise.all(Array.from({ length: 50 }, () => get('/healthz', 'right-token')));
    expect(await health[0]?.json()).toMatchObject({ status: 'not ok', reasons: [expect.stringContaining('shop')] });
    expect(reads.all).toBeLessThanOrEqual(most(performance.now() - from));
  }, 60_000);
});
