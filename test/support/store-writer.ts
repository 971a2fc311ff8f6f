/** Writes into the store of a folder without an end, and says each write when it was acknowledged: one number a line. */
import { writeSync } from 'node:fs';
import { openLocalTable } from '../../src/local/local-table.ts';

const [folder = '', from = '0'] = process.argv.slice(2);
const { table } = await openLocalTable(folder);
const data = new Uint8Array(3_000).fill(5);
for (let i = Number(from); ; i++) {
  const sk = String(i).padStart(8, '0');
  // Every way to write: an item, an attribute beside others, several items at once.
  await table.put({ pk: 'PUT', sk }, { i, data });
  await table.set({ pk: 'SET', sk: String(i % 7) }, { [`n${i % 3}`]: i, data });
  await table.putAll([
    { key: { pk: 'BOTH', sk: `${sk} a` }, attributes: { i } },
    { key: { pk: 'BOTH', sk: `${sk} b` }, attributes: { i } },
  ]);
  writeSync(1, `${i}\n`);
}
