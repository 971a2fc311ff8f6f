import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLocalTable } from '../../../src/local/local-table.ts';

test('[M6] a folder that cannot be made is one sentence, at once', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pgmon-folder-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'file'), '');
  for (const folder of ['/proc/nope', '/proc/nope/deeper', join(root, 'file', 'below')])
    await expect(openLocalTable(folder)).rejects.toMatchObject({
      kind: 'unusable',
      message: expect.stringMatching(/^\S+ cannot be created \([A-Z]+\): name another folder in store\.path$/),
    });
});

test('folders above the store are made, for nobody else', async () => {
  const root = mkdtempSync(join(tmpdir(), 'pgmon-folder-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const local = await openLocalTable(join(root, 'a', 'b', 'c'));
  await local.close();
});
