import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One statement: its text, the lowest version it serves, and the file that it is, for people to read. */
export interface SqlFile {
  /** A server major (`14`), or for a statement on an extension's objects the extension's version (`1.9`). */
  readonly version: string;
  readonly text: string;
  readonly file: string;
}

/** The statements of a collector, lowest version first. */
export type SqlFiles = readonly SqlFile[];

// Beside the bundle in a Lambda, at the root of the repository elsewhere.
const root = ['./sql/', '../../sql/'].map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));

/**
 * Reads `sql/<name>/<version>.sql`, all of them: the statements for that version and, where lines of the file are for
 * some versions only ({@link versionsOf}), for each version from which the text is another. Throws where there is none:
 * a collector without SQL is a mistake.
 */
export function sqlFiles(name: string): SqlFiles {
  if (!root) throw new Error('the sql folder is missing: put it beside the bundle or at the root of the repository');
  const folder = new URL(`${name}/`, root);
  const files = readdirSync(folder).filter((file) => /^\d+(\.\d+)?\.sql$/.test(file));
  if (files.length === 0) throw new Error(`no statement in ${fileURLToPath(folder)}`);
  return files
    .flatMap((file) =>
      versionsOf(file.slice(0, -'.sql'.length), readFileSync(new URL(file, folder), 'utf8').trim()).map((one) => ({
        ...one,
        file: `sql/${name}/${file}`,
      })),
    )
    .sort((a, b) => compareVersions(a.version, b.version));
}

/** The end of a line that is for some versions only: `--@ >=14`, `--@ <14` or `--@ >=1.9 <1.11`. */
const MARK = /\s*--@((?: (?:>=|<)\d+(?:\.\d+)?)+)$/;

/**
 * The statements that one file holds, from its lowest version on: one for each version that the mark at the end of a
 * line names. A line stays where all that its mark says holds; marks are taken out, so that what is shown is what is sent.
 */
export function versionsOf(lowest: string, source: string): { version: string; text: string }[] {
  const lines = source.split('\n').map((line) => {
    const bounds = MARK.exec(line)?.[1]?.trim().split(' ') ?? [];
    return { text: line.replace(MARK, ''), bounds: bounds.map((bound) => /^(>=|<)(.+)$/.exec(bound)?.slice(1) ?? []) };
  });
  const versions = new Set([lowest, ...lines.flatMap(({ bounds }) => bounds.map(([, version = lowest]) => version))]);
  return [...versions].map((version) => ({
    version,
    text: lines
      .filter(({ bounds }) =>
        bounds.every(([sign, bound = lowest]) => compareVersions(version, bound) >= 0 === (sign === '>=')),
      )
      .map(({ text }) => text)
      .join('\n'),
  }));
}

/** The statement for this version: that of the highest file at or below it, or undefined where all are above. */
export function sqlFor(sql: SqlFiles, version: string): SqlFile | undefined {
  return sql.findLast((entry) => compareVersions(entry.version, version) <= 0);
}

/** Orders dotted versions by number: 1.9 comes before 1.10. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < Math.max(left?.length ?? 0, right?.length ?? 0); i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
