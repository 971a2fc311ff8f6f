import { credentialsWith } from '../aws/credentials.ts';
import { Secrets } from '../aws/secrets.ts';
import type { Loop } from '../config/loop.ts';
import type { Config } from '../config/schema.ts';
import { createLoop, intervalsOf } from '../loops/compose.ts';
import type { Log } from '../loops/log.ts';
import type { Channel } from '../notify/channel.ts';
import { CloudWatchSink } from '../publish/cloudwatch.ts';
import { type Stores, storesIn } from '../store/stores.ts';
import type { LocalTable } from './local-table.ts';
import { schedule } from './schedule.ts';

export interface Watch {
  readonly stores: Stores;
  /** Loops that run, with the milliseconds between their passes. */
  readonly intervals: ReadonlyMap<Loop, number>;
  stop(): Promise<void>;
}

/** Between sweeps of what has ended: what a minute leaves is a few hundred items. */
const SWEEP_MS = 10 * 60_000;

/** Runs the loops over all targets of the configuration until it is stopped. */
export function watch(config: Config, local: LocalTable, channels: readonly Channel[], log: Log): Watch {
  const stores = storesIn(local.table, log);
  const sink = config.cloudwatch.enabled ? new CloudWatchSink(config.cloudwatch.namespace, {}) : undefined;
  const parts = {
    credentials: credentialsWith(new Secrets()),
    stores,
    channels,
    ...(sink ? { publish: { publication: config.cloudwatch.metrics, sink: sink.publish.bind(sink) } } : {}),
    log,
    now: () => new Date(),
    idleLimitMs: Number.POSITIVE_INFINITY,
  };
  const intervals = intervalsOf(config);
  const running = [...intervals].map(([loop, intervalMs]) => {
    const runner = createLoop(loop, config, parts);
    const pass = async () => {
      await runner.keep(config.targets, await runner.pass(config.targets));
    };
    const timer = schedule(intervalMs, pass, (error) => log.error({ loop, err: error }, `the ${loop} loop failed`));
    return { runner, timer };
  });
  // What has ended is never returned; here it makes room. Of whatever target: also of one that is no longer watched.
  const sweeping = schedule(
    SWEEP_MS,
    async () => {
      await local.sweep();
    },
    (error) => log.error({ err: error }, 'expired data could not be deleted'),
  );
  return {
    stores,
    intervals,
    stop: async () => {
      await sweeping.stop();
      await Promise.all(
        running.map(async ({ runner, timer }) => {
          await timer.stop();
          await runner.close();
        }),
      );
      sink?.close();
    },
  };
}
