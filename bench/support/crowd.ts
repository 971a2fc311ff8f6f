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
