import { chownSync, cpSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PostgresServer, startPostgres } from '../../src/local/postgres-server.ts';
import { ensureMajor } from './install-majors.ts';
import type { TestServer } from './test-server.ts';

/**
 * A streaming standby of a test server. The shipped binaries have no pg_basebackup, so the primary's files are copied
 * during a backup; WAL that it writes meanwhile comes by streaming.
 */
export async function startStandby(primary: TestServer): Promise<PostgresServer> {
  const [begin, end] =
    primary.major >= 15
      ? ["SELECT pg_backup_start('standby', true)", 'SELECT * FROM pg_backup_stop(false)']
      : ["SELECT pg_start_backup('standby', true, false)", 'SELECT * FROM pg_stop_backup(false, false)'];
  const dataDir = mkdtempSync(join(tmpdir(), 'pgmon-data-'));
  await primary.sql("SELECT pg_create_physical_replication_slot('standby1', true)");
  await primary.sql(begin);
  cpSync(primary.postgres.dataDir, dataDir, {
    recursive: true,
    filter: (path) => !/postmaster\.(pid|opts)$/.test(path),
  });
  const rows = await primary.sql(end);
  const label = Object.values(rows[0] ?? {})[1];
  writeFileSync(join(dataDir, 'backup_label'), String(label));
  writeFileSync(join(dataDir, 'standby.signal'), '');
  // cp made everything ours; it must be the server's.
  const { uid, gid } = statSync(primary.postgres.dataDir);
  const own = (path: string) => chownSync(path, uid, gid);
  own(dataDir);
  for (const name of readdirSync(dataDir, { recursive: true })) own(join(dataDir, String(name)));
  return await startPostgres({
    binaries: await ensureMajor(primary.major),
    dataDir,
    settings: {
      primary_conninfo: `host=127.0.0.1 port=${primary.postgres.port} user=postgres application_name=standby1`,
      primary_slot_name: 'standby1',
      hot_standby: 'on',
    },
  });
}
