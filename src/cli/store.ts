import { type LocalTable, openLocalTable } from '../local/local-table.ts';
import { StoreProblem, type StoreProblemKind } from '../store/store-problem.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit.ts';

/** What the configuration can mend is bad configuration; a store that is broken is something found wrong. */
const CODES: Readonly<Record<StoreProblemKind, ExitCode>> = {
  'in use': EXIT.usage,
  'read-only': EXIT.usage,
  newer: EXIT.usage,
  older: EXIT.usage,
  unusable: EXIT.usage,
  damaged: EXIT.found,
  full: EXIT.found,
};

/** The store of this machine. @throws CommandFailure with one sentence and an exit code if it is unavailable */
export async function openStore(folder: string): Promise<LocalTable> {
  return await withStoreProblems(() => openLocalTable(folder));
}

/** Makes of a problem with the store the end of a command. */
export async function withStoreProblems<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreProblem) throw new CommandFailure(CODES[error.kind], error.message);
    throw error;
  }
}
