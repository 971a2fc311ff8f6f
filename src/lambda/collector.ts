import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { credentialsWith } from '../aws/credentials.ts';
import { Secrets } from '../aws/secrets.ts';
import { intervalsOf } from '../config/intervals.ts';
import { LOOP_BUDGET_MS, type Loop } from '../config/loop.ts';
import type { Config } from '../config/schema.ts';
import { sizingOf, staggerMs } from '../config/sizing.ts';
import { createLoop, deliveryOf, endRetired } from '../loops/compose.ts';
import type { Log } from '../loops/log.ts';
import type { LoopRunner } from '../loops/loop.ts';
import type { Delivery } from '../notify/delivery.ts';
import { CloudWatchSink } from '../publish/cloudwatch.ts';
import { DynamoTable } from '../store/dynamo-table.ts';
import { Fence, fenced } from '../store/fence.ts';
import { type Stores, storesIn } from '../store/stores.ts';
import type { Clock } from './clock.ts';
import type { LoopEnvironment } from './environment.ts';
import { loopChannels } from './loop-channels.ts';
import { runPasses } from './passes.ts';

/** Input of the schedule: which targets, and the time for which it was due. */
export const tickSchema = z.object({ shard: z.string().min(1), tick: z.string().min(1) });

/** What an invocation did. */
export interface RunReport {
  readonly shard: string;
  readonly passes: number;
  /** Why it did nothing. */
  readonly skipped?: 'held' | 'served';
}

/** Some of what was seen was not written or published; the rest was. Fails the invocation, so that an alarm rings. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
}

/** Time left for writing what was seen, and for the answer after it. */
const WRITE_MS = 6_000;
const END_MS = 1_000;

/** One message takes this long at most. */
const SEND_MS = 1_500;

/** Between looks at targets that are no longer in the configuration. */
const RETIRE_MS = 3_600_000;

/** As long as this a run waits for the one before to end, where a schedule comes a little early. */
const PATIENCE_MS = 10_000;

/** A call that hangs times out before the invocation does. */
const requestHandler = { connectionTimeout: 1_000, requestTimeout: 1_500, throwOnRequestTimeout: true };

/** One of the four loops in a Lambda: what is warm stays between invocations. */
export class Collector {
  readonly #loop: Loop;
  readonly #config: Config;
  readonly #runner: LoopRunner;
  readonly #stores: Stores;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #shard: string;
  readonly #clusters: readonly string[] | undefined;
  readonly #staggerMs: number;
  readonly #owner = randomUUID();
  readonly #fence = new Fence();
  /** The run before was cut short: what is in memory may be ahead of the table. */
  #cutShort = false;
  readonly #delivery: Delivery;
  #remainingMs = () => 0;
  #retiredAt = Number.NEGATIVE_INFINITY;

