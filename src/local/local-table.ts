import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkSqliteFile, createSqliteFile, SqliteTable } from '../store/sqlite-table.ts';
import { damaged, StoreProblem, storeProblemOf } from '../store/store-problem.ts';
import type { Table } from '../store/table.ts';
import { createPrivate, lockStore } from './store-lock.ts';

export interface LocalTable {
  readonly table: Table;
  /** Deletes what has ended; says how many items that were. */
  sweep(): Promise<number>;
  /** Why the last write failed; undefined where it did not. */
  problem(): StoreProblem | undefined;
  /** Hears that writing has begun to fail, and why; and, without a reason, that it works again. */
  onProblem(heard: (problem: StoreProblem | undefined) => void): void;
  close(): Promise<void>;
}

/** Below this size every page of the file is looked at when it is opened: half a second at most. */
const CHECKED_BYTES = 256 * 1_024 * 1_024;

/** The file with everything in it, in the folder of the store. */
export function storeFile(folder: string): string {
  return join(folder, 'pgmon.db');
}

/**
 * The table of this machine, in a file below a folder. Nobody else may read it, and no port is open; one process at a time
 * can have it.
 *
 * @param now the clock that says what has ended
 * @throws StoreProblem if it is unavailable, with what to do
 */
export async function openLocalTable(folder: string, now?: () => Date): Promise<LocalTable> {
  const file = storeFile(folder);
  makeFolder(folder, file);
  const unlock = lockStore(folder);
  try {
    if (existsSync(file)) {
      const { size } = statSync(file);
      if (size === 0) throw damaged(file, 'it is empty');
      chmodSync(file, 0o600);
      checkSqliteFile(file, size <= CHECKED_BYTES);
    } else {
      refuseOlder(folder, file);
      create(file);
    }
    const table = new SqliteTable(file, now);
    return {
      table,
      sweep: () => table.sweep(),
      problem: () => table.problem,
      onProblem: (heard) => {
        table.onProblem = heard;
      },
      close: async () => {
        table.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw storeProblemOf(error, file);
  }
}

/** What is there already stays as it is: it may be anybody's folder. */
function makeFolder(folder: string, file: string): void {
  try {
    makeFolders(folder);
  } catch (error) {
    throw storeProblemOf(error, file);
  }
}

/** One by one: `mkdirSync` with `recursive` tries for ever where the parent is there and takes none, as below /proc. */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) makeFolders(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(folder)) throw error; // Another process has made it meanwhile.
  }
}

/** Never begins with nothing beside what an earlier version, or a store that lost its file, has left. */
function refuseOlder(folder: string, file: string): void {
  if (existsSync(join(folder, 'table'))) {
    throw new StoreProblem(
      'older',
      `${folder} holds a store in an older format (LevelDB, in ${join(folder, 'table')}), which this version does not read: ` +
        `move it away (mv ${folder} ${folder}.old) to start with an empty store, or name another folder in store.path`,
    );
  }
  if (existsSync(`${file}-wal`)) throw damaged(file, `it is missing beside ${file}-wal`);
}

/** Under another name first: a file of this name is always whole. */
function create(file: string): void {
  const making = `${file}.new`;
  for (const left of [making, `${making}-journal`]) rmSync(left, { force: true });
  createPrivate(making);
  createSqliteFile(making);
  renameSync(making, file);
}
