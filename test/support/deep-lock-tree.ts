import type pg from 'pg';
import type { TestServer } from './test-server.ts';

/** A session of the tree with those that wait for it. */
export interface Waiter {
  readonly pid: number;
  readonly blocks: readonly Waiter[];
}

/**
 * A tree of locks of three levels and twelve waiters: a root that is idle in its transaction, three sessions that wait for a
 * row of it each, and for each of them three that wait for one of its rows.
 *
 * @returns the tree by the pids, and what ends it
 */
export async function deepLockTree(server: TestServer): Promise<{ tree: Waiter; release: () => Promise<void> }> {
  await server.sql('CREATE TABLE IF NOT EXISTS public.accounts (id int PRIMARY KEY, n int)');
  await server.sql('INSERT INTO accounts SELECT g, 0 FROM generate_series(1, 40) AS g ON CONFLICT DO NOTHING');
  const clients: pg.Client[] = [];
  const begin = async (application: string, ...rows: readonly number[]) => {
    const client = await server.open(application);
    clients.push(client);
    await client.query('BEGIN');
    for (const row of rows) await client.query(`UPDATE accounts SET n = n + 1 WHERE id = ${row}`);
    const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
    return { client, pid };
  };
  const waitFor = async ({ client, pid }: Awaited<ReturnType<typeof begin>>, row: number) => {
    client.query(`UPDATE accounts SET n = n + 2 WHERE id = ${row}`).catch(() => {});
    await server.until('SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = $2', [pid, 'Lock']);
  };
  const root = await begin('billing', 1, 2, 3);
  const middles: Waiter[] = [];
  for (const row of [1, 2, 3]) {
    const own = [0, 1, 2].map((i) => row * 10 + i);
    const middle = await begin('orders', ...own);
    await waitFor(middle, row);
    const leaves: Waiter[] = [];
    for (const one of own) {
      const leaf = await begin('web');
      await waitFor(leaf, one);
      leaves.push({ pid: leaf.pid, blocks: [] });
    }
    middles.push({ pid: middle.pid, blocks: leaves });
  }
  return {
    tree: { pid: root.pid, blocks: middles },
    release: async () => {
      const pids = [root.pid, ...middles.flatMap(({ pid, blocks }) => [pid, ...blocks.map((leaf) => leaf.pid)])];
      await server.sql('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) AS t (pid)', [pids]);
      await server.until('SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ANY($1))', [pids]);
    },
  };
}
