import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { appendFile, chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { dataDirPrefix, removeAbandoned } from './abandoned.ts';
import { onExit } from './exit-hooks.ts';
import { freePort } from './free-port.ts';
import { findBinaries, type PostgresBinaries, runnableBy } from './postgres-binaries.ts';
import { type Identity, postgresUser } from './postgres-user.ts';
import { childrenOf, isRunning, signal } from './processes.ts';
import { watchdog } from './watchdog.ts';

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
  await removeAbandoned(user);
  const dataDir = options.dataDir ?? (await mkdtemp(dataDirPrefix()));
  const ownsData = options.dataDir === undefined;
  try {
    if (user) await chown(dataDir, user.uid, user.gid);
    const fresh = !existsSync(join(dataDir, 'PG_VERSION'));
    if (fresh) await initialise(binaries, dataDir, user);
    // What is there already may have rules of its own: they are not ours to loosen.
    if (fresh || options.hba !== undefined) await writeFile(join(dataDir, 'pg_hba.conf'), options.hba ?? TRUST);
    for (let attempt = 1; ; attempt++) {
      const server = new PostgresServer(await freePort(), dataDir, binaries, user, ownsData);
      try {
        await server.start(options.settings);
        return server;
      } catch (error) {
        // A free port may be taken before we are there; everything else fails again.
        if (attempt === 5 || !/could not bind .*in use/i.test(server.logTail())) throw error;
      }
    }
  } catch (error) {
    if (ownsData) await rm(dataDir, { recursive: true, force: true });
    throw error;
  }
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
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replace(/['\\]/g, '$&$&')}'\n`);
    await appendFile(join(this.dataDir, 'postgresql.auto.conf'), lines.join(''));
    const flags = { listen_addresses: this.host, port: String(this.port), unix_socket_directories: '' };
    const child = spawn(
      this.#binaries.postgres,
      ['-D', this.dataDir, ...Object.entries(flags).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      // A group of its own: Ctrl-C in a terminal ends us, and we end it in good order.
      { ...this.#user, cwd: this.dataDir, env: serverEnv(), stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    const keep = (text: Buffer) => {
      this.#log = (this.#log + text.toString()).slice(-64_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.#child = child;
    const forget = onExit(() => this.#endNow());
    child.on('exit', forget);
    child.on('error', forget);
    await once(child, 'spawn');
    child.on('exit', watchdog(this.pid, this.dataDir, this.#ownsData));
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

  /** Ends the server as a crash would, all its processes at once; it can be started again. */
  async kill(): Promise<void> {
    if (!this.#running) return;
    const family = this.#freeze();
    for (const pid of family) signal(pid, 'SIGKILL');
    while (family.some(isRunning) || this.#running) await sleep(10);
  }

  /** Stops everything that the server does, without a word to its clients. */
  pause(): void {
    if (this.#running) this.#freeze();
  }

  resume(): void {
    if (!this.#running) return;
    for (const pid of [this.pid, ...childrenOf(this.pid)]) signal(pid, 'SIGCONT');
  }

  /** Once it has exited, its pid may be another program's. */
  get #running(): boolean {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** The first process before the others: stopped, it starts no more of them. */
  #freeze(): number[] {
    signal(this.pid, 'SIGSTOP');
    const family = [this.pid, ...childrenOf(this.pid)];
    for (const pid of family) signal(pid, 'SIGSTOP');
    return family;
  }

  /**
   * `postmaster.pid` says it, where `pg_ctl -w` looks too: the pid first, the state in the eighth line. To a connection
   * another server could answer that was quicker to take the port.
   */
  async #ready(child: ChildProcess): Promise<void> {
    const until = Date.now() + 30_000;
    while (Date.now() < until && this.#running) {
      const text = await readFile(join(this.dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
      const lines = text.split('\n').map((line) => line.trim());
      if (lines[0] === String(child.pid) && (lines[7] === 'ready' || lines[7] === 'standby')) return;
      await sleep(10);
    }
    await this.kill();
    throw new Error(`PostgreSQL did not start:\n${this.logTail()}`);
  }

  /** A paused server hears nothing: it continues first. One that does not end within 10 s is killed. */
  async #signal(name: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || !this.#running) return;
    const gone = once(child, 'exit');
    child.kill(name);
    this.resume();
    await Promise.race([gone, sleep(10_000, undefined, { ref: false })]);
    await this.kill();
  }

  /** For the exit of our own process, where nothing can be awaited: milliseconds as a rule, 2 s at most. */
  #endNow(): void {
    const pid = this.pid;
    // SIGQUIT makes a postmaster take its backends along at once.
    signal(pid, 'SIGQUIT');
    this.resume();
    const until = Date.now() + 2_000;
    const nothing = new Int32Array(new SharedArrayBuffer(4));
    while (isRunning(pid) && Date.now() < until) Atomics.wait(nothing, 0, 0, 10);
    if (this.#ownsData) rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Ours without the PG* variables, which would reach into the server, and with messages in English. */
function serverEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

async function initialise(binaries: PostgresBinaries, dataDir: string, user: Identity | undefined): Promise<void> {
  const args = ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(binaries.initdb, args, { ...user, cwd: dataDir, env: serverEnv() });
}
