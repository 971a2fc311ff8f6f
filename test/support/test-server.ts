import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { startPostgres } from '../../src/local/postgres-server.ts';
import { startInDocker, type TestPostgres } from './docker-server.ts';
import { ensureMajor } from './install-majors.ts';
import { type Major, majors } from './majors.ts';

export { majors };

type State = 'idle' | 'active' | 'idle in transaction';

/** A real server of one major, with the role `pgmon` that has pg_monitor and nothing else. */
export class TestServer {
  readonly postgres: TestPostgres;
  readonly major: Major;
  readonly #clients = new Set<pg.Client>();
  #admin: pg.Client | undefined;

  private constructor(postgres: TestPostgres, major: Major) {
    this.postgres = postgres;
    this.major = major;
  }

  static async start(major: Major, settings: Readonly<Record<string, string>> = {}, hba?: string): Promise<TestServer> {
    const all = {
      fsync: 'off',
      full_page_writes: 'off',
      shared_buffers: '32MB',
      max_connections: '100',
      autovacuum: 'off',
      shared_preload_libraries: 'pg_stat_statements',
      track_io_timing: 'on',
      ...settings,
    };
    const postgres =
      process.env['PGMON_TEST_POSTGRES'] === 'docker'
        ? await startInDocker(major, all, hba)
        : await startPostgres({ binaries: await ensureMajor(major), settings: all, ...(hba ? { hba } : {}) });
    const server = new TestServer(postgres, major);
    await server.sql('CREATE EXTENSION pg_stat_statements');
    await server.sql('CREATE ROLE pgmon LOGIN');
    await server.sql('GRANT pg_monitor TO pgmon');
    return server;
  }

  /** Runs a statement as superuser. */
  async sql(text: string, values: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    this.#admin ??= await this.open('admin');
    return (await this.#admin.query(text, [...values])).rows;
  }

  /** A client that is closed with the server at the latest. */
  async open(application = 'test', user = 'postgres', database = 'postgres'): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.postgres.dsn(user, database),
      application_name: application,
    });
    client.on('error', () => {});
    await client.connect();
    this.#clients.add(client);
    return client;
  }

  /** Opens so many sessions in each state; ended by what it returns. */
  async sessions(counts: Partial<Record<State, number>>, database = 'postgres'): Promise<() => Promise<void>> {
    const opened: pg.Client[] = [];
    for (const [state, count] of Object.entries(counts)) {
      for (let i = 0; i < count; i++) {
        const client = await this.open('test', 'postgres', database);
        opened.push(client);
        if (state === 'active') client.query('SELECT pg_sleep(600)').catch(() => {});
        if (state === 'idle in transaction') await client.query('BEGIN');
      }
    }
    return () => this.#end(opened);
  }

  /**
   * A tree of locks: a root that holds row 1 and waits for nobody, a session in the middle that holds row 2 and waits
   * for row 1, a leaf that waits for row 2, and a second one that waits for row 1.
   */
  async lockTree(): Promise<{
    root: number;
    middle: number;
    second: number;
    leaf: number;
    release: () => Promise<void>;
  }> {
    await this.sql('CREATE TABLE IF NOT EXISTS tree (id int PRIMARY KEY, n int)');
    await this.sql('INSERT INTO tree VALUES (1, 0), (2, 0) ON CONFLICT DO NOTHING');
    const clients: pg.Client[] = [];
    const begin = async (...statements: string[]) => {
      const client = await this.open();
      clients.push(client);
      await client.query('BEGIN');
      for (const statement of statements) await client.query(statement);
      const pid: number = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
      return { client, pid };
    };
    const waitFor = async ({ client, pid }: { client: pg.Client; pid: number }, row: number) => {
      client.query(`UPDATE tree SET n = n + 1 WHERE id = ${row}`).catch(() => {});
      await this.until('SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = $2', [pid, 'Lock']);
    };
    const root = await begin('UPDATE tree SET n = 1 WHERE id = 1');
    const middle = await begin('UPDATE tree SET n = 1 WHERE id = 2');
    await waitFor(middle, 1);
    const leaf = await begin();
    await waitFor(leaf, 2);
    const second = await begin('SELECT 1');
    await waitFor(second, 1);
    return {
      root: root.pid,
      middle: middle.pid,
      leaf: leaf.pid,
      second: second.pid,
      release: () => this.#end(clients),
    };
  }

  /** Waits until the statement gives a row. */
  async until(text: string, values: readonly unknown[] = []): Promise<void> {
    for (let i = 0; i < 400; i++) {
      if ((await this.sql(text, values)).length > 0) return;
      await sleep(50);
    }
    throw new Error(`never came true: ${text}`);
  }

  /** Closes all clients, before a restart. */
  async stopClients(): Promise<void> {
    await this.#end([...this.#clients].filter((client) => client !== this.#admin));
    await this.#admin?.end();
    this.#admin = undefined;
  }

  async stop(): Promise<void> {
    await this.#end([...this.#clients]);
    await this.postgres.stop('immediate');
  }

  async #end(clients: readonly pg.Client[]): Promise<void> {
    const pids = new Set<number>();
    for (const client of clients) {
      this.#clients.delete(client);
      if ('processID' in client && typeof client.processID === 'number') pids.add(client.processID);
      client.end().catch(() => {});
    }
    // A sleeping backend does not notice that its client is gone.
    const admin = this.#admin;
    if (!admin || clients.includes(admin)) return;
    for (const pid of pids) await this.sql('SELECT pg_terminate_backend($1)', [pid]).catch(() => {});
    await this.until('SELECT 1 WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = ANY($1))', [[...pids]]);
  }
}

/** One server for all tests of a file or a `describe`. */
export function useServer(major: Major, settings?: Readonly<Record<string, string>>): () => TestServer {
  let server: TestServer | undefined;
  beforeAll(async () => {
    server = await TestServer.start(major, settings);
  }, 180_000);
  afterAll(async () => {
    await server?.stop();
  });
  return () => {
    if (!server) throw new Error('the server is there only while tests run');
    return server;
  };
}
