import type { Loop } from '../config/loop.ts';
import type { Config } from '../config/schema.ts';
import { createLoop, intervalsOf } from '../loops/compose.ts';
import type { Log } from '../loops/log.ts';
import { type Memory, memorySchema } from '../loops/memory.ts';
import { credentialsFromDsn } from '../postgres/credentials.ts';
import { CloudWatchSink } from '../publish/cloudwatch.ts';
import { HistoryStore } from '../store/history.ts';
import { MemoryStore } from '../store/memories.ts';
import { SnapshotStore } from '../store/snapshots.ts';
import type { Table } from '../store/table.ts';
import { schedule } from './schedule.ts';

/** The loops that have something to do. */
const RUNNING: readonly Loop[] = ['hot', 'workload', 'hourly'];

export interface Watch {
  readonly snapshots: SnapshotStore;
  /** Loops that run, with the milliseconds between their passes. */
  readonly intervals: ReadonlyMap<Loop, number>;
  stop(): Promise<void>;
}

/** Runs the loops over all targets of the configuration until it is stopped. */
export function watch(config: Config, table: Table, log: Log): Watch {
  const snapshots = new SnapshotStore(table);
  const sink = config.cloudwatch.enabled ? new CloudWatchSink(config.cloudwatch.namespace, {}) : undefined;
  const parts = {
    credentials: credentialsFromDsn,
    snapshots,
    history: new HistoryStore(table),
    memories: new MemoryStore<Memory>(table, memorySchema),
    ...(sink ? { publish: { publication: config.cloudwatch.metrics, sink: sink.publish.bind(sink) } } : {}),
    log,
    now: () => new Date(),
    idleLimitMs: Number.POSITIVE_INFINITY,
  };
  const intervals = new Map([...intervalsOf(config)].filter(([loop]) => RUNNING.includes(loop)));
  const running = [...intervals].map(([loop, intervalMs]) => {
    const runner = createLoop(loop, config, parts);
    const pass = async () => {
      await runner.keep(await runner.pass(config.targets));
    };
    const timer = schedule(intervalMs, pass, (error) => log.error({ loop, err: error }, `the ${loop} loop failed`));
    return { runner, timer };
  });
  // The table on one machine has no TTL: what is past its time goes once an hour.
  const pruning = schedule(
    3_600_000,
    async () => {
      for (const { cluster } of config.targets) await parts.history.prune(cluster, parts.now());
    },
    (error) => log.error({ err: error }, 'old history could not be deleted'),
  );
  return {
    snapshots,
    intervals,
    stop: async () => {
      await pruning.stop();
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
