import type { Collector } from '../collectors/collector.ts';
import type { Loop } from '../config/loop.ts';
import type { LoopStateStore } from '../store/loop-states.ts';
import { type CollectorState, type CollectorStates, collectorStatesSchema } from './collector-state.ts';
import type { Log } from './log.ts';
import { emptyState, type LoopState, loopStateSchema } from './loop-state.ts';
import { collectorNameOf } from './scope-key.ts';

/** A state older than this is of no use for rates. */
const KEEP_SECONDS = 7 * 86_400;

/**
 * Large states are written this often; what a cold start continues from is then at most so old. Those that say when they
 * changed are written then: what a pass found must not be found again by the next process.
 */
const LARGE_MS = 10 * 60_000;

/** Those that stay the same are written again long before they expire. */
const LARGE_REST_MS = 86_400_000;

/** What one loop knows of each target: in memory while the process lives, in the table for the next one. */
export class LoopStates {
  readonly #loop: Loop;
  readonly #store: LoopStateStore;
  readonly #log: Log;
  readonly #collectors: ReadonlyMap<string, Collector>;
  readonly #hasLarge: boolean;
  readonly #known = new Map<string, LoopState>();
  readonly #written = new Map<string, { readonly at: number; readonly states: CollectorStates }>();

  constructor(loop: Loop, collectors: readonly Collector[], store: LoopStateStore, log: Log) {
    this.#loop = loop;
    this.#store = store;
    this.#log = log;
    this.#collectors = new Map(collectors.map((collector) => [collector.name, collector]));
    this.#hasLarge = collectors.some(({ state }) => state?.large);
  }

  /** What is known of a target; read from the table the first time. */
  async get(cluster: string): Promise<LoopState> {
    const known = this.#known.get(cluster);
    if (known) return known;
    try {
      const [state, large] = await Promise.all([
        this.#store.get(cluster, this.#loop, 'state', loopStateSchema),
        this.#hasLarge ? this.#store.get(cluster, this.#loop, 'bulk', collectorStatesSchema) : undefined,
      ]);
      return state ? { ...state, collectors: this.#readable({ ...state.collectors, ...large }) } : emptyState;
    } catch (error) {
      this.#log.warn(
        { cluster, err: error },
        `${cluster}: the state of the ${this.#loop} loop is unreadable; the loop restarts without it`,
      );
      return emptyState;
    }
  }

  /** What is known of a target in this process. */
  of(cluster: string): LoopState | undefined {
    return this.#known.get(cluster);
  }

  /** The table is newer: another process has run this loop meanwhile. */
  forget(): void {
    this.#known.clear();
    this.#written.clear();
  }

  set(cluster: string, state: LoopState): void {
    this.#known.set(cluster, state);
  }

  /** Writes what is known of a target: the small part always, large states when their time has come. */
  async save(cluster: string, now: Date): Promise<void> {
    const known = this.#known.get(cluster);
    if (!known) return;
    const { small, large } = this.#parts(known);
    await this.#store.put(cluster, this.#loop, 'state', small, expiry(now));
    const last = this.#written.get(cluster);
    if (Object.keys(large).length === 0 || (last && !this.#isDue(last, large, now.getTime()))) return;
    this.#written.set(cluster, { at: now.getTime(), states: large });
    await this.#putLarge(cluster, large, now);
  }

  /** Writes the large states of every target whatever their time: before the process ends or gives its targets away. */
  async flush(now: Date): Promise<void> {
    for (const [cluster, known] of this.#known) {
      const { large } = this.#parts(known);
      if (Object.keys(large).length > 0) await this.#putLarge(cluster, large, now);
    }
  }

  async #putLarge(cluster: string, large: CollectorStates, now: Date): Promise<void> {
    const stored = Object.entries(large).map(([key, state]): [string, CollectorState] => {
      const spec = this.#collectors.get(collectorNameOf(key))?.state;
      return [key, spec?.stored && state.value !== undefined ? { ...state, value: spec.stored(state.value) } : state];
    });
    await this.#store.put(cluster, this.#loop, 'bulk', Object.fromEntries(stored), expiry(now));
  }

  /** States as their collectors declare them: what another version wrote is a first run of that collector alone. */
  #readable(states: CollectorStates): CollectorStates {
    return Object.fromEntries(
      Object.entries(states).flatMap(([key, state]): [string, CollectorState][] => {
        const schema = this.#collectors.get(collectorNameOf(key))?.state?.schema;
        if (!schema) return [[key, { ...state, value: undefined }]];
        const parsed = schema.safeParse(state.value);
        return parsed.success ? [[key, { ...state, value: parsed.data }]] : [];
      }),
    );
  }

  #isDue(
    last: { readonly at: number; readonly states: CollectorStates },
    large: CollectorStates,
    now: number,
  ): boolean {
    if (now - last.at >= LARGE_REST_MS) return true;
    const keys = Object.keys(large);
    if (keys.length !== Object.keys(last.states).length) return true;
    return keys.some((key) => {
      const before = last.states[key];
      const isSame = this.#collectors.get(collectorNameOf(key))?.state?.isSame;
      if (before === undefined) return true;
      return isSame ? !isSame(before.value, large[key]?.value) : now - last.at >= LARGE_MS;
    });
  }

  #parts(known: LoopState): { small: LoopState; large: CollectorStates } {
    const isLarge = ([key]: [string, CollectorState]) =>
      this.#collectors.get(collectorNameOf(key))?.state?.large === true;
    const { large = [], small = [] } = Object.groupBy(Object.entries(known.collectors), (entry) =>
      isLarge(entry) ? 'large' : 'small',
    );
    const collectors = Object.fromEntries(small);
    return { small: { ...known, collectors, scanned: undefined }, large: Object.fromEntries(large) };
  }
}

function expiry(now: Date): number {
  return Math.floor(now.getTime() / 1_000) + KEEP_SECONDS;
}
