import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverEnv } from './data-dir.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { Identity } from './postgres-user.ts';
import { childrenOf, isRunning, signal } from './processes.ts';

const READY_MS = 30_000;
const STOP_MS = 10_000;
const POLL_MS = 10;

export type StopMode = 'fast' | 'immediate';
const STOP_SIGNAL = { fast: 'SIGINT', immediate: 'SIGQUIT' } as const;

export interface Launch {
  readonly binaries: PostgresBinaries;
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
  readonly user: Identity | undefined;
}

/** Somebody else listens on the port: the one failure to start that another port mends. */
export class PortInUse extends Error {}

/** One run of a server: its first process, and through it all the others. */
export class Postmaster {
  readonly pid: number;
  readonly #exited: Promise<void>;
  #hasExited = false;
  #frozen: readonly number[] = [];

  constructor(pid: number, exited: Promise<void>) {
    this.pid = pid;
    this.#exited = exited.then(() => {
      this.#hasExited = true;
    });
  }

  /**
   * Starts the server in a prepared data directory and waits until it accepts connections.
   *
   * Throws after 30 s, or when the server gives up, with what it wrote to its log since the start.
   */
  static async start(launch: Launch): Promise<Postmaster> {
    const logFrom = await stat(logFile(launch.dataDir)).then(
      ({ size }) => size,
      () => 0,
    );
    const postmaster = await spawnServer(launch);
    const deadline = Date.now() + READY_MS;
    while (postmaster.running && Date.now() < deadline) {
      if (await isReady(launch.dataDir, postmaster.pid)) return postmaster;
      await sleep(POLL_MS);
    }
    const gaveUp = !postmaster.running;
    await postmaster.kill();
    const log = (await logTail(launch.dataDir, logFrom)).trim();
    const message = `PostgreSQL ${gaveUp ? 'ended while it started' : `was not ready after ${READY_MS / 1000} s`}. Its log:\n${log}`;
    throw /could not bind IPv4 address .* in use/i.test(log) ? new PortInUse(message) : new Error(message);
  }

  /** Once we know that it has exited, its pid may be another program's. */
  get running(): boolean {
    return !this.#hasExited && isRunning(this.pid);
  }

  /** `fast` ends all sessions and writes a checkpoint; `immediate` does not, and the next start recovers. */
  async stop(mode: StopMode): Promise<void> {
    this.resume();
    if (this.running) signal(this.pid, STOP_SIGNAL[mode]);
    await Promise.race([this.#exited, sleep(STOP_MS, undefined, { ref: false })]);
    await this.kill();
  }

  /** A crash: every process gets SIGKILL. The first is stopped before, so that it starts no other meanwhile. */
  async kill(): Promise<void> {
    const family = this.running ? this.#freeze() : [];
    this.#frozen = [];
    for (const pid of family) signal(pid, 'SIGKILL');
    await this.#exited;
    while (family.some(isRunning)) await sleep(POLL_MS);
  }

  /** The server is there and accepts connections (the kernel does that), but never answers. */
  pause(): void {
    this.#frozen = this.#freeze();
  }

  resume(): void {
    for (const pid of this.#frozen) signal(pid, 'SIGCONT');
    this.#frozen = [];
  }

  /** For a process that is about to end and cannot wait for events. At most 2 s, a few milliseconds as a rule. */
  endNow(): void {
    if (!this.running) return;
    signal(this.pid, STOP_SIGNAL.immediate);
    this.resume();
    const deadline = Date.now() + 2000;
    while (this.running && Date.now() < deadline) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }

  #freeze(): number[] {
    signal(this.pid, 'SIGSTOP');
    const family = [this.pid, ...childrenOf(this.pid)];
    for (const pid of family) signal(pid, 'SIGSTOP');
    return family;
  }
}

async function spawnServer({ binaries, dataDir, host, port, user }: Launch): Promise<Postmaster> {
  // Only where it listens is on the command line: no setting in the data directory may move it elsewhere.
  const where = { listen_addresses: host, port: String(port), unix_socket_directories: '' };
  const args = Object.entries(where).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  await using log = await open(logFile(dataDir), 'a');
  const child = spawn(binaries.postgres, ['-D', dataDir, ...args], {
    cwd: dataDir, // ours may be closed to that user
    env: serverEnv(),
    stdio: ['ignore', log.fd, log.fd],
    detached: true, // Ctrl-C in a terminal is for us; we stop the server when we are done with it
    ...user,
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error(`${binaries.postgres} did not start.`);
  return new Postmaster(child.pid, exited);
}

/**
 * Whether the server says so in `postmaster.pid`, where `pg_ctl -w` looks: the first line is its pid, the eighth its
 * state. A connection instead would as well be answered by another server that was quicker to take the port.
 */
async function isReady(dataDir: string, pid: number): Promise<boolean> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  return lines[0] === String(pid) && (lines[7] === 'ready' || lines[7] === 'standby');
}

const logFile = (dataDir: string): string => join(dataDir, 'server.log');

/** What the server wrote to its log, from byte `from` on: the last 8 KiB at most. */
export async function logTail(dataDir: string, from = 0): Promise<string> {
  const log = await readFile(logFile(dataDir)).catch(() => Buffer.alloc(0));
  return log.subarray(Math.max(from, log.length - 8192)).toString('utf8');
}
