import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { serveApi } from '../support/api.ts';
import { useServer } from '../support/test-server.ts';

const answerSchema = z.looseObject({
  at: z.string().nullable(),
  taken_at: z.string().nullable(),
  stale: z.boolean(),
  since: z.string().optional(),
  problem: z.string().optional(),
});
const itemsSchema = z.looseObject({ items: z.array(z.looseObject({})) });
interface Node {
  readonly pid: number;
  readonly blocked_total: number;
  readonly blocks: readonly Node[];
}
const nodeSchema: z.ZodType<Node> = z.looseObject({
  pid: z.number(),
  blocked_total: z.number(),
  blocks: z.lazy(() => z.array(nodeSchema)),
});
const treesSchema = z.looseObject({ trees: z.array(nodeSchema) });

/** Every list of the API, all of which read the past by the same function. */
const LISTS = [
  '/connections',
  '/connections?kind=sessions',
  '/autovacuum',
  '/autovacuum?kind=progress',
  '/autovacuum?kind=rows',
  '/autovacuum?kind=stale',
  '/storage',
  '/storage?kind=databases',
  '/storage?kind=sequences',
  '/indexes',
  '/partitions',
  '/replication',
  '/wraparound',
  '/settings',
  '/locks',
  '/sessions',
];

describe('a lock tree that is over, of a server that was killed since', () => {
  const server = useServer(18);
  let api: Awaited<ReturnType<typeof serveApi>>;
  let tree: Awaited<ReturnType<ReturnType<typeof server>['lockTree']>>;
  /** Of each session that waits, by the server itself, whom it waits for. */
  let blocking: ReadonlyMap<number, readonly number[]>;
  const times = { begin: '', quiet: '', locked: '', over: '', down: '' };
  const ask = async (path: string, status = 200) => {
    const response = await fetch(`${api.url}/api/v1${path}`);
    const text = await response.text();
    expect([path, response.status, status === 200 ? '' : text]).toEqual([path, status, status === 200 ? '' : text]);
    return z.looseObject({}).parse(JSON.parse(text));
  };
  const at = (path: string, moment: string) => ask(`${path}${path.includes('?') ? '&' : '?'}at=${moment}`);
  /** One pass of all loops; by its end everything that it saw is before the moment that is returned. */
  const pass = async () => {
    await api.pass();
    return new Date().toISOString();
  };
  beforeAll(async () => {
    await server().sql('CREATE TABLE orders (id int PRIMARY KEY)');
    times.begin = new Date().toISOString();
    const rule = {
      name: 'blocked',
      metric: 'pg_blocked_sessions_total',
      threshold: 2,
      for: '0s',
      severity: 'critical',
    };
    api = await serveApi(server().postgres.dsn('pgmon'), {}, { custom: [rule] });
    times.quiet = await pass();
    tree = await server().lockTree();
    const waiting = await server().sql(
      "SELECT pid, pg_blocking_pids(pid) AS by FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    );
    blocking = new Map(waiting.map(({ pid, by }) => [Number(pid), z.array(z.number()).parse(by)]));
    times.locked = await pass();
    await tree.release();
    await server().sql('DROP TABLE orders');
    times.over = await pass();
    await server().stopClients();
    await server().postgres.stop('immediate');
    times.down = await pass();
  }, 120_000);
  afterAll(async () => {
    await api?.close();
  });

  test('its moment has exactly that tree; the passes around it are of nobody who waits, and say which they are', async () => {
    const locked = treesSchema.parse(await at('/locks', times.locked));
    const [root, ...others] = locked.trees;
    expect(others).toEqual([]);
    expect([root?.pid, root?.blocked_total]).toEqual([tree.root, 3]);
    const parents = (node: Node): [number, number][] =>
      node.blocks.flatMap((below) => [[below.pid, node.pid], ...parents(below)]);
    const found = root ? parents(root) : [];
    expect(found.map(([pid]) => pid).toSorted()).toEqual([tree.middle, tree.leaf, tree.second].toSorted());
    for (const [pid, parent] of found) expect(blocking.get(pid)).toContain(parent);
    const meta = answerSchema.parse(locked);
    expect(meta).toMatchObject({ at: times.locked, stale: false });
    expect(meta.problem).toBeUndefined();
    expect(String(meta.taken_at) > times.quiet && String(meta.taken_at) <= times.locked).toBe(true);
    for (const [moment, before] of [
      [times.quiet, times.begin],
      [times.over, times.locked],
    ] as const) {
      const quiet = await at('/locks', moment);
      expect(treesSchema.parse(quiet).trees).toEqual([]);
      expect(quiet).toMatchObject({ at: moment, stale: false });
      const { taken_at } = answerSchema.parse(quiet);
      expect(String(taken_at) > before && String(taken_at) <= moment).toBe(true);
    }
  });

  test('sessions, overview and alerts of that moment', async () => {
    const sessions = itemsSchema.parse(await at('/connections?kind=sessions', times.locked)).items;
    expect(sessions.map(({ pid }) => pid)).toEqual(expect.arrayContaining([tree.root, tree.middle, tree.leaf]));
    expect(await at('/overview', times.locked)).toMatchObject({ up: true, blocked_sessions: 3, max_connections: 100 });
    expect(await at('/overview', times.quiet)).toMatchObject({ up: true, blocked_sessions: 0 });
    expect(await at('/overview', times.over)).toMatchObject({ up: true, blocked_sessions: 0 });
    const rules = async (moment: string) =>
      itemsSchema.parse(await at('/alerts', moment)).items.map(({ rule, state }) => [rule, state]);
    expect(await rules(times.locked)).toContainEqual(['blocked', 'firing']);
    expect(await rules(times.quiet)).not.toContainEqual(['blocked', 'firing']);
    const targets = z.looseObject({ targets: z.array(z.looseObject({})) });
    expect(targets.parse(await at('/targets', times.locked)).targets[0]).toMatchObject({
      up: true,
      at: times.locked,
      open_alerts: { critical: expect.any(Number) },
    });
    const history = z.looseObject({ items: z.array(z.looseObject({ rule: z.string(), at: z.string() })) });
    expect(await at('/alerts/history', times.locked)).toEqual(await ask(`/alerts/history?to=${times.locked}`));
    const past = history.parse(await ask(`/alerts/history?to=${times.locked}`)).items;
    expect(past.filter(({ rule }) => rule === 'blocked')).toHaveLength(1);
    expect(past.every((one) => one.at <= times.locked)).toBe(true);
    const later = history.parse(await ask(`/alerts/history?from=${times.locked}`)).items;
    expect(later.filter((one) => one.at < times.locked)).toEqual([]);
  });

  test('lists of then have what was dropped since', async () => {
    const names = async (moment: string) =>
      itemsSchema.parse(await at('/storage', moment)).items.map(({ relation }) => String(relation));
    expect(await names(times.quiet)).toContainEqual(expect.stringContaining('orders'));
    // The lists of an hour are its first: those of the last pass are the latest ones.
    expect(await names(times.down)).not.toContainEqual(expect.stringContaining('orders'));
  });

  test('[D2] of a target that is down every list is its last state, stale, with the reason and its time, then and now', async () => {
    for (const path of LISTS) {
      const { taken_at, ...then } = answerSchema.parse(await at(path, times.down));
      expect([path, then]).toEqual([path, expect.objectContaining({ stale: true, problem: expect.any(String) })]);
      expect([path, String(taken_at) > times.begin && String(taken_at) <= times.over]).toEqual([path, true]);
      const now = answerSchema.parse(await ask(path));
      expect([path, now]).toEqual([
        path,
        expect.objectContaining({ at: null, taken_at, stale: true, problem: expect.any(String) }),
      ]);
    }
    const quiet = answerSchema.parse(await at('/locks', times.over));
    expect([quiet.stale, quiet.problem]).toEqual([false, undefined]);
  });

  test('[D2] alerts of a target that is down say since when they were not evaluated', async () => {
    const item = z.looseObject({ rule: z.string(), evaluated_at: z.string() });
    const { items } = z.object({ items: z.array(item) }).parse(await ask('/alerts'));
    const evaluated = (rule: string) => items.find((one) => one.rule === rule)?.evaluated_at ?? '';
    expect(evaluated('server_down') > times.over).toBe(true);
    expect(evaluated('blocked') > times.locked && evaluated('blocked') <= times.over).toBe(true);
    const then = z.object({ items: z.array(item) }).parse(await at('/alerts', times.down)).items;
    const blocked = then.find(({ rule }) => rule === 'blocked')?.evaluated_at ?? '';
    expect(blocked > times.locked && blocked <= times.over).toBe(true);
    const down = z
      .object({ since: z.string(), evaluated_at: z.string(), value_at: z.string().nullable() })
      .parse(then.find(({ rule }) => rule === 'server_down'));
    expect(down.evaluated_at >= down.since).toBe(true);
  });

  test('before the data begins every answer is empty and says since when there is data', async () => {
    for (const path of LISTS) {
      const answer = await at(path, times.begin);
      const { taken_at, since } = answerSchema.parse(answer);
      expect([path, taken_at]).toEqual([path, null]);
      expect([path, String(since) > times.begin && String(since) <= times.quiet]).toEqual([path, true]);
      expect([path, answer['items'] ?? answer['trees'] ?? answer['sessions']]).toEqual([path, []]);
    }
    const isSince = (since: unknown) => String(since) > times.begin && String(since) <= times.quiet;
    expect(await at('/alerts', times.begin)).toMatchObject({ taken_at: null, items: [] });
    for (const path of ['/alerts', '/alerts/history', '/locks/moments'])
      expect([path, isSince((await at(path, times.begin))['since'])]).toEqual([path, true]);
    expect((await ask('/alerts'))['since']).toBeUndefined();
    const each = z.array(z.looseObject({ since: z.string() }));
    const parts = [(await at('/targets', times.begin))['targets'], (await at('/agent', times.begin))['loops']];
    expect(parts.flatMap((part) => each.parse(part)).every(({ since }) => isSince(since))).toBe(true);
    const history = await ask(`/history?metric=pg_client_connections&from=-30d&to=-29d`);
    expect(history['series']).toEqual([]);
    expect(String(history['since']) <= times.quiet).toBe(true);
  });

  test('ranges: absolute and before now, from 15 minutes to 400 days', async () => {
    for (const range of ['from=-15m', `from=${times.begin}&to=${times.over}`, 'from=-2d', 'from=-7d', 'from=-400d']) {
      const { series, times: steps } = z
        .looseObject({ series: z.array(z.unknown()), times: z.array(z.number()) })
        .parse(await ask(`/history?metric=pg_client_connections&${range}`));
      expect([range, steps.length > 0 && steps.length <= 1_002]).toEqual([range, true]);
      expect([range, series.length]).toEqual([range, 1]);
    }
  });

  test('what is refused says what is allowed', async () => {
    for (const [path, detail] of [
      ['/locks?at=yesterday', 'at: must be RFC 3339'],
      ['/settings?sort=nope', 'sort: must be one of name, '],
      ['/top-queries?sort=-spark', 'sort: must be one of db, queryid, calls'],
      ['/settings?limit=x', 'limit: must be a whole number from 1 to 500'],
      ['/overview?at=2999-01-01T00:00:00Z', 'at: is in the future'],
      ['/settings?from=-1h&to=-2h', 'from: must be before to'],
      ['/history?metric=pg_up&from=-401d', 'from: must be at most 400 days before to'],
      ['/top-queries?from=-401d', 'from: must be at most 400 days before to'],
      ['/alerts?when=-5m', 'when: unknown parameter; it takes cluster, severity, at, from, to'],
      ['/history?metric=pg_up&range=1h', 'range: unknown parameter'],
    ] as const)
      expect([path, (await ask(path, 400))['detail']]).toEqual([path, expect.stringContaining(detail)]);
  });
});
