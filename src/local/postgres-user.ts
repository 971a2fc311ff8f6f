import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A user of the operating system to start a program as. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

const NAME = 'postgres';

/**
 * The user that must own and run a server: nobody in particular, unless we are root.
 *
 * `initdb` and `postgres` refuse to run as root, so then the user `postgres` is taken, and made if it is missing.
 */
export async function postgresUser(): Promise<Identity | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await lookUp()) ?? (await create());
}

async function lookUp(): Promise<Identity | undefined> {
  const numbers = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, NAME]))).catch(() => undefined);
  const [uid, gid] = (numbers ?? []).map(({ stdout }) => Number(stdout.trim()));
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/** Two processes may get here at once: the second one gets "exists", which is what it wanted. */
async function create(): Promise<Identity> {
  const groupProblem = await problemOf(run('groupadd', ['--system', NAME]));
  const userProblem = await problemOf(run('useradd', ['--system', '--gid', NAME, '--no-create-home', NAME]));
  const made = await lookUp();
  if (made) return made;
  throw new Error(
    `PostgreSQL does not run as root, and the user "${NAME}" could not be created (${userProblem ?? groupProblem ?? 'it does not appear'}): ` +
      'create the user, or start pgmon as another one.',
  );
}

const problemOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message.trim() : String(error)),
  );
