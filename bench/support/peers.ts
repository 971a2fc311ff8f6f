import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/local/free-port.ts';

/** Another monitor, watching a server as it does by default. */
export interface Peer {
  readonly name: string;
  /** How often it reads, as it is run here. */
  readonly rate: string;
  /** The program, undefined where it is not on the path. */
  readonly program: string | undefined;
  /** Reads in an hour. */
  readonly anHour: number;
  start(port: number, role: string): Promise<Watching>;
}

export interface Watching {
  /** Lets it read so many times. @returns how many times it did */
  read(times: number): Promise<number>;
  /** Distinct metric names and series of the last reading; undefined where it has none. */
  readonly size: { readonly names: number; readonly series: number } | undefined;
  stop(): Promise<void>;
}

function onPath(...names: readonly string[]): string | undefined {
  for (const name of names) {
    try {
      return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // the next name
    }
  }
  return undefined;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  await Promise.race([gone, sleep(3_000)]);
  child.kill('SIGKILL');
}

const exporter: Peer = {
  name: 'postgres_exporter, default collectors',
  rate: 'scraped every 15 s',
  program: onPath('postgres_exporter', 'prometheus-postgres-exporter'),
  anHour: 240,
  start: async (port, role) => {
    const listen = await freePort();
    const child = spawn(exporter.program ?? '', [`--web.listen-address=127.0.0.1:${listen}`], {
      env: { DATA_SOURCE_NAME: `postgresql://${role}@127.0.0.1:${port}/postgres?sslmode=disable` },
      stdio: 'ignore',
    });
    let size: Watching['size'];
    const scrape = async () => {
      const text = await (await fetch(`http://127.0.0.1:${listen}/metrics`)).text();
      const lines = text.split('\n').filter((line) => /^(pg|postgres)/.test(line));
      size = { names: new Set(lines.map((line) => line.split(/[{ ]/)[0])).size, series: lines.length };
    };
    for (let i = 0; i < 50; i++) {
      await sleep(100);
      if (
        await scrape().then(
          () => true,
          () => false,
        )
      )
        break;
    }
    return {
      read: async (times) => {
        for (let i = 0; i < times; i++) await scrape();
        return times;
      },
      get size() {
        return size;
      },
      stop: () => ended(child),
    };
  },
};

const activity: Peer = {
  name: 'pg_activity',
  rate: 'every 2 s',
  program: onPath('pg_activity'),
  anHour: 1_800,
  start: async (port, role) => {
    // It wants a terminal: script gives it one.
    const command = `${activity.program} -h 127.0.0.1 -p ${port} -U ${role} -d postgres --refresh 2`;
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { PATH: process.env['PATH'], TERM: 'xterm', COLUMNS: '160', LINES: '50', HOME: '/tmp' },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await sleep(3_000);
    return {
      read: async (times) => {
        await sleep(times * 2_000);
        return times;
      },
      size: undefined,
      stop: () => ended(child),
    };
  },
};

const pgwatch: Peer = {
  name: 'pgwatch',
  rate: 'its presets',
  program: undefined, // not built by Debian or any registry; how it did elsewhere is in docs
  anHour: 60,
  start: async () => Promise.reject(new Error('not installed')),
};

export const peers: readonly Peer[] = [exporter, activity, pgwatch];
