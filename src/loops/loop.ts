import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Catalog } from '../collectors/catalog.ts';
import type { Loop } from '../config/loop.ts';
import type { TargetConfig } from '../config/target.ts';
import { type Datum, datums, type Publication } from '../metrics/datum.ts';
import type { Sample } from '../metrics/sample.ts';
import { LAST_PASS } from '../metrics/self.ts';
import type { ChangeLog } from './changes.ts';
import type { Log } from './log.ts';
import type { LoopStates } from './loop-states.ts';
import { type PassSettings, runPass } from './pass.ts';
import type { Pass } from './pass-output.ts';
import type { Sink } from './sinks.ts';

/** Targets read at the same time: one that hangs delays no other of its shard. */
const AT_ONCE = 100;

export interface LoopOptions {
  readonly passes: PassSettings;
  readonly catalog: Catalog;
  /** From the start of one target's pass to that of the next; 0 where there is CPU enough. */
  readonly staggerMs: number;
  readonly states: LoopStates;
  /** What pgmon says of itself with a pass, beside what the pass knows. */
  readonly ownSamples: (cluster: string, now: Date) => Promise<readonly Sample[]>;
  /** Completes the passes of a target with what the rules say of them, before anything is done with them. */
  readonly evaluate: (target: TargetConfig, passes: readonly Pass[], now: Date) => Promise<readonly Pass[]>;
  /** Done before the sinks: what compares passes with what the sinks are about to replace in the table. */
  readonly first: readonly Sink[];
  /** What is done with the passes of each target. */
  readonly sinks: readonly Sink[];
  /** Absent where nothing is published. All targets go together: a call to CloudWatch carries a thousand values. */
  readonly publish?: { readonly publication: Publication; readonly sink: (data: readonly Datum[]) => Promise<void> };
  readonly log: Log;
  /** Where it is said what changed. */
  readonly changes: ChangeLog;
}

/** One of the four loops: passes over its targets, and writing what they saw. */
export class LoopRunner {
  readonly loop: Loop;
  readonly #options: LoopOptions;
  readonly #limit = pLimit(AT_ONCE);

  constructor(options: LoopOptions) {
    this.loop = options.passes.loop;
    this.#options = options;
  }

  /** One pass over all targets at once; each is its own, and every one gives a snapshot, if only of being down. */
  async pass(targets: readonly TargetConfig[]): Promise<Pass[]> {
    const { staggerMs } = this.#options;
    return await Promise.all(
      targets.map(async (target, i) => {
        if (staggerMs > 0 && i > 0) await sleep(i * staggerMs);
        return await this.#limit(() => this.#passOne(target));
      }),
    );
  }

  /**
   * Writes and publishes what one or more passes saw. What fails is logged and leaves the rest untouched.
   *
   * @returns how many of the writes failed
   */
  async write(targets: readonly TargetConfig[], all: readonly Pass[]): Promise<number> {
    const { publish, catalog } = this.#options;
    // Beside the others: a table that hangs keeps nothing from CloudWatch.
    const published = async (): Promise<unknown> =>
      publish?.sink(all.flatMap(({ snapshot }) => datums(catalog, snapshot, publish.publication)));
    const failed = await Promise.all([
      this.#writeTargets(targets, all),
      publish ? this.#allWritten([['CloudWatch', published()]]) : 0,
    ]);
    return failed[0] + failed[1];
  }

  async #writeTargets(targets: readonly TargetConfig[], all: readonly Pass[]): Promise<number> {
    const { first, sinks, states, passes: settings } = this.#options;
    const now = settings.now();
    const of = (cluster: string) => all.filter(({ snapshot }) => snapshot.cluster === cluster);
    const before = targets.flatMap((target) =>
      first.map((sink): [string, Promise<unknown>] => [
        `${sink.what} of ${target.cluster}`,
        sink.write(target, of(target.cluster), now),
      ]),
    );
    const [evaluated, failed] = await Promise.all([
      Promise.all(targets.map((target) => this.#evaluated(target, of(target.cluster), now))),
      this.#allWritten(before),
    ]);
    const work: [string, Promise<unknown>][] = [];
    for (const { target, passes } of evaluated) {
      const { cluster } = target;
      if (passes.length === 0) continue;
      for (const sink of sinks) work.push([`${sink.what} of ${cluster}`, sink.write(target, passes, now)]);
      work.push([`state of ${cluster}`, states.save(cluster, now)]);
    }
    return failed + (await this.#allWritten(work)) + evaluated.filter((one) => one.failed).length;
  }

  /** Continues from the table: another process has run this loop meanwhile, and what is in memory here is old. */
  forget(): void {
    this.#options.states.forget();
    for (const sink of [...this.#options.first, ...this.#options.sinks]) sink.forget?.();
  }

  /** Ends the connections, and writes what the next process continues from. */
  async close(): Promise<void> {
    const { passes, states } = this.#options;
    await passes.sessions.close();
    await this.#allWritten([['state', states.flush(passes.now())]]);
  }

  async #passOne(target: TargetConfig): Promise<Pass> {
    const { passes, states } = this.#options;
    // Both at once: a table that hangs must not make the pass late as well.
    const own = this.#ownSamples(target.cluster);
    const { snapshot, rows, state } = await runPass(passes, target, await states.get(target.cluster));
    states.set(target.cluster, state);
    this.#options.changes.note(snapshot);
    const lastPass = {
      metric: LAST_PASS,
      labels: { loop: passes.loop },
      value: Date.parse(snapshot.takenAt) / 1_000,
    };
    return { snapshot: { ...snapshot, samples: [...snapshot.samples, lastPass, ...(await own)] }, rows };
  }

  /** The passes of a target with what the rules say of them; as they were where that cannot be found out. */
  async #evaluated(
    target: TargetConfig,
    passes: readonly Pass[],
    now: Date,
  ): Promise<{ readonly target: TargetConfig; readonly passes: readonly Pass[]; readonly failed: boolean }> {
    const { cluster } = target;
    if (passes.length === 0) return { target, passes, failed: false };
    try {
      return { target, passes: await this.#options.evaluate(target, passes, now), failed: false };
    } catch (error) {
      this.#options.log.error({ loop: this.loop, err: error }, `not evaluated: rules of ${cluster}`);
      return { target, passes, failed: true };
    }
  }

  async #ownSamples(cluster: string): Promise<readonly Sample[]> {
    try {
      return await this.#options.ownSamples(cluster, this.#options.passes.now());
    } catch (error) {
      this.#options.log.warn({ cluster, loop: this.loop, err: error }, `${cluster}: pgmon's own metrics are missing`);
      return [];
    }
  }

  async #allWritten(work: readonly [string, Promise<unknown>][]): Promise<number> {
    const results = await Promise.allSettled(work.map(([, promise]) => promise));
    let failed = 0;
    results.forEach((result, i) => {
      if (result.status === 'fulfilled') return;
      failed += 1;
      this.#options.log.error({ loop: this.loop, err: result.reason }, `not written: ${work[i]?.[0]}`);
    });
    return failed;
  }
}
