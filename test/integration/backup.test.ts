import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openLocalTable } from '../../src/local/local-table.ts';

const WRITER = new URL('../support/store-writer.ts', import.meta.url).pathname;
const PGMON = new URL('../../bin/pgmon.mjs', import.meta.url).pathname;
const root = mkdtempSync(join(tmpdir(), 'pgmon-backup-'));
const folder = join(root, 'store');
afterAll(() => rmSync(root, { recursive: true, force: true }));

function pgmon(...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [PGMON, ...args], {
    env: { PATH: process.env['PATH'], PGMON_STORE_PATH: folder },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
}

test('pgmon backup copies the store while another process writes it, and never over a file', async () => {
  const nothing = await pgmon('backup', join(root, 'nothing.db'));
  expect(nothing).toEqual({ code: 2, said: expect.stringContaining('has no store: name its folder') });
  const writer = spawn(process.execPath, [WRITER, folder, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = -1;
  writer.stdout.on('data', (text) => {
    last = Number(String(text).trim().split('\n').at(-1));
  });
  const ended = new Promise<void>((resolve) => writer.on('close', () => resolve()));
  while (last < 200) await new Promise((resolve) => setTimeout(resolve, 20));
  const before = last;
  const into = join(root, 'copy.db');
  const copied = await pgmon('backup', into);
  const after = last;
  writer.kill('SIGKILL');
  await ended;
  expect([copied.code, copied.said]).toEqual([0, expect.stringContaining(into)]);
  expect(after).toBeGreaterThan(before);
  expect((statSync(into).mode & 0o777).toString(8)).toBe('600');

  const again = await pgmon('backup', into);
  expect(again).toEqual({ code: 2, said: `pgmon: ${into} exists already: name a new file\n` });
  const other = join(root, 'other');
  writeFileSync(other, 'somebody else');
  expect((await pgmon('backup', other)).code).toBe(2);
  expect(readFileSync(other, 'utf8')).toBe('somebody else');
  // [M6]
  const lost = await pgmon('backup', join(root, 'no', 'such', 'folder'));
  expect([lost.code, lost.said]).toEqual([
    2,
    `pgmon: ${join(root, 'no', 'such')} is no folder: create it, or name a file in another one\n`,
  ]);

  const restored = join(root, 'restored');
  await (await openLocalTable(restored)).close();
  renameSync(into, join(restored, 'pgmon.db'));
  expect(existsSync(join(restored, 'pgmon.db-wal'))).toBe(false);
  const { table, close } = await openLocalTable(restored);
  const items = (await table.query('PUT')).map(({ i }) => i);
  // One moment: everything up to it, whole, and nothing after it.
  expect(items.length).toBeGreaterThan(before);
  expect(items).toEqual(items.map((_, i) => i));
  expect(Math.abs((await table.query('BOTH')).length / 2 - items.length)).toBeLessThanOrEqual(1);
  await close();
}, 120_000);
