import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPrivate } from '../../src/local/store-lock.ts';
import { DynamoTable } from '../../src/store/dynamo-table.ts';
import { createSqliteFile, SqliteTable } from '../../src/store/sqlite-table.ts';
import { startDynamo } from '../support/dynamo.ts';
import { tableContract } from '../support/table-contract.ts';

const inSeconds = (seconds: number) => () => new Date(Date.now() + seconds * 1_000);

tableContract('SQLite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pgmon-contract-'));
  const file = join(folder, 'pgmon.db');
  createPrivate(file);
  createSqliteFile(file);
  const open: SqliteTable[] = [];
  return {
    at: (seconds) => {
      const table = new SqliteTable(file, inSeconds(seconds));
      open.push(table);
      return table;
    },
    close: async () => {
      for (const table of open) table.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});

tableContract(
  'an emulator of DynamoDB',
  async () => {
    const dynamo = await startDynamo();
    const open: DynamoTable[] = [];
    return {
      at: (seconds) => {
        const table = new DynamoTable(dynamo.table, { ...dynamo.config, maxAttempts: 1 }, inSeconds(seconds));
        open.push(table);
        return table;
      },
      close: async () => {
        for (const table of open) table.close();
        await dynamo.stop();
      },
    };
  },
  { comparesUtf16: true },
);
