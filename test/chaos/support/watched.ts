import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parseConfig } from '../../../src/config/load.ts';
import type { Loop } from '../../../src/config/loop.ts';
import { openLocalTable } from '../../../src/local/local-table.ts';
import { createLoop } from '../../../src/loops/compose.ts';
import type { Snapshot } from '../../../src/metrics/snapshot.ts';
import { credentialsFromDsn } from '../../../src/postgres/credentials.ts';
import { type Stores, storesIn } from '../../../src/store/stores.ts';

/** A loop over a target that is to suffer and one that must not, over a real table. */
export class Watched {
  readonly lines: string[] = [];
  readonly stores: Stores;
  /** Added to the clock of pgmon's host. */
  offsetMs = 0;
  readonly #close: () => Promise<void>;
  readonly #runner: ReturnType<typeof createLoop>;
  readonly #config: ReturnType<typeof parseConfig>;

  private constructor(
    local: Awaited<ReturnType<typeof openLocalTable>>,
    folder: string,
    loop: Loop,
    dsns: Record<string, string>,
    more: object,
  ) {
    this.stores = storesIn(local.table);
    this.#config = parseConfig(
      JSON.stringify({
        targets: Object.entries(dsns).map(([cluster, dsn]) => ({ cluster, dsn })),
        timeouts: { connect_timeout_ms: 700, statement_timeout_ms: 1_000, lock_timeout_ms: 300 },
        ...more,
      }),
      'test',
      {},
    );
    const say = (_: object, message: string) => {
      this.lines.push(message);
    };
    this.#runner = createLoop(loop, this.#config, {
      credentials: credentialsFromDsn,
      stores: this.stores,
      channels: [],
      log: { debug: () => {}, info: say, warn: say, error: say },
      now: () => new Date(Date.now() + this.offsetMs),
      idleLimitMs: Number.POSITIVE_INFINITY,
    });
    this.#close = async () => {
      await this.#runner.close();
      await local.close();
      rmSync(folder, { recursive: true, force: true });
    };
  }

  static async start(loop: Loop, dsns: Record<string, string>, more: object = {}): Promise<Watched> {
    const folder = mkdtempSync(join(tmpdir(), 'pgmon-chaos-'));
    return new Watched(await openLocalTable(folder), folder, loop, dsns, more);
  }

  /** One pass, kept; the other target is well in it, and soon. */
  async pass(): Promise<Snapshot> {
    const passes = await this.#runner.pass(this.#config.targets);
    expect(await this.#runner.write(this.#config.targets, passes)).toBe(0);
    const snapshots = passes.map(({ snapshot }) => snapshot);
    const other = snapshots.find(({ cluster }) => cluster === 'other');
    if (other) {
      expect([other.up, other.problem?.message, failed(other)]).toEqual([true, undefined, []]);
      expect(other.durationMs).toBeLessThan(1_000);
    }
    const victim = snapshots.find(({ cluster }) => cluster === 'victim');
    if (!victim) throw new Error('no victim');
    return victim;
  }

  close(): Promise<void> {
    return this.#close();
  }
}

/** Collectors that failed in a pass. */
export function failed({ outcomes }: Snapshot): string[] {
  return outcomes.filter(({ status }) => status === 'failed').map(({ collector, reason }) => `${collector}: ${reason}`);
}
