import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { openLocalTable, storeFile } from '../../src/local/local-table.ts';

const WRITER = new URL('../support/store-writer.ts', import.meta.url).pathname;
const ROUNDS = 100;
const folder = mkdtempSync(join(tmpdir(), 'pgmon-kill-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lets a writer write until it is killed. @returns the last number that it acknowledged */
async function killed(from: number, afterMs: number): Promise<number> {
  const child = spawn(process.execPath, [WRITER, folder, String(from)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve()));
  while (said === '' && child.exitCode === null) await sleep(1);
  await sleep(afterMs);
  child.kill('SIGKILL');
  await closed;
  // What stands before the last line break was said whole.
  return Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
}

test(`${ROUNDS} times kill -9 in the middle of writing: nothing acknowledged is lost, nothing is damaged`, async () => {
  let acknowledged = -1;
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged = await killed(acknowledged + 1, Math.random() * 40);
    // Of the write that was cut off there may be something, as a whole or not at all.
    if (round % 10 !== 9 && round > 0) continue;
    const { table, close } = await openLocalTable(folder);
    const puts = (await table.query('PUT')).map(({ i }) => Number(i));
    expect(puts.slice(0, acknowledged + 1)).toEqual(Array.from({ length: acknowledged + 1 }, (_, i) => i));
    const both = new Set((await table.query('BOTH')).map(({ sk }) => String(sk)));
    for (let i = 0; i <= acknowledged; i++) {
      const sk = String(i).padStart(8, '0');
      if (!both.has(`${sk} a`) || !both.has(`${sk} b`)) expect.fail(`write ${i} of ${acknowledged} is not whole`);
    }
    for (let i = Math.max(0, acknowledged - 6); i <= acknowledged; i++) {
      const item = await table.get({ pk: 'SET', sk: String(i % 7) });
      expect(Number(item?.[`n${i % 3}`])).toBeGreaterThanOrEqual(i);
    }
    await close();
  }
  expect(acknowledged).toBeGreaterThan(ROUNDS);
  const database = new DatabaseSync(storeFile(folder));
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  database.close();
}, 600_000);