  /**
   * @param config with the targets of its shard
   * @param clusters names of all targets of the deployment, for the one that looks after those that were removed
   */
  constructor(loop: Loop, config: Config, env: LoopEnvironment, log: Log, clock: Clock, clusters?: readonly string[]) {
    this.#loop = loop;
    this.#config = config;
    this.#log = log;
    this.#clock = clock;
    this.#shard = env.PGMON_SHARD;
    this.#clusters = clusters;
    this.#staggerMs = staggerMs(sizingOf(loop, config.targets.length).memoryMb);
    const table = new DynamoTable(env.PGMON_TABLE, { requestHandler, maxAttempts: 3 }, clock.now);
    this.#stores = storesIn(fenced(table, this.#fence), log);
    const sink = new CloudWatchSink(config.cloudwatch.namespace, { requestHandler, maxAttempts: 3 });
    const secrets = new Secrets({ requestHandler });
    const parts = {
      stores: this.#stores,
      channels: loopChannels(config.notifiers, env.PGMON_TOPIC_ARN, (arn) => secrets.read(arn)),
      log,
      now: clock.now,
    };
    this.#delivery = deliveryOf(config, parts);
    this.#runner = createLoop(loop, config, {
      ...parts,
      credentials: credentialsWith(secrets),
      publish: { publication: config.cloudwatch.metrics, sink: sink.publish.bind(sink) },
      delivery: this.#delivery,
      // What is not sent by then waits in the outbox for the next run.
      deliverMs: () => this.#deliverMs(),
      sharesOutbox: true,
      // Frozen between invocations, connections may be dead when it thaws; the hot loop and the workload loop come
      // every minute, and a connection that was idle for longer is not worth a try.
      idleLimitMs: 90_000,
      staggerMs: this.#staggerMs,
    });
  }

  /**
   * One invocation: the lease, the passes of the minute, and writing what they saw.
   *
   * @param remainingMs milliseconds that the platform still gives
   * @throws RunFailed where something failed to be written, after everything else was
   */
  async run(event: unknown, remainingMs: () => number): Promise<RunReport> {
    const { shard: id, tick } = tickSchema.parse(event);
    if (id !== this.#shard) throw new RunFailed(`this is the shard ${this.#shard}, and not ${id}: deploy again`);
    this.#remainingMs = remainingMs;
    const lease = await this.#lease(id, tick, remainingMs);
    if (lease === 'held' || lease === 'served') {
      this.#log.warn({ shard: id, tick }, `the ${this.#loop} loop of ${id} does not run: its tick is ${lease}`);
      return { shard: id, passes: 0, skipped: lease };
    }
    if (this.#cutShort) this.#runner.forget();
    this.#cutShort = false;
    try {
      const token = lease === 'got' ? tick : undefined;
      return { shard: id, passes: await this.#fence.run(token, () => this.#work(remainingMs)) };
    } catch (error) {
      // Whatever went wrong, the next run need not wait for the end of this lease.
      await this.#stores.leases.release(this.#loop, id, this.#owner).catch(() => {});
      throw error;
    }
  }

  /** @returns how many passes were made */
  async #work(remainingMs: () => number): Promise<number> {
    const { targets } = this.#config;
    const passes = await runPasses({
      pass: () => this.#runner.pass(targets),
      intervalMs: intervalsOf(this.#config).get(this.#loop) ?? 0,
      passMs: LOOP_BUDGET_MS[this.#loop] + this.#config.timeouts.connect_timeout_ms + targets.length * this.#staggerMs,
      remainingMs: () => remainingMs() - WRITE_MS,
      clock: this.#clock,
    });
    const written = this.#runner.write(targets, passes.flat());
    const failed = await within(written, remainingMs() - END_MS);
    if (failed === 'late') {
      this.#cutShort = true;
      throw new RunFailed(`${this.#shard}: not everything was written in time`);
    }
    if (failed > 0) throw new RunFailed(`${this.#shard}: ${failed} writes failed: the lines above say which`);
    await this.#endRetired();
    return passes.length;
  }

  #deliverMs(): number {
    return Math.max(1, this.#remainingMs() - END_MS - SEND_MS);
  }

  /** One process of all looks after the targets that were removed: that of the first shard's hot loop. */
  async #endRetired(): Promise<void> {
    const now = this.#clock.now();
    if (!this.#clusters) return;
    if (now.getTime() - this.#retiredAt < RETIRE_MS) return;
    this.#retiredAt = now.getTime();
    const ending = endRetired(this.#config, this.#clusters, this.#stores, this.#delivery, now).then(
      async (clusters) => {
        if (clusters.length > 0) await this.#delivery.deliver(this.#deliverMs());
        return clusters;
      },
    );
    const ended = await within(ending, this.#remainingMs() - END_MS);
    if (ended === 'late') this.#retiredAt = Number.NEGATIVE_INFINITY;
    else if (ended.length > 0) this.#log.info({ clusters: ended }, `no longer monitored: ${ended.join(', ')}`);
  }

  /** @returns whether the lease is ours, or why this tick is not; 'without' where the table does not answer */
  async #lease(shard: string, tick: string, remainingMs: () => number): Promise<'got' | 'held' | 'served' | 'without'> {
    for (;;) {
      const now = this.#clock.now();
      const until = new Date(now.getTime() + remainingMs());
      try {
        const lease = await this.#stores.leases.acquire(this.#loop, shard, this.#owner, tick, now, until);
        if (lease.got) {
          if (lease.changed) this.#runner.forget();
          return 'got';
        }
        if (lease.why === 'served') return 'served';
        const wait = lease.until.getTime() - now.getTime() + 1;
        if (wait > PATIENCE_MS) return 'held';
        await this.#clock.sleep(wait);
      } catch (error) {
        // Without the table nothing can be kept; the metrics of this minute can still be published.
        this.#log.error(
          { shard, err: error },
          `the lease of the ${this.#loop} loop is unavailable; the loop runs without it`,
        );
        return 'without';
      }
    }
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), Math.max(ms, 0));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
