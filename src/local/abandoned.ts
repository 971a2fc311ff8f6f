import { readdirSync } from 'node:fs';
import { lstat, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Identity } from './postgres-user.ts';
import { commandOf, isRunning, signal } from './processes.ts';

/** Data directories of our own servers are called this, the pid of the process that made them, and something random. */
const PREFIX = 'pgmon-data-';

export function dataDirPrefix(): string {
  return join(tmpdir(), `${PREFIX}${process.pid}-`);
}

/**
 * Ends servers, and removes data directories, that a process left behind which is gone: one killed together with its
 * watchdog, or a machine that lost power.
 *
 * Everybody may make directories in the temporary folder, so only those of our own user are looked at, and a process is
 * only ended if it runs on that directory.
 */
export async function removeAbandoned(user: Identity | undefined): Promise<void> {
  const folder = tmpdir();
  for (const name of readdirSync(folder)) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    const dataDir = join(folder, name);
    const { uid } = await lstat(dataDir).catch(() => ({ uid: -1 }));
    if (uid !== (user?.uid ?? process.getuid?.())) continue;
    await end(dataDir);
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function end(dataDir: string): Promise<void> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0 || !commandOf(pid).includes(dataDir)) return;
  signal(pid, 'SIGQUIT');
  signal(pid, 'SIGCONT');
  for (let i = 0; i < 50 && isRunning(pid); i++) await sleep(100);
}
