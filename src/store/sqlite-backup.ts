import { closeSync, openSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { StoreProblem, storeProblemOf } from './store-problem.ts';

/**
 * Copies the table in a file while others write it: the copy is the state at one moment, whole, and can be opened by
 * itself.
 *
 * @param into a new file
 * @returns bytes of the copy
 * @throws StoreProblem, and leaves no half of a copy
 */
export async function backupSqliteFile(file: string, into: string): Promise<number> {
  claim(into);
  let source: DatabaseSync | undefined;
  try {
    source = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    // Holds the moment: without it the copy would restart at every write of the other process.
    source.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
    const pageBytes = Number(source.prepare('PRAGMA page_size').get()?.['page_size']);
    const pages = await backup(source, into, { rate: 1_000 });
    return pages * pageBytes;
  } catch (error) {
    rmSync(into, { force: true });
    throw storeProblemOf(error, error instanceof Error && 'errcode' in error ? into : file);
  } finally {
    source?.close();
  }
}

/** Makes the file, which only its owner can read, and never takes one that is there. */
function claim(into: string): void {
  try {
    closeSync(openSync(into, 'wx', 0o600));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new StoreProblem('unusable', `${into} exists already: name a new file`);
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      throw new StoreProblem(
        'unusable',
        `${dirname(into)} is no folder: create it, or name a file in another one`,
        error,
      );
    throw storeProblemOf(error, into);
  }
}
