/** The alerting of one pass of a storm, in a process that can be killed: `node storm-process.ts <a StormRun as JSON>`. */
import { DynamoTable } from '../../../src/store/dynamo-table.ts';
import { evaluateAndWrite, passOf, processOn, stormConfig } from '../../support/storm.ts';

export interface StormRun {
  readonly endpoint: string;
  readonly table: string;
  /** Addresses of the webhooks. */
  readonly urls: readonly string[];
  readonly series: number;
  /** When the pass was taken, epoch milliseconds. */
  readonly at: number;
}

const { endpoint, table: name, urls, series, at }: StormRun = JSON.parse(process.argv[2] ?? '');
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const table = new DynamoTable(name, { endpoint, region: 'us-east-1', credentials });
const loops = processOn(table, stormConfig(urls), () => new Date(at));
await evaluateAndWrite(loops, [passOf(at, series)], new Date(at));
await loops.delivery.stop();
table.close();
