import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

export type StoreProblemKind = 'in use' | 'damaged' | 'full' | 'read-only' | 'newer' | 'older' | 'unusable';

/** Why the local store fails to open, read or write: one sentence that says what to do. */
export class StoreProblem extends Error {
  override readonly name = 'StoreProblem';
  readonly kind: StoreProblemKind;

  constructor(kind: StoreProblemKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** Primary result codes of SQLite, https://sqlite.org/rescode.html */
const SQLITE = {
  busy: 5,
  locked: 6,
  readonly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  notADatabase: 26,
} as const;

/** Less room than this in a file system is none: SQLite's shared memory alone takes 32 KB. */
const NO_ROOM_BYTES = 256 * 1_024;

/** What an error of SQLite or of the file system means for the store in a file; other errors as they are. */
export function storeProblemOf(error: unknown, file: string): unknown {
  if (error instanceof StoreProblem || !(error instanceof Error)) return error;
  const code = 'code' in error ? error.code : undefined;
  const result = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT' || result === SQLITE.full) return full(file, error);
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM' || result === SQLITE.readonly)
    return readOnly(file, error);
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EEXIST' || code === 'ELOOP' || code === 'ENAMETOOLONG')
    return new StoreProblem(
      'unusable',
      `${dirname(file)} cannot be created (${code}): name another folder in store.path`,
      error,
    );
  switch (result) {
    case SQLITE.corrupt:
    case SQLITE.notADatabase:
      return damaged(file, error.message, error);
    case SQLITE.busy:
    case SQLITE.locked:
      return new StoreProblem('in use', `${file} is held by another program: end it and try again`, error);
    case SQLITE.io:
    case SQLITE.cantOpen:
      return hasRoom(file)
        ? new StoreProblem('unusable', `${file} is unusable (${error.message}): check its disk and permissions`, error)
        : full(file, error);
    default:
      return error;
  }
}

/** The store in a file is not what was written into it. */
export function damaged(file: string, what: string, cause?: unknown): StoreProblem {
  return new StoreProblem(
    'damaged',
    `${file} is damaged (${what}): put a copy made by pgmon backup in its place, or move it away to start with an empty store`,
    cause,
  );
}

function full(file: string, cause: Error): StoreProblem {
  return new StoreProblem(
    'full',
    `the disk of ${dirname(file)} is full: free some space, or name another folder in store.path`,
    cause,
  );
}

function readOnly(file: string, cause: Error): StoreProblem {
  return new StoreProblem(
    'read-only',
    `${dirname(file)} is not writable by this user: change its owner or permissions, or name another folder in store.path`,
    cause,
  );
}

function hasRoom(file: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize >= NO_ROOM_BYTES;
  } catch {
    return true;
  }
}
