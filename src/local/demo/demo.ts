import pg from 'pg';
import { startPostgres } from '../postgres-server.ts';
import { DEMO_SCHEMA } from './schema.ts';
import { startWorkload, type Workload } from './workload.ts';

export interface Demo {
  /** How pgmon logs in: as a role with pg_monitor and nothing else. */
  readonly dsn: string;
  stop(): Promise<void>;
}

/** A PostgreSQL 18 of our own with an application at work in it, so that every number moves. Gone when it is stopped. */
export async function startDemo(): Promise<Demo> {
  const server = await startPostgres({
    settings: {
      shared_preload_libraries: 'pg_stat_statements',
      track_io_timing: 'on',
      fsync: 'off',
      shared_buffers: '64MB',
      max_connections: '60',
      autovacuum_naptime: '15s',
      log_min_messages: 'fatal',
    },
  });
  let workload: Workload;
  try {
    const admin = new pg.Client(server.dsn());
    await admin.connect();
    await admin.query(DEMO_SCHEMA);
    await admin.query('CREATE DATABASE shop OWNER shop');
    await admin.end();
    workload = await startWorkload(server.dsn('shop', 'shop'));
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    dsn: server.dsn('pgmon'),
    stop: async () => {
      await workload.stop();
      await server.stop();
    },
  };
}
