import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { serveApi } from '../support/api.ts';
import { useServer } from '../support/test-server.ts';

type Served = Awaited<ReturnType<typeof serveApi>>;

const documentSchema = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ responses: z.record(z.string(), z.looseObject({})) })),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
});

const hash = (token: string) => createHash('sha256').update(token).digest('hex');

describe('the API', () => {
  const server = useServer(18, { wal_level: 'logical' });
  let api: Served;
  let tree: Awaited<ReturnType<ReturnType<typeof server>['lockTree']>>;
  let ajv: Ajv2020;
  let document: z.output<typeof documentSchema>;

  beforeAll(async () => {
    await server().sql('CREATE TABLE orders (id serial PRIMARY KEY, note text)');
    await server().sql('INSERT INTO orders (note) SELECT md5(i::text) FROM generate_series(1, 500) AS i');
    await server().sql('CREATE INDEX a ON orders (note)');
    await server().sql('CREATE INDEX b ON orders (note)');
    await server().sql('CREATE TABLE measured (at date) PARTITION BY RANGE (at)');
    const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    await server().sql(`CREATE TABLE m1 PARTITION OF measured FOR VALUES FROM ('${day(-40)}') TO ('${day(-5)}')`);
    await server().sql("SELECT pg_create_physical_replication_slot('for_nobody', true)");
    tree = await server().lockTree();
    await server().sql('SELECT count(*) FROM orders');
    api = await serveApi(server().postgres.dsn('pgmon'));
    await api.pass();
    for (let i = 0; i < 10; i++) await server().sql('SELECT count(*) FROM orders');
    await api.pass();
    document = documentSchema.parse(await (await fetch(`${api.url}/openapi.json`)).json());
    ajv = new Ajv2020({ strict: false, allErrors: true });
    ajv.addSchema({ $id: 'openapi', components: document.components });
  }, 60_000);
  afterAll(async () => {
    await tree?.release();
    await api?.close();
  });

  /** Asks, and checks the answer against the document. */
  const ask = async (path: string, status = 200, init: RequestInit = {}) => {
    const response = await fetch(`${api.url}${path}`, init);
    const text = await response.text();
    expect([path, response.status, response.status < 400 ? '' : text]).toEqual([
      path,
      status,
      status < 400 ? '' : expect.any(String),
    ]);
    const name = path
      .replace(/\?.*/, '')
      .replace(/\/silences\/.+/, '/silences/{id}')
      .replace(/\/alerts\/.+\/ack/, '/alerts/{fingerprint}/ack');
    const described = document.paths[name]?.[(init.method ?? 'get').toLowerCase()]?.responses[String(status)];
    const content = z
      .looseObject({ content: z.record(z.string(), z.looseObject({ schema: z.unknown() })).optional() })
      .parse(described ?? {}).content;
    const [type, body] = Object.entries(content ?? {})[0] ?? [];
    if (!type || status === 204) return undefined;
    expect(response.headers.get('content-type')).toContain(type);
    const json: unknown = JSON.parse(text);
    const schema = JSON.parse(JSON.stringify(body?.schema).replaceAll('"#/', '"openapi#/'));
    const valid = ajv.validate(schema, json);
    expect([path, valid, ajv.errors]).toEqual([path, true, null]);
    return z.looseObject({}).parse(json);
  };
  const items = (answer: unknown) => z.looseObject({ items: z.array(z.looseObject({})) }).parse(answer).items;

  test('every endpoint answers as its description says, on data of a real server', async () => {
    const gets = Object.entries(document.paths).flatMap(([path, methods]) => (methods['get'] ? [path] : []));
    expect(gets.length).toBeGreaterThanOrEqual(18);
    const queries: Record<string, string> = {
      '/api/v1/charts': '?metrics=pg_client_connections,pg_tps',
      '/api/v1/history': '?metric=pg_client_connections',
      '/api/v1/sessions': `?at=${encodeURIComponent(new Date().toISOString())}`,
    };
    for (const path of gets) {
      if (path.endsWith('/query-history') || path.endsWith('/statement') || path.endsWith('/{id}')) continue;
      await ask(`${path}${queries[path] ?? ''}`);
    }
    const [statement] = items(await ask('/api/v1/top-queries?window=5m&limit=100'));
    await ask(`/api/v1/query-history?queryid=${statement?.['queryid']}`);
    await ask(`/api/v1/statement?queryid=${statement?.['queryid']}`);
    const [incident] = items(await ask('/api/v1/incidents'));
    await ask(`/api/v1/incidents/${incident?.['id']}`);
  });

  test.each([
    '/autovacuum',
    '/connections',
    '/storage',
    '/indexes',
    '/partitions',
    '/replication',
    '/wraparound',
    '/settings',
  ])('every list of %s answers as described', async (path) => {
    const parameters = z
      .object({
        parameters: z.array(
          z.looseObject({ name: z.string(), schema: z.looseObject({ enum: z.array(z.string()).optional() }) }),
        ),
      })
      .parse(document.paths[`/api/v1${path}`]?.['get']).parameters;
    const kinds = parameters.find(({ name }) => name === 'kind')?.schema.enum ?? [];
    expect(kinds.length).toBeGreaterThan(0);
    for (const kind of kinds) await ask(`/api/v1${path}?kind=${kind}`);
  });

  test('the content: the tree, the duplicate, the slot, the partition, the statement with its text', async () => {
    const locks = z
      .looseObject({ trees: z.array(z.looseObject({ pid: z.number(), blocked_total: z.number() })) })
      .parse(await ask('/api/v1/locks'));
    expect(locks.trees[0]).toMatchObject({ pid: tree.root, blocked_total: 3 });
    expect(items(await ask('/api/v1/indexes?kind=duplicate'))).toMatchObject([
      { index: 'public.b', same_as: 'public.a' },
    ]);
    expect(items(await ask('/api/v1/replication?kind=slots'))).toMatchObject([{ slot: 'for_nobody', active: 0 }]);
    expect(items(await ask('/api/v1/partitions'))).toMatchObject([{ parent: 'public.measured', partitions: 1 }]);
    const statements = items(await ask('/api/v1/top-queries?by=calls&window=5m'));
    expect(statements.find(({ text }) => text === 'SELECT count(*) FROM orders')).toMatchObject({
      calls: 10,
      db: 'postgres',
    });
    const overview = await ask('/api/v1/overview');
    expect(overview).toMatchObject({ up: true, stale: false, blocked_sessions: 3, max_connections: 100 });
  });

  test('lists have pages: all rows once, sorted, whatever the size of a page', async () => {
    const all = items(await ask('/api/v1/settings?limit=500'));
    const seen: unknown[] = [];
    let path = '/api/v1/settings?limit=60&sort=-name';
    for (let i = 0; i < 20; i++) {
      const page = await ask(path);
      seen.push(...items(page).map(({ name }) => name));
      if (!page?.['next_cursor']) break;
      path = `/api/v1/settings?limit=60&cursor=${page['next_cursor']}`;
    }
    expect(seen).toEqual(all.map(({ name }) => name).sort((a, b) => (String(a) < String(b) ? 1 : -1)));
  });

  test('history chooses its resolution and gives columns of one length', async () => {
    const hour = z.looseObject({
      times: z.array(z.number()),
      resolution: z.string(),
      series: z.array(z.looseObject({ avg: z.array(z.number().nullable()) })),
    });
    const now = hour.parse(await ask('/api/v1/history?metric=pg_connections&labels=db=postgres'));
    expect(now.resolution).toBe('points');
    expect(now.series.length).toBeGreaterThan(0);
    expect(now.series.every(({ avg }) => avg.length === now.times.length)).toBe(true);
    const from = new Date(Date.now() - 30 * 86_400_000).toISOString();
    expect(hour.parse(await ask(`/api/v1/history?metric=pg_connections&from=${from}`)).resolution).toBe('hours');
  });

  test('charts that are asked for together are what each is alone', async () => {
    const metrics = ['pg_tps', 'pg_connections', 'pg_database_size_bytes'];
    for (const range of ['from=-1h&to=-1s', 'from=-1d&to=-1s']) {
      const { charts } = z
        .object({ charts: z.array(z.looseObject({ series: z.array(z.unknown()) })) })
        .parse(await ask(`/api/v1/charts?metrics=${metrics.join(',')}&${range}`));
      const alone = await Promise.all(metrics.map((metric) => ask(`/api/v1/history?metric=${metric}&${range}`)));
      const shape = z.looseObject({ metric: z.string(), series: z.array(z.unknown()) });
      expect(charts.map(({ metric, unit, series }) => ({ metric, unit, series: series.length }))).toEqual(
        alone
          .map((one) => shape.parse(one))
          .map(({ metric, unit, series }) => ({ metric, unit, series: series.length })),
      );
      expect(charts.some(({ series }) => series.length > 0)).toBe(true);
    }
    await ask('/api/v1/charts?metrics=pg_tps,pg_nothing', 404);
    await ask('/api/v1/charts?metrics=pg_tps,', 400);
    await ask('/api/v1/charts', 400);
  });

  test('an alert is acknowledged, and shown so', async () => {
    const [alert] = items(await ask('/api/v1/alerts'));
    expect(alert).toMatchObject({ rule: 'partitions_running_out', severity: 'critical', acknowledged: null });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"by":"me"}' };
    await ask(`/api/v1/alerts/${alert?.['fingerprint']}/acknowledge`, 204, init);
    expect(items(await ask('/api/v1/alerts'))[0]).toMatchObject({ acknowledged: { by: 'me' } });
    await ask(`/api/v1/alerts/${'0'.repeat(32)}/acknowledge`, 404, init);
  });

  test('a silence is made, shown and ended', async () => {
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ for: '2h', rule: 'bloat' }),
    };
    const made = await ask('/api/v1/silences', 201, init);
    // [M7]
    const wrong = (body: object) =>
      ask('/api/v1/silences', 400, { ...init, body: JSON.stringify({ for: '2h', ...body }) });
    expect(await wrong({ rule: 'bloatt' })).toMatchObject({
      detail: 'no rule is called bloatt (did you mean bloat?): pgmon alerts list names them all',
    });
    expect(await wrong({ cluster: 'nobody' })).toMatchObject({
      detail: expect.stringContaining('no target is called nobody'),
    });
    // Each of these would be stored as a silence of everything.
    for (const labels of ['{}', '{"__proto__": "x"}', '{"": "x"}', '{"a b": "x"}'])
      await ask('/api/v1/silences', 400, { ...init, body: `{"for": "2h", "labels": ${labels}}` });
    expect(items(await ask('/api/v1/silences'))).toMatchObject([{ rule: 'bloat' }]);
    await ask(`/api/v1/silences/${made?.['id']}`, 204, { method: 'DELETE' });
    await ask(`/api/v1/silences/${made?.['id']}`, 404, { method: 'DELETE' });
  });

  test.each([
    ['an unknown target', '/api/v1/overview?cluster=nobody', 404],
    ['a cursor that is not ours', '/api/v1/settings?cursor=AAAA', 400],
    ['a limit of a million', '/api/v1/settings?limit=1000000', 400],
    [
      'times the wrong way round',
      '/api/v1/history?metric=pg_up&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
      400,
    ],
    ['a metric that is not there', '/api/v1/history?metric=pg_nothing', 404],
    ['a metric of single objects', '/api/v1/history?metric=pg_table_dead_tuples', 400],
    ['a kind that is not there', '/api/v1/storage?kind=nothing', 400],
    ['a header in a parameter', '/api/v1/overview?cluster=a%0d%0aX-Evil:%201', 404],
    ['a path that is not there', '/api/v1/nothing', 404],
    ['a way out of the page', '/..%2f..%2fpackage.json', 404],
  ])('%s is a problem document', async (_, path, status) => {
    const response = await fetch(`${api.url}${path}`);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(response.headers.get('x-evil')).toBeNull();
    expect(await response.json()).toMatchObject({
      type: 'about:blank',
      status,
      title: expect.any(String),
      detail: expect.any(String),
    });
  });

  test.each([
    ['too long', JSON.stringify({ for: '2h', comment: 'x'.repeat(20_000) }), 413],
    ['no JSON', '{', 400],
    ['an unknown key', JSON.stringify({ for: '2h', more: 1 }), 400],
    ['no time', JSON.stringify({ for: 'soon' }), 400],
  ])('a body that is %s is a problem document', async (_, body, status) => {
    const response = await fetch(`${api.url}/api/v1/silences`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect([response.status, response.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  });

  test('what another page can send without being asked changes nothing', async () => {
    // A form may post text from anywhere; JSON needs leave, which nobody has.
    for (const path of ['/api/v1/silences', `/api/v1/alerts/${'0'.repeat(32)}/acknowledge`]) {
      const headers = { 'content-type': 'text/plain', origin: 'https://evil.example' };
      const response = await fetch(`${api.url}${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ for: '2h' }),
      });
      expect([path, response.status]).toEqual([path, 403]);
    }
  });

  test('headers: nothing foreign runs, answers are compressed and have an ETag', async () => {
    const response = await fetch(`${api.url}/api/v1/settings?limit=500`);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(`${api.url}/api/v1/settings?limit=500`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });
});

describe('who may read', () => {
  const server = useServer(18);
  const issuer = { url: '', close: () => {} };
  let api: Served;
  let sign: (claims: object, options?: { audience?: string; expires?: string }) => Promise<string>;
  beforeAll(async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    const key = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' };
    const { createServer } = await import('node:http');
    const keys = createServer((_, response) => response.end(JSON.stringify({ keys: [key] })));
    keys.listen(0, '127.0.0.1');
    await once(keys, 'listening');
    const address = keys.address();
    issuer.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    issuer.close = () => keys.close();
    sign = (claims, { audience = 'pgmon', expires = '5m' } = {}) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setIssuer(issuer.url)
        .setAudience(audience)
        .setIssuedAt()
        .setExpirationTime(expires)
        .sign(privateKey);
    await server().sql('CREATE TABLE t (x text)');
    api = await serveApi(server().postgres.dsn('pgmon'), {
      tokens: [
        { name: 'viewer', role: 'viewer', sha256: hash('viewer-token') },
        { name: 'operator', role: 'operator', sha256: hash('operator-token') },
      ],
      oidc: { issuer: issuer.url, audience: 'pgmon', roles: { viewer: ['staff'], operator: [], admin: ['dba'] } },
    });
    for (let i = 0; i < 2; i++) {
      await server().sql("SELECT count(*) FROM t WHERE x = 'a'");
      if (i === 0) await api.pass();
    }
    await api.pass();
  }, 60_000);
  afterAll(async () => {
    await api?.close();
    issuer.close();
  });
  const get = async (path: string, token?: string, init: RequestInit = {}) => {
    const response = await fetch(`${api.url}${path}`, {
      ...init,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), 'content-type': 'application/json' },
    });
    return { status: response.status, text: await response.text(), headers: response.headers };
  };

  test('nobody without a token; the health says only how it is', async () => {
    const refused = await get('/api/v1/overview');
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect((await get('/metrics')).status).toBe(401);
    expect(JSON.parse((await get('/healthz')).text)).toEqual({ status: 'ok' });
    expect(Object.keys(JSON.parse((await get('/healthz', 'viewer-token')).text))).toContain('warnings');
    expect((await get('/livez')).status).toBe(200);
  });

  test('a viewer reads, without texts; an operator reads them and silences', async () => {
    const path = '/api/v1/top-queries?window=5m&limit=500';
    const texts = (answer: string) => JSON.parse(answer).items.map(({ text }: { text: unknown }) => text);
    expect(new Set(texts((await get(path, 'viewer-token')).text))).toEqual(new Set([null]));
    expect(texts((await get(path, 'operator-token')).text)).toContain('SELECT count(*) FROM t WHERE x = $1');
    const silence = { method: 'POST', body: JSON.stringify({ for: '1h' }) };
    expect((await get('/api/v1/silences', 'viewer-token', silence)).status).toBe(403);
    expect((await get('/api/v1/silences', 'operator-token', silence)).status).toBe(201);
    expect((await get('/metrics', 'viewer-token')).text).toContain('pg_up{cluster="shop"} 1');
  });

  test('[E12] a viewer reads what was found of the role, without the statements that name roles', async () => {
    const said = async (token: string) =>
      `${(await get('/api/v1/agent', token)).text} ${JSON.parse((await get('/healthz', token)).text).warnings.join(' ')}`;
    const [viewer, operator] = [await said('viewer-token'), await said('operator-token')];
    for (const text of [viewer, operator]) {
      expect(text.match(/this role may create temporary tables/g)?.length).toBeGreaterThanOrEqual(2);
    }
    expect(operator.match(/REVOKE TEMPORARY ON DATABASE/g)?.length).toBeGreaterThanOrEqual(2);
    expect(viewer).not.toMatch(/REVOKE|GRANT/);
  });

  test('tokens of the issuer: groups are roles; what is not right is refused', async () => {
    expect((await get('/api/v1/overview', await sign({ groups: ['staff'] }))).status).toBe(200);
    const silence = { method: 'POST', body: JSON.stringify({ for: '1h' }) };
    expect((await get('/api/v1/silences', await sign({ groups: ['dba'] }), silence)).status).toBe(201);
    const none = new UnsecuredJWT({ groups: ['dba'] })
      .setIssuer(issuer.url)
      .setAudience('pgmon')
      .setExpirationTime('5m')
      .encode();
    const bad = [
      none,
      `${none}AAAA`,
      await sign({ groups: ['dba'] }, { audience: 'other' }),
      await sign({ groups: ['dba'] }, { expires: '-1m' }),
      await sign({ groups: ['nobody'] }),
    ];
    for (const token of bad) expect((await get('/api/v1/overview', token)).status).toBe(401);
  });

  test('who tries many tokens has to wait', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 14; i++) statuses.push((await get('/api/v1/overview', `guess-${i}`)).status);
    expect(statuses.at(-1)).toBe(429);
  });

  test('a header that is broken in two is refused before it is read', async () => {
    const { hostname, port } = new URL(api.url);
    const status = await new Promise<number | string | undefined>((resolve) => {
      try {
        request(
          { hostname, port, path: '/api/v1/overview', headers: { authorization: 'Bearer a\r\nX-Evil: 1' } },
          (response) => resolve(response.statusCode),
        ).end();
      } catch (error) {
        resolve(error instanceof Error && 'code' in error ? String(error.code) : 'refused');
      }
    });
    expect(status).toBe('ERR_INVALID_CHAR');
  });
});
