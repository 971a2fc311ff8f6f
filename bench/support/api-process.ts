/** The API over a store that is there, in a process of its own: what it takes is its own, and whoever asks does not disturb it. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseConfig } from '../../src/config/load.ts';
import { openLocalTable } from '../../src/local/local-table.ts';
import { storesIn } from '../../src/store/stores.ts';
import { apiOver } from '../../test/support/api.ts';

/** What the process took since it was asked last. */
export interface Taken {
  readonly cpuMs: number;
  /** Milliseconds for which something else kept a request waiting: of a hundred times the worst, and of all. */
  readonly delayMs: { readonly p99: number; readonly most: number };
  /** Most memory that the process ever held. */
  readonly peakMb: number;
}

const [folder = '', names = '', time = ''] = process.argv.slice(2);
const config = parseConfig(JSON.stringify({ cluster: 'shop', dsn: 'postgres://nobody@127.0.0.1/none' }), 'bench', {});
// Now is when the past ends, however long it took to write it.
const now = () => new Date(time);
const local = await openLocalTable(folder, now);
const api = await apiOver(storesIn(local.table), names.split(','), config, undefined, now);
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let before = process.cpuUsage();
process.on('message', () => {
  const { user, system } = process.cpuUsage(before);
  const taken: Taken = {
    cpuMs: (user + system) / 1_000,
    delayMs: { p99: delay.percentile(99) / 1e6, most: delay.max / 1e6 },
    peakMb: process.resourceUsage().maxRSS / 1_024,
  };
  before = process.cpuUsage();
  delay.reset();
  process.send?.(taken);
});
process.on('disconnect', () => process.exit(0));
process.send?.(api.url);
