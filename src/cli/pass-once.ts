import { credentialsWith } from '../aws/credentials.ts';
import { Secrets } from '../aws/secrets.ts';
import type { Loop } from '../config/loop.ts';
import type { Config } from '../config/schema.ts';
import { createLoop } from '../loops/compose.ts';
import type { Log } from '../loops/log.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import { SqliteTable } from '../store/sqlite-table.ts';
import { storesIn } from '../store/stores.ts';

const silent: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** One pass of a loop over all targets, which leaves nothing behind. */
export async function passOnce(loop: Loop, config: Config): Promise<Snapshot[]> {
  const table = SqliteTable.inMemory();
  const runner = createLoop(loop, config, {
    credentials: credentialsWith(new Secrets()),
    stores: storesIn(table),
    channels: [],
    log: silent,
    now: () => new Date(),
    idleLimitMs: Number.POSITIVE_INFINITY,
  });
  try {
    return (await runner.pass(config.targets)).map(({ snapshot }) => snapshot);
  } finally {
    await runner.close();
    table.close();
  }
}
