import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FILL_IN, newChannel, newCollector, newRule } from '../../../bin/scaffold.ts';

const read = (path: string) => readFileSync(path, 'utf8');

/** Lines that a file has more than the one that is there. */
function added(files: Readonly<Record<string, string>>, path: string): string[] {
  const before = new Set(read(path).split('\n'));
  return (files[path] ?? '').split('\n').filter((line) => !before.has(line));
}

test('nothing that npm run new made is left to be written', () => {
  const files = globSync('{src,sql,test/unit,test/integration}/**/*.{ts,sql}');
  const lines = files.flatMap((path) =>
    read(path)
      .split('\n')
      .map((line, i) => `${path}:${i + 1} ${line.trim()}`),
  );
  expect(lines.filter((line) => line.includes(`${FILL_IN}:`))).toEqual([]);
});

describe('npm run new', () => {
  test.each(['hot', 'workload', 'storage', 'hourly'] as const)('a collector of the loop %s', (loop) => {
    const files = newCollector('made_by_a_test', loop, read);
    const index = 'src/collectors/index.ts';
    expect(added(files, index)).toEqual(["import { madeByATest } from './made-by-a-test.ts';", '  madeByATest,']);
    // It stands among those of its loop.
    const lines = (files[index] ?? '').split('\n');
    const heads = lines.slice(0, lines.indexOf('  madeByATest,')).filter((line) => line.startsWith('  // '));
    expect(heads.at(-1)).toBe(`  // ${loop}`);
    expect(Object.keys(files).toSorted()).toEqual([
      'sql/made_by_a_test/12.sql',
      index,
      'src/collectors/made-by-a-test.ts',
      'test/integration/collectors/made-by-a-test.test.ts',
    ]);
    expect(files['src/collectors/made-by-a-test.ts']).toContain(`loop: '${loop}'`);
  });

  test('a rule, its page and its world, each at the end of its list', () => {
    const files = newRule('made_by_a_test', 'storage', read);
    for (const path of ['src/alerts/rules/storage.ts', 'src/alerts/runbook/storage.ts', 'test/unit/alerts/worlds.ts']) {
      const more = added(files, path).join('\n');
      expect(more).toMatch(/made_by_a_test/);
      expect(more).toContain(FILL_IN);
    }
    expect(files['src/alerts/runbook/storage.ts']).toMatch(/\n {2}made_by_a_test: \{[^}]+\n {2}\},\n\};/);
  });

  test('a channel', () => {
    const files = newChannel('made_by_a_test', read);
    expect(files['src/notify/channels/index.ts']).toMatch(
      /export const channelKinds = \[[^\]]+, madeByATest\] as const/,
    );
    expect(files['src/notify/channels/made-by-a-test.ts']).toContain("kind: 'made-by-a-test'");
  });
});
