import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { Table } from '../store/table.ts';

export interface LocalTable {
  readonly table: Table;
  /** Where this process serves it. */
  readonly endpoint: string;
  close(): Promise<void>;
}

const TABLE = 'pgmon';

/** The same table as on AWS, kept by a DynamoDB in this process, in files below a folder. */
export async function openLocalTable(folder: string): Promise<LocalTable> {
  const path = join(folder, 'table');
  mkdirSync(path, { recursive: true });
  const server = dynalite({ path, createTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const config: DynamoDBClientConfig = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  try {
    await createTable(config);
  } catch (error) {
    server.close();
    throw new Error(
      `the data in ${path} cannot be opened: another pgmon may use it (${error instanceof Error ? error.message : error})`,
    );
  }
  const table = new Table(TABLE, config);
  return {
    table,
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => {
      table.close();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function createTable(config: DynamoDBClientConfig): Promise<void> {
  const client = new DynamoDBClient({ ...config, maxAttempts: 1 });
  try {
    await client.send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  } finally {
    client.destroy();
  }
}
