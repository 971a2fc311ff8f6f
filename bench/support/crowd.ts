import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

export interface Crowd {
  leave(): Promise<void>;
}

/**
 * Sessions of an application: `sessions` in all, of which `blocked` wait in one tree of locks, three deep, below one
 * holder; half of the rest are idle in a transaction, the others idle.
 */
export async function crowd(dsn: string, sessions: number, blocked: number): Promise<Crowd> {
  const clients: pg.Client[] = [];
  const open = async () => {
    const client = new pg.Client({ connectionString: dsn, application_name: 'crowd' });
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  const root = await open();
  await root.query('CREATE TABLE IF NOT EXISTS crowd (id int PRIMARY KEY, n int)');
  await root.query('INSERT INTO crowd SELECT i, 0 FROM generate_series(0, 9) AS i ON CONFLICT DO NOTHING');
  await root.query('BEGIN');
  await root.query('UPDATE crowd SET n = 1 WHERE id = 0');
  for (let i = 0; i < blocked; i++) {
    const client = await open();
    await client.query('BEGIN');
    // The first nine hold a row each and wait for the root; the others wait for one of those nine.
    if (i < 9) await client.query('UPDATE crowd SET n = 1 WHERE id = $1', [i + 1]);
    client.query('UPDATE crowd SET n = 2 WHERE id = $1', [i < 9 ? 0 : 1 + (i % 9)]).catch(() => {});
  }
  for (let i = clients.length; i < sessions; i++) {
    const client = await open();
    await client.query(i % 2 ? 'BEGIN' : 'SELECT 1');
    if (i % 2) await client.query('SELECT count(*) FROM crowd');
  }
  await sleep(1_500); // deadlock_timeout is a second: until then the waiters themselves still work
  return {
    leave: async () => {
      await root.query('COMMIT').catch(() => {});
      await Promise.all(clients.map((client) => client.end().catch(() => {})));
    },
  };
}

/**
 * A queue: so many sessions that wait for one row, below one holder that is idle in its transaction. Run it on a server
 * with `deadlock_timeout` far away: each waiter would look for a deadlock after it, which in a queue costs the square.
 */
export async function queue(dsn: string, waiting: number): Promise<Crowd> {
  const clients: pg.Client[] = [];
  const open = async () => {
    const client = new pg.Client({ connectionString: dsn, application_name: 'queue' });
    client.on('error', () => {});
    await client.connect();
    clients.push(client);
    return client;
  };
  const root = await open();
  await root.query('CREATE TABLE IF NOT EXISTS queue (id int PRIMARY KEY, n int)');
  await root.query('INSERT INTO queue VALUES (1, 0) ON CONFLICT DO NOTHING');
  await root.query('BEGIN');
  await root.query('UPDATE queue SET n = 1 WHERE id = 1');
  for (let i = 0; i < waiting; i++) {
    const client = await open();
    client.query('UPDATE queue SET n = 2 WHERE id = 1').catch(() => {});
  }
  const waits = async () =>
    (await root.query('SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()')).rows[0]
      .n;
  for (let i = 0; i < 600 && (await waits()) < waiting; i++) await sleep(100);
  return {
    leave: async () => {
      // From the end: whoever is let in would update the row first.
      await root
        .query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'queue' AND pid <> pg_backend_pid()",
        )
        .catch(() => {});
      await root.query('ROLLBACK').catch(() => {});
      await Promise.all(clients.map((client) => client.end().catch(() => {})));
    },
  };
}
