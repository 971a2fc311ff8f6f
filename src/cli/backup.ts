import { existsSync } from 'node:fs';
import { storeFile } from '../local/local-table.ts';
import { backupSqliteFile } from '../store/sqlite-backup.ts';
import { readConfig } from './config-file.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit.ts';
import { printJson, printText } from './output.ts';
import { withStoreProblems } from './store.ts';

/** Copies the store into a new file, even while `serve` writes it. */
export async function backupCommand(into: string, options: { config?: string; json?: boolean }): Promise<ExitCode> {
  const { path } = readConfig(options.config).store;
  const file = storeFile(path);
  if (!existsSync(file))
    throw new CommandFailure(EXIT.usage, `${path} has no store: name its folder in store.path (PGMON_STORE_PATH)`);
  const bytes = await withStoreProblems(() => backupSqliteFile(file, into));
  if (options.json) printJson({ file: into, bytes });
  else printText(`${into}: ${Math.ceil(bytes / 1_024)} KB. To use it, stop pgmon and replace ${file} with it.`);
  return EXIT.done;
}
