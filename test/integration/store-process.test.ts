import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { OpenAPIHono } from '@hono/zod-openapi';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { ApiEnv } from '../../src/api/auth.ts';
import { addHealthRoutes } from '../../src/api/health-routes.ts';
import { openLocalTable } from '../../src/local/local-table.ts';
import { storeLog } from '../../src/local/store-log.ts';
import { storesIn } from '../../src/store/stores.ts';

/** The store as the real command line opens it: one sentence and an exit code, never a stack. */
let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'pgmon-process-')), 'store');
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.on('exit', resolve));
  }
  rmSync(join(folder, '..'), { recursive: true, force: true });
});

/** `pgmon serve` over a server that is not there: nothing but the store can be in its way. */
function serve(store = folder) {
  const child = spawn(process.execPath, [new URL('../../bin/pgmon.mjs', import.meta.url).pathname, 'serve'], {
    env: {
      PATH: process.env['PATH'],
      PGMON_HTTP_BIND: '127.0.0.1:0',
      PGMON_STORE_PATH: store,
      PGMON_CLUSTER: 'gone',
      PGMON_DSN: 'postgres://pgmon@127.0.0.1:1/postgres',
      PGMON_TIMEOUTS_CONNECT_TIMEOUT_MS: '500',
    },
  });
  children.push(child);
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const code = new Promise<number | null>((resolve) => child.on('exit', resolve));
  return {
    child,
    code,
    said: () => said,
    /** Resolves when it serves. */
    up: async () => {
      while (!said.includes('Ctrl-C')) {
        if (child.exitCode !== null) throw new Error(`it ended:\n${said}`);
        await sleep(50);
      }
    },
  };
}

async function refused(store?: string): Promise<[code: number | null, lines: string[]]> {
  const { code, said } = serve(store);
  return [await code, said().trim().split('\n')];
}

/** Ports on which a process listens, by the kernel's own account. */
function listeningPorts(pid: number): number[] {
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /socket:\[(\d+)\]/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? []),
  );
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && inode !== undefined && sockets.has(inode))
      .map(([, local = '']) => Number.parseInt(local.split(':')[1] ?? '', 16)),
  );
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

test.runIf(process.platform === 'linux')(
  '[E1] the one port that serve listens on is that of HTTP, and nobody else can read its files',
  async () => {
    const running = serve();
    await running.up();
    const url = new URL(/http:\S+/.exec(running.said())?.[0] ?? '');
    expect(listeningPorts(running.child.pid ?? 0)).toEqual([Number(url.port)]);
    const modes = (path: string) => (statSync(path).mode & 0o777).toString(8);
    expect(modes(folder)).toBe('700');
    const files = readdirSync(folder);
    expect(files.toSorted()).toEqual(['lock', 'pgmon.db', 'pgmon.db-shm', 'pgmon.db-wal', 'pid']);
    for (const file of files) expect([file, modes(join(folder, file))]).toEqual([file, '600']);
    running.child.kill('SIGINT');
    expect(await running.code).toBe(0);
    expect(readdirSync(folder).toSorted()).toEqual(['lock', 'pgmon.db']);
  },
);

