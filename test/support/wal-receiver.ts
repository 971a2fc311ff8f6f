import pg from 'pg';
import type { TestServer } from './test-server.ts';

/** A receiver of a server's WAL, as a standby or pg_receivewal is one, that throws away what it gets. */
export async function startReceiver(
  server: TestServer,
  application_name: string,
  slot?: string,
): Promise<{ leave: () => Promise<void> }> {
  const connection = { connectionString: server.postgres.dsn(), application_name, replication: 'true' };
  const client = new pg.Client(connection);
  client.on('error', () => {});
  await client.connect();
  const { rows } = await client.query('IDENTIFY_SYSTEM');
  const [{ pid } = { pid: 0 }] = await server.sql(
    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walsender' AND application_name = $1 ORDER BY backend_start DESC LIMIT 1",
    [application_name],
  );
  // It answers when the replication ends.
  client.query(`START_REPLICATION ${slot ? `SLOT ${slot} ` : ''}PHYSICAL ${rows[0].xlogpos}`).catch(() => {});
  await server.until("SELECT 1 FROM pg_stat_replication WHERE pid = $1 AND state IN ('catchup', 'streaming')", [pid]);
  return {
    leave: async () => {
      await server.sql('SELECT pg_terminate_backend($1)', [pid]);
      await server.until('SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)', [pid]);
      await client.end().catch(() => {});
    },
  };
}
