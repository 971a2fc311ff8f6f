import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Transition } from '../../src/alerts/transition.ts';
import { serveApi } from '../support/api.ts';
import { useServer } from '../support/test-server.ts';

const hash = (token: string) => createHash('sha256').update(token).digest('hex');
const eventSchema = z.looseObject({ id: z.string(), at: z.string(), kind: z.string(), text: z.string() });
const pageSchema = z.looseObject({ items: z.array(eventSchema), next_cursor: z.string().optional() });

describe('events in the API', () => {
  const server = useServer(18);
  let api: Awaited<ReturnType<typeof serveApi>>;
  beforeAll(async () => {
    api = await serveApi(server().postgres.dsn('pgmon'), {
      tokens: [
        { name: 'reads', role: 'viewer', sha256: hash('reads') },
        { name: 'deploys', role: 'operator', sha256: hash('deploys') },
      ],
    });
    await server().sql('CREATE TABLE t (id int)');
    await api.pass();
    await server().sql("SELECT pg_create_physical_replication_slot('made')");
    await server().sql('INSERT INTO t SELECT generate_series(1, 1000)');
    await server().sql('CHECKPOINT');
    await api.pass();
  }, 60_000);
  afterAll(() => api?.close());

  const ask = async (path: string, init: RequestInit = {}, token = 'deploys') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${api.url}/api/v1${path}`, { ...init, headers });
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      body: z.looseObject({}).parse(await response.json()),
    };
  };
  const post = (event: object, token?: string) =>
    ask('/events', { method: 'POST', body: JSON.stringify(event) }, token);
  const list = async (query = '') => pageSchema.parse((await ask(`/events${query}`, {}, 'reads')).body);

  test('what passes found, newest first, each with a link; routine only where it is asked for', async () => {
    const { items } = await list();
    expect(items).toMatchObject([
      {
        kind: 'slot_created',
        object: 'made',
        to: 'physical',
        source: 'seen',
        link: expect.stringMatching(/^#\/replication\?cluster=shop&at=2/),
      },
    ]);
    expect((await list('?severity=info')).items.map(({ kind }) => kind)).toContain('checkpoint');
    expect((await list('?kind=checkpoint')).items.length).toBeGreaterThan(0);
    expect((await list('?kind=slot_created,slot_dropped')).items).toHaveLength(1);
    expect((await list('?text=SLOT%20made')).items).toHaveLength(1);
    const other = await list('?object=other');
    expect(other.items).toEqual([]);
    expect(other).not.toHaveProperty('since');
    expect((await list('?from=-2d&to=-1d')).items).toEqual([]);
  });

  test('a range before there was data is empty, and says since when there is some', async () => {
    const { body } = await ask('/events?from=-10d&to=-9d');
    expect(body['items']).toEqual([]);
    expect(Date.now() - Date.parse(String(body['since']))).toBeLessThan(600_000);
  });

  test('a posted event is kept as it is, once, whatever is in it', async () => {
    const html = '<img src=x onerror="alert(1)"> deploy 4711 & more';
    const first = await post({ text: html, id: 'deploy:4711', by: 'ci', at: '-5m' });
    expect(first).toMatchObject({
      status: 201,
      body: { id: 'deploy:4711', text: html, kind: 'deploy', by: 'ci', source: 'posted', clusters: ['shop'] },
    });
    const again = await post({ text: 'another text', id: 'deploy:4711' });
    expect(again).toMatchObject({ status: 200, body: { text: html, at: first.body['at'] } });
    const { items } = await list('?kind=deploy');
    expect(items).toMatchObject([{ id: 'deploy:4711', text: html }]);
    const shown = await ask('/events?kind=deploy');
    expect(shown.type).toMatch(/^application\/json/);
  });

  test.each([
    ['10 kB', { text: 'x'.repeat(10_000) }, 400, /text: .*1000/],
    ['more than a body may have', { text: 'x'.repeat(20_000) }, 413, /16384 bytes/],
    ['no text', { text: '  ' }, 400, /text/],
    ['several lines', { text: 'a\nb' }, 400, /one line of text/],
    ['a kind of our own', { text: 'x', kind: 'restart' }, 400, /what pgmon finds by itself/],
    ['a kind that is no word', { text: 'x', kind: '<b>' }, 400, /lowercase letters/],
    ['an unknown key', { text: 'x', colour: 'red' }, 400, /colour/],
    ['a target that is none', { text: 'x', cluster: 'nowhere' }, 404, /nowhere/],
    ['the future', { text: 'x', at: '2100-01-01T00:00:00Z' }, 400, /in the future/],
    ['more than 400 days ago', { text: 'x', at: '-401d' }, 400, /400 days/],
    ['a time that is none', { text: 'x', at: 'yesterday' }, 400, /RFC 3339/],
    ['an id with a slash', { text: 'x', id: 'a/b' }, 400, /100 letters/],
  ])('refused, with what is allowed: %s', async (_, event, status, said) => {
    const refused = await post(event);
    expect(refused.status).toBe(status);
    expect(refused.type).toContain('application/problem+json');
    expect(String(refused.body['detail'])).toMatch(said);
  });

  test('a viewer may read, and post nothing', async () => {
    expect((await post({ text: 'x' }, 'reads')).status).toBe(403);
  });

  test.each(['?from=now&to=-1h', '?from=-500d', '?form=-1h', '?kind=A', '?cursor=x', '?severity=bad', '?limit=0'])(
    'refused: %s',
    async (query) => {
      expect((await ask(`/events${query}`)).status).toBe(400);
    },
  );

  test('alerts begin and end among the events, from the alert history alone; pages have each once', async () => {
    const at = (second: number) => new Date(Date.now() - 1_800_000 + second * 1_000).toISOString();
    const transition = (id: string, kind: Transition['kind'], second: number, cluster = 'shop'): Transition => ({
      id,
      fingerprint: 'f'.repeat(32),
      kind,
      at: at(second),
      cluster,
      rule: 'blocked_sessions',
      title: 'Blocked sessions',
      severity: 'critical',
      labels: { db: 'app' },
      since: at(0),
      message: '12 sessions wait',
      action: 'Open Locks.',
      panel: 'locks',
    });
    for (let i = 0; i < 12; i++) {
      await api.stores.alertHistory.put(transition(`b${i}`, 'firing', i * 4));
      await api.stores.alertHistory.put(transition(`r${i}`, 'repeated', i * 4 + 1));
      await api.stores.alertHistory.put(transition(`e${i}`, 'resolved', i * 4 + 2));
      await api.stores.alertHistory.put(transition(`o${i}`, 'firing', i * 4, 'other'));
      await post({ text: `deploy ${i}`, id: `page-${i}`, at: at(i * 4 + 1) });
    }
    const seen: string[] = [];
    let cursor = '';
    for (let i = 0; i < 20; i++) {
      const page = await list(`?from=-31m&to=-28m&limit=5${cursor}`);
      seen.push(...page.items.map(({ id }) => id));
      if (!page.next_cursor) break;
      cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`;
    }
    const all = Array.from({ length: 12 }, (_, i) => 11 - i).flatMap((i) => [`e${i}`, `page-${i}`, `b${i}`]);
    expect(seen).toEqual(all);
    const [began] = (await list('?from=-31m&to=-28m&kind=alert_began&limit=1')).items;
    expect(began).toMatchObject({
      object: 'blocked_sessions',
      from: 'ok',
      to: 'critical',
      db: 'app',
      severity: 'warning',
      source: 'alert',
    });
  });

  test('an event of many is found by each of its objects, roles only by those who may see them', async () => {
    const each = (statement: string, count: number) =>
      server().sql(`DO $$ BEGIN FOR i IN 1..${count} LOOP EXECUTE format(${statement}, i, i); END LOOP; END $$`);
    await each("'CREATE ROLE \"it''s r%s\"; ALTER ROLE \"it''s r%s\" SET work_mem = 1024'", 600);
    await each("'CREATE TABLE made_%s (id%s int)'", 30);
    await server().sql('SELECT pg_stat_force_next_flush()');
    await api.pass();
    const found = async (query: string, token: string) =>
      pageSchema.parse((await ask(`/events?${query}`, {}, token)).body).items.map(({ kind, count }) => [kind, count]);
    const object = (name: string) => `object=${encodeURIComponent(name)}`;
    expect(await found(object('public.made_29'), 'reads')).toEqual([['relation_created', 30]]);
    expect(await found('text=MADE_29', 'reads')).toEqual([['relation_created', 30]]);
    expect(await found(object('public.made_2'), 'reads')).toEqual([['relation_created', 30]]);
    expect(await found(object('public.made_31'), 'reads')).toEqual([]);
    expect(await found(object("it's r577"), 'deploys')).toEqual([['role_setting_changed', 600]]);
    expect(await found(object("it's r577"), 'reads')).toEqual([]);
    expect(await found('text=r577', 'reads')).toEqual([]);
    const [shown] = pageSchema.parse((await ask('/events?kind=role_setting_changed', {}, 'reads')).body).items;
    expect(shown).toMatchObject({ text: 'Setting of a role changed.' });
    expect(JSON.stringify(shown)).not.toContain("it's r");
    expect(Object.keys(shown ?? {})).not.toContain('objects');
    expect((await ask('/changed', {}, 'reads')).body['events']).toEqual(
      expect.not.arrayContaining([expect.objectContaining({ objects: expect.anything() })]),
    );
  });
});
