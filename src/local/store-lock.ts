import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreProblem, storeProblemOf } from '../store/store-problem.ts';

/**
 * Makes this process the only one that uses the store in a folder. The lock is SQLite's on an empty file: the system takes
 * it back when the process ends, however it ends, so no left-over can lock anybody out.
 *
 * @returns gives the lock back
 * @throws StoreProblem with the pid of the process that has it
 */
export function lockStore(folder: string): () => void {
  const [file, pidFile] = [join(folder, 'lock'), join(folder, 'pid')];
  createPrivate(file);
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file);
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  } catch (error) {
    lock?.close();
    const problem = storeProblemOf(error, file);
    if (!(problem instanceof StoreProblem) || problem.kind !== 'in use') throw problem;
    throw new StoreProblem(
      'in use',
      `${folder} is in use by another pgmon${pidIn(pidFile)}: end it, or name another folder in store.path`,
      error,
    );
  }
  const held = lock;
  return () => {
    rmSync(pidFile, { force: true });
    held.close();
  };
}

/**
 * Makes an empty file that only its owner can read and write, where there is none. Never opens one that is there: closing
 * it again would release the locks that SQLite holds on it in this process.
 */
export function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw storeProblemOf(error, file);
  }
}

function pidIn(file: string): string {
  try {
    return ` (pid ${Number.parseInt(readFileSync(file, 'utf8'), 10)})`;
  } catch {
    return '';
  }
}
