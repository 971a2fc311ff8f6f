import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { SHOP_SCHEMA } from './schema.ts';

export interface Workload {
  stop(): Promise<void>;
}

type Job = (open: (name: string) => Promise<pg.Client>, wait: (ms: number) => Promise<void>) => Promise<void>;

/**
 * An application at work: steady purchases, and by turns a chain of blocked updates, a transaction left idle, a sort
 * that spills to temporary files and a batch that leaves dead rows.
 */
export async function startWorkload(dsn: string): Promise<Workload> {
  const clients = new Set<pg.Client>();
  const stopping = new AbortController();
  const open = async (name: string) => {
    const client = new pg.Client({ connectionString: dsn, application_name: name });
    client.on('error', () => {});
    clients.add(client);
    await client.connect();
    return client;
  };
  const wait = async (ms: number) => {
    await sleep(ms, undefined, { signal: stopping.signal });
  };
  const setup = await open('setup');
  await setup.query(SHOP_SCHEMA);
  await setup.end();
  const jobs = [purchases, purchases, blockingChain, forgottenTransaction, monthlyReport, stockTaking].map((job) =>
    job(open, wait).catch((error: unknown) => {
      // Ended by stop(): its sleep is aborted or its connection closed.
      if (!stopping.signal.aborted) throw error;
    }),
  );
  return {
    stop: async () => {
      stopping.abort();
      await Promise.allSettled([...clients].map((client) => client.end()));
      await Promise.allSettled(jobs);
    },
  };
}

const purchases: Job = async (open, wait) => {
  const client = await open('checkout');
  for (;;) {
    const product = 1 + Math.floor(Math.random() * 1_990);
    await client.query('BEGIN');
    await client.query('UPDATE product SET stock = stock - 1 WHERE id = $1', [product]);
    await client.query('INSERT INTO purchase (product_id) VALUES ($1)', [product]);
    await client.query(Math.random() < 0.03 ? 'ROLLBACK' : 'COMMIT');
    await wait(20 + Math.random() * 60);
  }
};

/**
 * Somebody holds a row for 70 s, two wait for it, and a third waits for one of those: longer than the 30 s of the rule
 * blocking_locks, so that it fires as it would on a server of one's own, and ends.
 */
const blockingChain: Job = async (open, wait) => {
  const [holder, first, second, third] = await Promise.all([
    open('price-import'),
    open('checkout'),
    open('checkout'),
    open('stock-sync'),
  ]);
  for (;;) {
    await wait(5_000);
    await holder.query('BEGIN');
    await holder.query('UPDATE product SET stock = stock WHERE id = 2000');
    await first.query('BEGIN');
    await first.query('UPDATE product SET stock = stock WHERE id = 1999');
    const blocked = [
      first.query('UPDATE product SET stock = stock - 1 WHERE id = 2000'),
      second.query('UPDATE product SET stock = stock - 2 WHERE id = 2000'),
      third.query('UPDATE product SET stock = stock - 3 WHERE id = 1999'),
    ];
    for (const query of blocked) query.catch(() => {});
    await wait(70_000);
    await holder.query('COMMIT');
    await blocked[0];
    await first.query('COMMIT');
    await Promise.all(blocked);
    await wait(30_000);
  }
};

const forgottenTransaction: Job = async (open, wait) => {
  const client = await open('back-office');
  for (;;) {
    await client.query('BEGIN');
    await client.query('SELECT count(*) FROM purchase');
    await wait(40_000);
    await client.query('ROLLBACK');
    await wait(20_000);
  }
};

const monthlyReport: Job = async (open, wait) => {
  const client = await open('report');
  await client.query("SET work_mem = '64kB'");
  for (;;) {
    await client.query(
      'SELECT i, repeat(md5(i::text), 4) AS t FROM generate_series(1, 60000) AS i ORDER BY t OFFSET 59990',
    );
    await wait(7_000);
  }
};

const stockTaking: Job = async (open, wait) => {
  const client = await open('stock-taking');
  for (;;) {
    await client.query('UPDATE product SET stock = 1000 WHERE id <= 1500 AND stock < 1000');
    await client.query("DELETE FROM purchase WHERE bought_at < now() - interval '5 minutes'");
    await wait(20_000);
  }
};
