import pLimit from 'p-limit';
import type { Catalog } from '../collectors/catalog.ts';
import type { Collector, Limits } from '../collectors/collector.ts';
import type { Loop } from '../config/loop.ts';
import { LOOP_BUDGET_MS } from '../config/loop.ts';
import type { TargetConfig } from '../config/target.ts';
import { type Datum, datums, type Publication } from '../metrics/datum.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import type { Sessions } from '../postgres/sessions.ts';
import { type HistoryStore, historyPoint } from '../store/history.ts';
import type { MemoryStore } from '../store/memories.ts';
import type { SnapshotStore } from '../store/snapshots.ts';
import { ChangeLog } from './changes.ts';
import type { Log } from './log.ts';
import { emptyMemory, type Memory } from './memory.ts';
import { runPass } from './pass.ts';

/** Targets read at the same time: one that hangs holds up no other of its shard. */
const AT_ONCE = 100;

/** A memory older than this is of no use for rates. */
const MEMORY_SECONDS = 7 * 86_400;

export interface LoopOptions {
  readonly loop: Loop;
  readonly intervalMs: number;
  readonly collectors: readonly Collector[];
  readonly catalog: Catalog;
  readonly limits: Limits;
  readonly redactSql: boolean;
  readonly connectTimeoutMs: number;
  readonly sessions: Sessions;
  readonly snapshots: SnapshotStore;
  readonly history: HistoryStore;
  readonly memories: MemoryStore<Memory>;
  /** Absent where nothing is published. */
  readonly publish?: { readonly publication: Publication; readonly sink: (data: readonly Datum[]) => Promise<void> };
  readonly log: Log;
  readonly now: () => Date;
}

/** One of the four loops: passes over its targets, and keeping what they saw. */
export class LoopRunner {
  readonly loop: Loop;
  readonly #options: LoopOptions;
  readonly #collectors: readonly Collector[];
  readonly #memories = new Map<string, Memory>();
  readonly #changes: ChangeLog;
  readonly #limit = pLimit(AT_ONCE);

  constructor(options: LoopOptions) {
    this.loop = options.loop;
    this.#options = options;
    this.#collectors = options.collectors.filter(({ loop }) => loop === options.loop);
    this.#changes = new ChangeLog(options.log);
  }

  /** One pass over all targets at once; each is its own, and every one gives a snapshot, if only of being down. */
  async pass(targets: readonly TargetConfig[]): Promise<Snapshot[]> {
    return await Promise.all(targets.map((target) => this.#limit(() => this.#passOne(target))));
  }

  /**
   * Keeps and publishes the snapshots of one or more passes. What fails is logged and leaves the rest untouched.
   *
   * @returns how many of the writes failed
   */
  async keep(snapshots: readonly Snapshot[]): Promise<number> {
    const work: [string, Promise<unknown>][] = [];
    for (const [cluster, passes] of Map.groupBy(snapshots, (snapshot) => snapshot.cluster)) {
      const latest = passes.at(-1);
      if (latest) work.push([`snapshot of ${cluster}`, this.#options.snapshots.put(latest)]);
      const points = passes.map((snapshot) => historyPoint(snapshot, this.#charted));
      work.push([`history of ${cluster}`, this.#options.history.append(cluster, this.loop, points)]);
      const memory = this.#memories.get(cluster);
      if (memory)
        work.push([
          `memory of ${cluster}`,
          this.#options.memories.put(cluster, this.loop, memory, this.#memoryExpiry()),
        ]);
    }
    const { publish, catalog } = this.#options;
    if (publish) {
      const data = snapshots.flatMap((snapshot) => datums(catalog, snapshot, publish.publication));
      work.push(['CloudWatch', publish.sink(data)]);
    }
    const results = await Promise.allSettled(work.map(([, promise]) => promise));
    let failed = 0;
    results.forEach((result, i) => {
      if (result.status === 'fulfilled') return;
      failed += 1;
      this.#options.log.error({ loop: this.loop, err: result.reason }, `not kept: ${work[i]?.[0]}`);
    });
    return failed;
  }

  async close(): Promise<void> {
    await this.#options.sessions.close();
  }

  async #passOne(target: TargetConfig): Promise<Snapshot> {
    const { loop, intervalMs, sessions, limits, connectTimeoutMs, now } = this.#options;
    const { snapshot, memory } = await runPass({
      target,
      loop,
      collectors: this.#collectors,
      sessions,
      limits,
      redactSql: this.#options.redactSql,
      deadlineMs: Math.max(LOOP_BUDGET_MS[loop], 1_000) + connectTimeoutMs,
      longestGapSeconds: Math.max((intervalMs / 1_000) * 10, 900),
      memory: await this.#memory(target.cluster),
      now,
    });
    this.#memories.set(target.cluster, memory);
    this.#changes.note(snapshot);
    return snapshot;
  }

  async #memory(cluster: string): Promise<Memory> {
    const known = this.#memories.get(cluster);
    if (known) return known;
    try {
      return (await this.#options.memories.get(cluster, this.loop)) ?? emptyMemory;
    } catch (error) {
      this.#options.log.warn(
        { cluster, err: error },
        `${cluster}: the memory of the ${this.loop} loop cannot be read; it begins anew`,
      );
      return emptyMemory;
    }
  }

  readonly #charted = (name: string): 'gauge' | 'rate' | 'none' => {
    const metric = this.#options.catalog.get(name);
    if (!metric || metric.detail) return 'none';
    return metric.type === 'counter' ? 'rate' : 'gauge';
  };

  #memoryExpiry(): number {
    return Math.floor(this.#options.now().getTime() / 1_000) + MEMORY_SECONDS;
  }
}
