import { DynamoTable } from '../../src/store/dynamo-table.ts';
import { createTable } from '../support/dynamo.ts';
import { tableContract } from '../support/table-contract.ts';
import { startEmulator } from './support/emulator.ts';

tableContract(
  'the emulator of AWS',
  async () => {
    const emulator = await startEmulator(60);
    await createTable('contract', emulator.client);
    const open: DynamoTable[] = [];
    return {
      at: (seconds) => {
        const now = () => new Date(Date.now() + seconds * 1_000);
        const table = new DynamoTable('contract', emulator.client, now);
        open.push(table);
        return table;
      },
      close: async () => {
        for (const table of open) table.close();
        await emulator.stop();
      },
    };
  },
  {},
);