describe('[E11] a store that cannot be had is one sentence with what to do', () => {
  test('a second process names the pid of the first, and the first continues; after kill -9 the next one starts', async () => {
    const first = serve();
    await first.up();
    expect(await refused()).toEqual([
      2,
      [
        `pgmon: ${folder} is in use by another pgmon (pid ${first.child.pid}): end it, or name another folder in store.path`,
      ],
    ]);
    expect(first.child.exitCode).toBeNull();
    first.child.kill('SIGKILL');
    await first.code;
    const next = serve();
    await next.up();
  });

  test('a file that is no database, and one that is empty', async () => {
    mkdirSync(folder);
    for (const content of ['not a database, but long enough to be looked at as one'.repeat(100), '']) {
      writeFileSync(join(folder, 'pgmon.db'), content);
      const [code, lines] = await refused();
      expect([code, lines.length]).toEqual([1, 1]);
      expect(lines[0]).toMatch(
        /pgmon\.db is damaged \(.+\): put a copy made by pgmon backup in its place, or move it away/,
      );
      expect(readFileSync(join(folder, 'pgmon.db'), 'utf8')).toBe(content);
    }
  });

  test('pages that were overwritten', async () => {
    await filled();
    const file = join(folder, 'pgmon.db');
    const bytes = readFileSync(file);
    bytes.fill(0xaa, 4_096 * 2, 4_096 * 6);
    writeFileSync(file, bytes);
    const [code, lines] = await refused();
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toContain('is damaged');
  });

  test('a file that is missing beside its log', async () => {
    mkdirSync(folder);
    writeFileSync(join(folder, 'pgmon.db-wal'), 'what was written last');
    const [code, lines] = await refused();
    expect([code, lines.length]).toEqual([1, 1]);
    expect(lines[0]).toContain('it is missing beside');
  });

  test('a store of the older form is never restarted in silence', async () => {
    mkdirSync(join(folder, 'table'), { recursive: true });
    writeFileSync(join(folder, 'table', 'MANIFEST-000004'), '');
    const [code, lines] = await refused();
    expect([code, lines.length]).toEqual([2, 1]);
    expect(lines[0]).toContain(`holds a store in an older format`);
    expect(lines[0]).toContain(`mv ${folder} ${folder}.old`);
    expect(readdirSync(folder)).not.toContain('pgmon.db');
  });

  test('a store of a newer version, and a database of another program', async () => {
    await filled();
    const database = new DatabaseSync(join(folder, 'pgmon.db'));
    database.exec('PRAGMA user_version = 7');
    expect(await refused()).toEqual([
      2,
      [expect.stringContaining('was written by a newer pgmon (format 7, this one reads 1)')],
    ]);
    database.exec('PRAGMA application_id = 1');
    database.close();
    expect(await refused()).toEqual([2, [expect.stringContaining('is not a pgmon store')]]);
  });

  test('a folder that is a file', async () => {
    writeFileSync(folder, '');
    expect(await refused()).toEqual([2, [expect.stringContaining('name another folder in store.path')]]);
  });

  describe.runIf(canMount())('on a file system of its own', () => {
    const mounted = (options: string) => {
      mkdirSync(folder, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
    };
    afterEach(() => {
      execFileSync('umount', [folder]);
    });

    test('that is read-only', async () => {
      mounted('size=8m');
      await filled();
      execFileSync('mount', ['-o', 'remount,ro', folder]);
      expect(await refused()).toEqual([2, [expect.stringContaining('is not writable by this user')]]);
    });

    test('that is full before it starts', async () => {
      mounted('size=64k');
      writeFileSync(join(folder, 'other'), new Uint8Array(64 * 1_024));
      expect(await refused()).toEqual([1, [expect.stringContaining(`the disk of ${folder} is full`)]]);
    });

    test('[M9] that fills up while it writes: each write says so, nothing is lost, and it continues when there is room', async () => {
      mounted('size=2m');
      const local = await openLocalTable(folder);
      const { table, close } = local;
      const said: string[] = [];
      const say = (_: object, message: string) => said.push(message);
      const log = storeLog({ debug: say, info: say, warn: say, error: say }, local);
      const written: number[] = [];
      const data = new Uint8Array(50_000).fill(1);
      const put = (i: number) => table.put({ pk: 'P', sk: String(i).padStart(4, '0') }, { i, data });
      let problem: unknown;
      for (let i = 0; i < 100 && !problem; i++) {
        await put(i).then(
          () => written.push(i),
          (error: unknown) => {
            problem = error;
          },
        );
      }
      expect(String(problem)).toContain(`the disk of ${folder} is full: free some space`);
      // [M9] Said once, without a stack, and why /healthz is not ok; other errors are said as ever.
      for (let i = 0; i < 5; i++) {
        const err = await put(900 + i).then(
          () => undefined,
          (error: unknown) => error,
        );
        log.error({ err }, 'not written: history');
      }
      log.error({ err: new Error('another') }, 'something else');
      expect(said).toEqual([
        `nothing is kept: the disk of ${folder} is full: free some space, or name another folder in store.path`,
        'something else',
      ]);
      const app = new OpenAPIHono<ApiEnv>();
      app.use(async (context, next) => {
        context.set('role', 'operator');
        await next();
      });
      const reading = { stores: storesIn(table), clusters: ['shop'], intervals: new Map(), now: () => new Date() };
      addHealthRoutes(app, reading, new Date(), () => local.problem()?.message);
      const health = async () => {
        const response = await app.request('/healthz');
        return [response.status, z.object({ reasons: z.array(z.string()) }).parse(await response.json()).reasons];
      };
      expect(await health()).toEqual([503, [expect.stringContaining(`the disk of ${folder} is full`)]]);
      expect(written.length).toBeGreaterThan(5);
      expect((await table.query('P')).map(({ i }) => i)).toEqual(written);
      execFileSync('mount', ['-o', 'remount,size=8m', folder]);
      await put(1_000);
      expect((await table.query('P')).map(({ i }) => i)).toEqual([...written, 1_000]);
      expect([said.at(-1), await health()]).toEqual(['the store is written again', [200, []]]);
      await close();
    });
  });
});

/** A store with a few pages in it. */
async function filled(): Promise<void> {
  const { table, close } = await openLocalTable(folder);
  for (let i = 0; i < 100; i++) await table.put({ pk: 'P', sk: `${i}` }, { data: new Uint8Array(2_000).fill(i) });
  await close();
}

function canMount(): boolean {
  const tried = mkdtempSync(join(tmpdir(), 'pgmon-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', tried], { stdio: 'ignore' });
    execFileSync('umount', [tried]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(tried, { recursive: true, force: true });
  }
}
