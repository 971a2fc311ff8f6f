import { cpus } from 'node:os';
import pg from 'pg';
import { startPostgres } from '../../src/local/postgres-server.ts';

/** A server of its own with the role pgmon, and a superuser's connection to it, until the work is done. */
export async function withServer(
  settings: Readonly<Record<string, string>>,
  work: (admin: pg.Client, server: { port: number; dsn: string; version: string }) => Promise<void>,
): Promise<void> {
  const server = await startPostgres({
    settings: { shared_preload_libraries: 'pg_stat_statements', fsync: 'off', autovacuum: 'off', ...settings },
  });
  try {
    const admin = new pg.Client(server.dsn());
    admin.on('error', () => {}); // the server goes first where a pass failed
    await admin.connect();
    await admin.query('CREATE EXTENSION pg_stat_statements; CREATE ROLE pgmon LOGIN; GRANT pg_monitor TO pgmon');
    const version: string = (await admin.query('SHOW server_version')).rows[0].server_version;
    await work(admin, { port: server.port, dsn: server.dsn(), version });
    await admin.end();
  } finally {
    await server.stop('immediate');
  }
}

export function machine(version: string): string {
  return `PostgreSQL ${version}, Node ${process.version}, ${cpus()[0]?.model} × ${cpus().length}`;
}
