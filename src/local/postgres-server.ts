import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { onExit } from './last-resort.ts';
import { findBinaries, type PostgresBinaries, runnableBy } from './postgres-binaries.ts';
import { type Identity, postgresUser } from './postgres-user.ts';
import { childrenOf, isRunning, signal } from './processes.ts';

export interface PostgresOptions {
  /** Those of PostgreSQL 18 where nothing is said. */
  readonly binaries?: PostgresBinaries;
  /** Settings by name, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A directory to keep the data in; a new one is made, and removed at the end, where nothing is said. */
  readonly dataDir?: string;
  /** Lines of pg_hba.conf; everybody is trusted from loopback where nothing is said. */
  readonly hba?: string;
}

const TRUST = 'host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n';

/** Initialises a data directory where it is none yet and starts a server on it; it accepts connections on return. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const user = await postgresUser();
  const binaries = await runnableBy(user, options.binaries ?? (await findBinaries()));
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'pgmon-data-')));
  if (user) await chown(dataDir, user.uid, user.gid);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) await initialise(binaries, dataDir, user);
  await writeFile(join(dataDir, 'pg_hba.conf'), options.hba ?? TRUST);
  const server = new PostgresServer(await freePort(), dataDir, binaries, user, options.dataDir === undefined);
  await server.start(options.settings);
  return server;
}

/** A PostgreSQL server of our own on loopback: that of the demo, and those of the tests. It never outlives us. */
export class PostgresServer {
  readonly host = '127.0.0.1';
  readonly port: number;
  readonly dataDir: string;
  readonly #binaries: PostgresBinaries;
  readonly #user: Identity | undefined;
  readonly #ownsData: boolean;
  #child: ChildProcess | undefined;
  #log = '';

  constructor(
    port: number,
    dataDir: string,
    binaries: PostgresBinaries,
    user: Identity | undefined,
    ownsData: boolean,
  ) {
    this.port = port;
    this.dataDir = dataDir;
    this.#binaries = binaries;
    this.#user = user;
    this.#ownsData = ownsData;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  dsn(user = 'postgres', database = 'postgres'): string {
    return `postgres://${encodeURIComponent(user)}@${this.host}:${this.port}/${encodeURIComponent(database)}`;
  }

  /** The end of the server's log. */
  logTail(): string {
    return this.#log.slice(-4_000);
  }

  /** Starts a stopped server, with more settings. @throws with the end of its log where it does not come up */
  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replace(/'/g, "''")}'\n`);
    await appendFile(join(this.dataDir, 'postgresql.auto.conf'), lines.join(''));
    const flags = { listen_addresses: this.host, port: String(this.port), unix_socket_directories: '' };
    const child = spawn(
      this.#binaries.postgres,
      ['-D', this.dataDir, ...Object.entries(flags).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      // A group of its own: Ctrl-C in a terminal ends us, and we end it in good order.
      { ...this.#user, cwd: this.dataDir, stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    const keep = (text: Buffer) => {
      this.#log = (this.#log + text.toString()).slice(-64_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    // SIGQUIT makes a postmaster take its backends along at once.
    const forget = onExit(() => child.kill('SIGQUIT'));
    child.on('exit', forget);
    this.#child = child;
    await this.#ready(child);
  }

  /** Ends the server, and removes the data where it made the directory itself. */
  async stop(how: 'fast' | 'immediate' = 'fast'): Promise<void> {
    await this.#signal(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
    if (this.#ownsData) await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Ends the server in good order and starts it again on the same port. */
  async restart(settings?: Readonly<Record<string, string>>): Promise<void> {
    await this.#signal('SIGINT');
    await this.start(settings);
  }

  /** Ends the server as a crash would; it can be started again. Its backends notice by themselves and go. */
  async kill(): Promise<void> {
    const children = childrenOf(this.pid);
    await this.#signal('SIGKILL');
    for (const pid of children) while (isRunning(pid)) await sleep(20);
  }

  /** Stops everything that the server does, without a word to its clients. */
  pause(): void {
    for (const pid of [this.pid, ...childrenOf(this.pid)]) signal(pid, 'SIGSTOP');
  }

  resume(): void {
    for (const pid of [this.pid, ...childrenOf(this.pid)]) signal(pid, 'SIGCONT');
  }

  async #ready(child: ChildProcess): Promise<void> {
    const until = Date.now() + 30_000;
    while (Date.now() < until && child.exitCode === null) {
      const client = new pg.Client({ connectionString: this.dsn(), connectionTimeoutMillis: 2_000 });
      client.on('error', () => {});
      try {
        await client.connect();
        await client.end();
        return;
      } catch {
        await sleep(50);
      }
    }
    child.kill('SIGQUIT');
    throw new Error(`PostgreSQL did not start:\n${this.logTail()}`);
  }

  async #signal(name: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(name);
    await gone;
  }
}

async function initialise(binaries: PostgresBinaries, dataDir: string, user: Identity | undefined): Promise<void> {
  const args = ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(binaries.initdb, args, { ...user, cwd: dataDir });
}
