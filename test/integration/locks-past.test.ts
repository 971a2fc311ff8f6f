import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveApi } from '../support/api.ts';
import { deepLockTree, type Waiter } from '../support/deep-lock-tree.ts';
import { majors, useServer } from '../support/test-server.ts';
import { twoRoles } from '../support/two-roles.ts';

interface Node {
  readonly pid: number;
  readonly blocks: readonly Node[];
  readonly [name: string]: unknown;
}

const shape = ({ pid, blocks }: Node | Waiter): unknown[] => [
  pid,
  [...blocks].sort((a, b) => a.pid - b.pid).map((one) => shape(one)),
];

describe.each(majors)('PostgreSQL %i', (major) => {
  const server = useServer(major, { max_prepared_transactions: '2' });
  let api: Awaited<ReturnType<typeof serveApi>>;
  const token = (name: string) => ({ authorization: `Bearer ${name}` });
  const ask = async (path: string, as = 'op') => {
    const response = await fetch(`${api.url}/api/v1${path}`, { headers: token(as) });
    return { status: response.status, answer: JSON.parse(await response.text()) };
  };
  const at = (time: Date) => encodeURIComponent(time.toISOString());
  /** A pass, and when it was over. */
  const pass = async () => {
    await api.pass();
    const over = new Date();
    // Passes of one millisecond could not be kept apart.
    await sleep(20);
    return over;
  };

  beforeAll(async () => {
    api = await serveApi(server().postgres.dsn('pgmon'), { tokens: twoRoles });
  }, 120_000);
  afterAll(() => api?.close());

  test('a tree of three levels and twelve waiters is found at its moment: each session once, what ends it, and what became of it', async () => {
    const quiet = await pass();
    const { tree, release } = await deepLockTree(server());
    const [truth] = await server().sql(
      `SELECT user, host(client_addr) AS addr, xact_start, state_change FROM pg_stat_activity WHERE pid = $1`,
      [tree.pid],
    );
    const moment = await pass();
    const during = await pass();
    // The tree continues: its root is in the same transaction.
    const { answer: still } = await ask(`/locks?at=${at(moment)}`);
    expect(still.trees[0].ending.now).toBe('same transaction');
    await release();
    await pass();
    await sleep(300); // identical requests within a quarter of a second share an answer

    const { answer } = await ask(`/locks?at=${at(moment)}`);
    expect(answer).toMatchObject({ at: moment.toISOString(), stale: false, blocked_total: 12, more: 0 });
    expect(answer.trees.map(shape)).toEqual([shape(tree)]);
    const [root] = answer.trees;
    expect(root).toMatchObject({
      application: 'billing',
      user_name: truth?.['user'],
      client_addr: truth?.['addr'],
      state: 'idle in transaction',
      query_is_last: true,
      query: 'SELECT pg_backend_pid() AS pid',
      blocked_total: 12,
      ending: {
        // Nothing runs that could be canceled.
        statements: [{ sql: `SELECT pg_terminate_backend(${tree.pid});`, what: 'terminate', db: null }],
        frees: 12,
        now: 'transaction over',
      },
    });
    for (const [field, column] of [
      ['xact_start', 'xact_start'],
      ['state_since', 'state_change'],
    ] as const)
      expect(Math.abs(Date.parse(root[field]) - Number(truth?.[column]))).toBeLessThan(3_000);
    const waiters = root.blocks.flatMap((node: Node) => [node, ...node.blocks]);
    expect(new Set(waiters.map(({ query }: Node) => query))).toEqual(
      new Set(['UPDATE accounts SET n = n + ? WHERE id = ?']),
    );
    expect(waiters.every(({ query_is_last, ending }: Node) => !query_is_last && ending === null)).toBe(true);

    expect((await ask(`/locks?at=${at(quiet)}`)).answer.trees).toEqual([]);
    expect((await ask('/locks')).answer.trees).toEqual([]);
    const { answer: steps } = await ask('/locks/moments?from=-15m');
    expect(steps.moments.map(({ blocked }: { blocked: number }) => blocked)).toEqual([12, 12]);
    // Two passes of the tree, and a quiet one after them.
    expect(steps.runs).toEqual([
      {
        from: steps.moments[0].at,
        to: steps.moments[1].at,
        passes: 2,
        most: 12,
        over_at: expect.stringMatching(/Z$/),
      },
    ]);
    expect(steps.runs[0].over_at > steps.moments[1].at).toBe(true);
    const { answer: stepped } = await ask(`/locks?at=${encodeURIComponent(steps.moments[1].at)}`);
    expect([stepped.taken_at, stepped.blocked_total]).toEqual([steps.moments[1].at, 12]);
    expect(Date.parse(stepped.taken_at)).toBeLessThan(during.getTime());

    const { answer: viewed } = await ask(`/locks?at=${at(moment)}`, 'view');
    expect(viewed.trees.map(shape)).toEqual([shape(tree)]);
    const [hidden] = viewed.trees;
    for (const node of [hidden, ...hidden.blocks])
      expect(node).toMatchObject({ query: null, user_name: null, client_addr: null });
  }, 90_000);

  test('what is running can be canceled first; a prepared transaction is ended by its name in its database', async () => {
    await server().sql('CREATE TABLE held (i int)');
    const preparer = await server().open('preparer');
    for (const sql of ['BEGIN', 'LOCK TABLE held', "PREPARE TRANSACTION 'it''s'"]) await preparer.query(sql);
    const waiter = await server().open('waiter');
    const waited = waiter.query('SELECT * FROM held').catch(() => {});
    const runner = await server().open('runner');
    const holds = runner.query('SELECT pg_advisory_lock(77), pg_sleep(600)').catch(() => {});
    await server().until("SELECT 1 FROM pg_stat_activity WHERE application_name = 'runner' AND wait_event = 'PgSleep'");
    const second = await server().open('second');
    const locks = second.query('SELECT pg_advisory_lock(77)').catch(() => {});
    await server().until("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' HAVING count(*) = 2");
    await pass();
    await sleep(1_100);
    const { answer } = await ask('/locks');
    const endings = answer.trees.map(({ pid, ending }: Node & { ending: { statements: object[] } }) => [
      pid,
      ending.statements,
    ]);
    const [run] = await server().sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'runner'");
    const pid = Number(run?.['pid']);
    expect(Object.fromEntries(endings)).toEqual({
      0: [{ sql: "ROLLBACK PREPARED 'it''s';", what: 'rollback', db: 'postgres' }],
      [pid]: [
        { sql: `SELECT pg_cancel_backend(${pid});`, what: 'cancel', db: null },
        { sql: `SELECT pg_terminate_backend(${pid});`, what: 'terminate', db: null },
      ],
    });
    // The statements do what they say.
    await server().sql(`SELECT pg_cancel_backend(${pid})`);
    await server().sql("ROLLBACK PREPARED 'it''s'");
    await Promise.all([waited, holds]);
    await server().sql('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ANY($1)', [
      ['runner', 'second', 'waiter', 'preparer'],
    ]);
    await locks;
  }, 60_000);

  test('trees of one database: each whole, where a session of it is in it', async () => {
    await server().sql('CREATE DATABASE other');
    await server().sql('CREATE ROLE shared');
    const waiting = (count: number) =>
      server().until("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' HAVING count(*) = $1", [count]);
    const open = (name: string, db: string) => server().open(name, 'postgres', db);
    // What a role has is of all databases: who changes it waits for somebody in another one.
    const [root, across] = [await open('root', 'postgres'), await open('across', 'other')];
    await root.query('BEGIN');
    await root.query("ALTER ROLE shared SET work_mem = '1MB'");
    const crossed = across.query("ALTER ROLE shared SET work_mem = '2MB'").catch(() => {});
    await waiting(1);
    const [holder, waiter] = [await open('holder', 'other'), await open('waiter', 'other')];
    await holder.query('SELECT pg_advisory_lock(7)');
    const waited = waiter.query('SELECT pg_advisory_lock(7)').catch(() => {});
    await waiting(2);
    await pass();
    await sleep(300);
    const treesOf = async (query: string) => {
      const { answer } = await ask(`/locks${query}`);
      const names = (node: Node): unknown[] => [node['application'], ...node.blocks.flatMap(names)];
      return [answer.blocked_total, answer.trees.map((tree: Node) => names(tree).join(' > ')).toSorted()];
    };
    expect(await treesOf('')).toEqual([2, ['holder > waiter', 'root > across']]);
    expect(await treesOf('?db=other')).toEqual([2, ['holder > waiter', 'root > across']]);
    expect(await treesOf('?db=postgres')).toEqual([1, ['root > across']]);
    expect(await treesOf('?db=nowhere')).toEqual([0, []]);
    await root.query('ROLLBACK');
    await holder.query('SELECT pg_advisory_unlock(7)');
    await Promise.all([crossed, waited]);
    await Promise.all([root, across, holder, waiter].map((client) => client.end()));
  }, 60_000);
});
