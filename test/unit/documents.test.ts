import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: ROOT });

/** What the recipes make in their examples. */
const EXAMPLES = /lock[_-]waits|teams/;

/** Files of the repository that a text names in backticks: `src/loops/pass.ts`, with or without what is meant in it. */
function named(text: string): string[] {
  return [...text.matchAll(/`((?:src|lib|lambdas|sql|ui|test|bin|bench|docs)\/[\w./-]+\.\w+)`/g)].map(
    ([, path = '']) => path,
  );
}

test.each(documents)('every file that %s names is there', (document) => {
  const gone = named(readFileSync(join(ROOT, document), 'utf8')).filter((path) => !existsSync(join(ROOT, path)));
  expect(gone.filter((path) => !EXAMPLES.test(path))).toEqual([]);
});

test('the way of a value names each file once', () => {
  const text = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');
  const [, onePass = ''] = /^## One pass$(.*?)^## /ms.exec(text) ?? [];
  const way = named(
    onePass
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .join('\n'),
  );
  expect(way.length).toBeGreaterThan(10);
  expect(way.toSorted()).toEqual([...new Set(way)].toSorted());
});
