import type { Loop } from '../config/loop.ts';
import type { TargetConfig } from '../config/target.ts';
import { eventsOf } from '../events/compare.ts';
import type { Event } from '../events/event.ts';
import type { EventKind } from '../events/kind.ts';
import { type Known, knownAfter } from '../events/last-good.ts';
import type { EventStore } from '../store/events.ts';
import type { SnapshotStore } from '../store/snapshots.ts';
import type { Log } from './log.ts';
import type { Pass } from './pass-output.ts';
import type { Sink } from './sinks.ts';

export interface EventSinkOptions {
  readonly loop: Loop;
  readonly kinds: readonly EventKind[];
  readonly events: EventStore;
  readonly snapshots: SnapshotStore;
  readonly log: Log;
}

/** Unwritten events of a target that are kept for the next try; a table that is away for longer loses the oldest. */
const MOST_UNWRITTEN = 1_000;

/**
 * Compares each pass with what was last seen of its target, and writes what changed. Goes before the sink of the latest
 * snapshot: a new process, which has nothing in memory, compares with that of the process before it.
 */
export class EventSink implements Sink {
  readonly what = 'events';
  readonly #options: EventSinkOptions;
  readonly #known = new Map<string, Known>();
  readonly #unwritten = new Map<string, readonly Event[]>();

  constructor(options: EventSinkOptions) {
    const { loop, kinds } = options;
    this.#options = { ...options, kinds: kinds.filter((kind) => kind.loop === loop) };
  }

  async write({ cluster }: TargetConfig, passes: readonly Pass[], now: Date): Promise<void> {
    const { kinds, events, log, loop } = this.#options;
    if (kinds.length === 0) return;
    let known = this.#known.get(cluster) ?? (await this.#stored(cluster));
    const found: Event[] = [...(this.#unwritten.get(cluster) ?? [])];
    for (const { snapshot } of passes) {
      if (known) {
        const comparison = { last: known.last, previous: known.good ?? known.last, current: snapshot, now };
        found.push(
          ...eventsOf(
            known.good || !snapshot.up ? kinds : kinds.filter(({ evenDown }) => evenDown),
            comparison,
            (kind, err) =>
              log.error({ cluster, loop, kind, err }, `${cluster}: events of kind ${kind} are missing from this pass`),
          ),
        );
      }
      known = knownAfter(known, snapshot, kinds);
    }
    if (known) this.#known.set(cluster, known);
    this.#unwritten.set(cluster, found.slice(-MOST_UNWRITTEN));
    if (found.length === 0) return;
    await events.append(cluster, found);
    this.#unwritten.delete(cluster);
  }

  /** Another process has continued meanwhile: its last snapshot is in the table. */
  forget(): void {
    this.#known.clear();
  }

  /** What the process before this one saw last. */
  async #stored(cluster: string): Promise<Known | undefined> {
    const { snapshots, loop, kinds } = this.#options;
    const latest = await snapshots.get(cluster, loop, { consistent: true });
    if (!latest) return undefined;
    const { lastGood, ...last } = latest;
    const before = lastGood ? knownAfter(undefined, lastGood, kinds) : undefined;
    return knownAfter(before, last, kinds);
  }
}
