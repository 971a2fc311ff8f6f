import type { Collector } from '../collectors/collector.ts';
import type { Loop } from '../config/loop.ts';
import type { MemoryStore } from '../store/memories.ts';
import type { Log } from './log.ts';
import { emptyMemory, type Memory, memorySchema, type Remembered, rememberedSchema } from './memory.ts';

/** A memory older than this is of no use for rates. */
const KEEP_SECONDS = 7 * 86_400;

/** Thousands of rows are written this often; what a cold start goes on from is then at most so old. */
const BULK_MS = 10 * 60_000;

/** What one loop remembers of each target: in memory while the process lives, in the table for the next one. */
export class Memories {
  readonly #loop: Loop;
  readonly #store: MemoryStore;
  readonly #log: Log;
  readonly #bulky: ReadonlySet<string>;
  readonly #known = new Map<string, Memory>();
  readonly #bulkAt = new Map<string, number>();

  constructor(loop: Loop, collectors: readonly Collector[], store: MemoryStore, log: Log) {
    this.#loop = loop;
    this.#store = store;
    this.#log = log;
    this.#bulky = new Set(collectors.filter(({ remembers }) => remembers === 'bulky').map(({ name }) => name));
  }

  /** What is remembered of a target; read from the table the first time. */
  async get(cluster: string): Promise<Memory> {
    const known = this.#known.get(cluster);
    if (known) return known;
    try {
      const [state, bulk] = await Promise.all([
        this.#store.get(cluster, this.#loop, 'state', memorySchema),
        this.#bulky.size > 0 ? this.#store.get(cluster, this.#loop, 'bulk', rememberedSchema) : undefined,
      ]);
      return state ? { ...state, remembered: { ...state.remembered, ...bulk } } : emptyMemory;
    } catch (error) {
      this.#log.warn(
        { cluster, err: error },
        `${cluster}: the memory of the ${this.#loop} loop cannot be read; it begins anew`,
      );
      return emptyMemory;
    }
  }

  /** The table is newer: another process has gone on meanwhile. */
  forget(): void {
    this.#known.clear();
    this.#bulkAt.clear();
  }

  set(cluster: string, memory: Memory): void {
    this.#known.set(cluster, memory);
  }

  /** Writes what is remembered of a target: the small part always, the bulk when its time has come. */
  async save(cluster: string, now: Date): Promise<void> {
    const memory = this.#known.get(cluster);
    if (!memory) return;
    const { state, bulk } = this.#parts(memory);
    await this.#store.put(cluster, this.#loop, 'state', state, expiry(now));
    const last = this.#bulkAt.get(cluster);
    if (Object.keys(bulk).length === 0 || (last !== undefined && now.getTime() - last < BULK_MS)) return;
    this.#bulkAt.set(cluster, now.getTime());
    await this.#store.put(cluster, this.#loop, 'bulk', bulk, expiry(now));
  }

  /** Writes the bulk of every target whatever its time: before the process ends or gives its targets away. */
  async flush(now: Date): Promise<void> {
    for (const [cluster, memory] of this.#known) {
      const { bulk } = this.#parts(memory);
      if (Object.keys(bulk).length > 0) await this.#store.put(cluster, this.#loop, 'bulk', bulk, expiry(now));
    }
  }

  #parts(memory: Memory): { state: Memory; bulk: Remembered } {
    const entries = Object.entries(memory.remembered);
    const isBulky = (place: string) => this.#bulky.has(place.split(' in ', 1)[0] ?? place);
    return {
      state: { ...memory, remembered: Object.fromEntries(entries.filter(([place]) => !isBulky(place))) },
      bulk: Object.fromEntries(entries.filter(([place]) => isBulky(place))),
    };
  }
}

function expiry(now: Date): number {
  return Math.floor(now.getTime() / 1_000) + KEEP_SECONDS;
}
