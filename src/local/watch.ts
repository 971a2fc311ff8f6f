import { credentialsWith } from '../aws/credentials.ts';
import { Secrets } from '../aws/secrets.ts';
import { intervalsOf } from '../config/intervals.ts';
import type { Loop } from '../config/loop.ts';
import type { Config } from '../config/schema.ts';
import { ChangeLog } from '../loops/changes.ts';
import { createLoop, deliveryOf, endRetired } from '../loops/compose.ts';
import type { Log } from '../loops/log.ts';
import type { Datum } from '../metrics/datum.ts';
import type { Channel } from '../notify/channel.ts';
import { Inspections } from '../postgres/inspections.ts';
import { type Stores, storesIn } from '../store/stores.ts';
import type { LocalTable } from './local-table.ts';
import { offsetOf, schedule } from './schedule.ts';

export interface Watch {
  readonly stores: Stores;
  /** Loops that run, with the milliseconds between their passes. */
  readonly intervals: ReadonlyMap<Loop, number>;
  stop(): Promise<void>;
}

/** Between sweeps of what has ended: what a minute leaves is a few hundred items. */
const SWEEP_MS = 10 * 60_000;

/** Between looks at what waits to be sent, and at targets that are no longer in the configuration. */
const DELIVER_MS = 1_000;
const RETIRE_MS = 3_600_000;

/**
 * Milliseconds between the first passes of targets: of 100 that begin at once, each makes four connections and looks at its
 * role, and answers wait for the process longer than a connection may take. All have begun after ten seconds.
 */
const betweenStartsMs = (targets: number): number => Math.min(100, 10_000 / targets);

/** Runs the loops over all targets of the configuration until it is stopped. @param inspections what is known of them */
export function watch(
  config: Config,
  local: LocalTable,
  channels: readonly Channel[],
  log: Log,
  inspections = new Inspections(),
): Watch {
  const stores = storesIn(local.table, log);
  // The client of AWS takes 29 MB and 0.1 s of CPU: it is loaded where something is published.
  const sink = config.cloudwatch.enabled
    ? import('../publish/cloudwatch.ts').then(
        ({ CloudWatchSink }) => new CloudWatchSink(config.cloudwatch.namespace, {}),
      )
    : undefined;
  const parts = {
    credentials: credentialsWith(new Secrets()),
    stores,
    channels,
    ...(sink
      ? {
          publish: {
            publication: config.cloudwatch.metrics,
            sink: async (data: readonly Datum[]) => (await sink).publish(data),
          },
        }
      : {}),
    log,
    now: () => new Date(),
    idleLimitMs: Number.POSITIVE_INFINITY,
    inspections,
    changes: new ChangeLog(log),
  };
  const delivery = deliveryOf(config, parts);
  const intervals = intervalsOf(config);
  const running = [...intervals].map(([loop, intervalMs]) => {
    const runner = createLoop(loop, config, { ...parts, delivery, deliverMs: () => 0 });
    // Each target at a time of its own, so that one that hangs is late for no other. A call to CloudWatch is paid for and
    // carries values of all targets: where it is asked for, they stay together.
    const groups = sink ? [config.targets] : config.targets.map((target) => [target]);
    const timers = groups.map((targets, i) => {
      const offsetMs = offsetOf(`${targets[0]?.cluster} ${loop}`, intervalMs);
      const pass = async () => {
        await runner.write(targets, await runner.pass(targets));
      };
      const failed = (error: unknown) => log.error({ loop, err: error }, `the ${loop} loop failed`);
      return schedule(intervalMs, pass, failed, offsetMs, i * betweenStartsMs(groups.length));
    });
    return { runner, timers };
  });
  // Expired items are never returned; deleting them frees space, for removed targets, too.
  const sweeping = schedule(
    SWEEP_MS,
    async () => {
      await local.sweep();
    },
    (error) => log.error({ err: error }, 'failed to delete expired data'),
  );
  // Each channel is tried again at its own pace, whatever that of the loops is.
  const delivering = schedule(
    DELIVER_MS,
    () => delivery.deliver(0),
    (error) => log.error({ err: error }, 'failed to send waiting notifications'),
  );
  const clusters = config.targets.map(({ cluster }) => cluster);
  const retiring = schedule(
    RETIRE_MS,
    async () => {
      for (const cluster of await endRetired(config, clusters, stores, delivery, parts.now()))
        log.info({ cluster }, `${cluster}: no longer monitored; its alerts have ended`);
    },
    (error) => log.error({ err: error }, 'failed to end the alerts of removed targets'),
  );
  return {
    stores,
    intervals,
    stop: async () => {
      await sweeping.stop();
      await retiring.stop();
      await delivering.stop();
      await Promise.all(
        running.map(async ({ runner, timers }) => {
          await Promise.all(timers.map((timer) => timer.stop()));
          await runner.close();
        }),
      );
      await delivery.stop();
      (await sink)?.close();
    },
  };
}
