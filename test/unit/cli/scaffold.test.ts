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
    const files = newCollector('lock_waits', loop, read);
    const index = 'src/collectors/index.ts';
    expect(added(files, index)).toEqual(["import { lockWaits } from './lock-waits.ts';", '  lockWaits,']);
    // It stands among those of its loop.
    const lines = (files[index] ?? '').split('\n');
    const heads = lines.slice(0, lines.indexOf('  lockWaits,')).filter((line) => line.startsWith('  // '));
    expect(heads.at(-1)).toBe(`  // ${loop}`);
    expect(Object.keys(files).toSorted()).toEqual([
      'sql/lock_waits/12.sql',
      index,
      'src/collectors/lock-waits.ts',
      'test/integration/collectors/lock-waits.test.ts',
    ]);
    expect(files['src/collectors/lock-waits.ts']).toContain(`loop: '${loop}'`);
  });

  test('a rule, its page and its world, each at the end of its list', () => {
    const files = newRule('too_many', 'storage', read);
    for (const path of [
      'src/alerts/rules/storage.ts',
      'src/alerts/runbook/storage.ts',
      'test/unit/alerts/rules.test.ts',
    ]) {
      const more = added(files, path).join('\n');
      expect(more).toMatch(/too_many/);
      expect(more).toContain(FILL_IN);
    }
    expect(files['src/alerts/runbook/storage.ts']).toMatch(/\n {2}too_many: \{[^}]+\n {2}\},\n\};/);
  });

  test('a channel', () => {
    const files = newChannel('my_chat', read);
    expect(files['src/notify/channels/index.ts']).toMatch(/export const channelKinds = \[[^\]]+, myChat\] as const/);
    expect(files['src/notify/channels/my-chat.ts']).toContain("kind: 'my-chat'");
  });
});
