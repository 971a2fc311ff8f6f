import { execFile } from 'node:child_process';
import { access, chown, mkdir, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './postgres-binaries.ts';
import type { Identity } from './postgres-user.ts';

const run = promisify(execFile);

/** Settings by name. Values are written as strings; PostgreSQL converts them. */
export type Settings = Readonly<Record<string, string>>;

const SETTINGS_FILE = 'pgmon.conf';
const INCLUDE = `include_if_exists = '${SETTINGS_FILE}'`;

/** A new directory below the system's temporary one, for `user` alone. */
export async function temporaryDataDir(user: Identity | undefined): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'pgmon-data-'));
  if (user) await chown(path, user.uid, user.gid);
  return path;
}

/**
 * A data directory that is ready to be started, at `path`: as it is, or made with `initdb`.
 *
 * A new one has the superuser `postgres` and trusts whoever connects from this machine.
 */
export async function ensureDataDir(path: string, binaries: PostgresBinaries, user?: Identity): Promise<void> {
  if (await isInitialised(path)) return;
  await mkdir(path, { recursive: true });
  if (user) await chown(path, user.uid, user.gid);
  const options = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'];
  await run(binaries.initdb, ['-D', resolve(path), ...options], { cwd: path, env: serverEnv(), ...user });
}

/** Who runs the server in `path`: as root its owner, because PostgreSQL accepts no other. */
export async function ownerOf(path: string): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const { uid, gid } = await stat(path);
  return { uid, gid };
}

/** Our settings go to a file of their own, and not to the command line, so that ALTER SYSTEM still beats them. */
export async function writeSettings(path: string, settings: Settings): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${quote(value)}'\n`);
  await writeFile(join(path, SETTINGS_FILE), lines.join(''));
  const main = join(path, 'postgresql.conf');
  const text = await readFile(main, 'utf8');
  if (!text.includes(INCLUDE)) await writeFile(main, `${text}\n${INCLUDE}\n`);
}

const quote = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll("'", "''");

/** Replaces the rules of who may connect from where, and how they prove who they are. */
export const writeHba = (path: string, hba: string): Promise<void> => writeFile(join(path, 'pg_hba.conf'), `${hba}\n`);

/** Our environment without the PG* variables that would reach into the server (PGDATA, PGPORT, PGTZ, …). */
export function serverEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

const isInitialised = (path: string): Promise<boolean> =>
  access(join(path, 'PG_VERSION')).then(
    () => true,
    () => false,
  );
