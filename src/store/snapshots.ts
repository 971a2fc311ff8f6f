import { LOOPS, type Loop } from '../config/loop.ts';
import { type LatestSnapshot, latestSchema, type Snapshot } from '../metrics/snapshot.ts';
import { keys } from './keys.ts';
import { getValue, putValue } from './parts.ts';
import type { Table } from './table.ts';

/** A target that is no longer watched leaves the list after this many days. */
const FORGET_SECONDS = 30 * 86_400;
const SEEN = 'seen ';
const PROBLEM = 'problem ';

/** How the last pass of a loop over a target ended, without what it saw. */
export interface Verdict {
  readonly cluster: string;
  readonly loop: Loop;
  readonly takenAt: string;
  readonly problem?: { readonly message: string };
}

/** The latest snapshot of every loop and target, and the list of targets. */
export class SnapshotStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Keeps what a pass saw; of a target that did not answer, beside it what was seen when it last did. */
  async put(snapshot: Snapshot): Promise<void> {
    const { cluster, loop, takenAt, problem } = snapshot;
    const expires = Math.floor(Date.parse(takenAt) / 1_000) + FORGET_SECONDS;
    const before = snapshot.up ? undefined : await this.get(cluster, loop);
    const lastGood = before?.up ? before : before?.lastGood;
    const latest: LatestSnapshot = { ...snapshot, ...(lastGood ? { lastGood } : {}) };
    await putValue(this.#table, keys.latest(cluster, loop), latest, { expires });
    await this.#table.set(keys.target(cluster), {
      [SEEN + loop]: takenAt,
      [PROBLEM + loop]: problem?.message ?? '',
      expires,
    });
  }

  /** How the last passes of all targets ended: one read of a page or two, where the snapshots of 1,000 targets are 4,000. */
  async verdicts(): Promise<Verdict[]> {
    const items = await this.#table.query(keys.target('').pk);
    return items.flatMap(({ sk, ...item }) =>
      LOOPS.flatMap((loop) => {
        const [takenAt, problem] = [item[SEEN + loop], item[PROBLEM + loop]];
        if (typeof sk !== 'string' || typeof takenAt !== 'string') return [];
        return [
          {
            cluster: sk,
            loop,
            takenAt,
            ...(typeof problem === 'string' && problem ? { problem: { message: problem } } : {}),
          },
        ];
      }),
    );
  }

  /** When each loop last gave a snapshot of a target, RFC 3339. */
  async seen(cluster: string): Promise<ReadonlyMap<Loop, string>> {
    const item = (await this.#table.get(keys.target(cluster))) ?? {};
    return new Map(
      LOOPS.flatMap((loop) => {
        const at = item[SEEN + loop];
        return typeof at === 'string' ? [[loop, at]] : [];
      }),
    );
  }

  async get(cluster: string, loop: Loop): Promise<LatestSnapshot | undefined> {
    const value = await getValue(this.#table, keys.latest(cluster, loop));
    return value === undefined ? undefined : latestSchema.parse(value);
  }

  /** The latest snapshots of all loops of a target that ever ran. */
  async all(cluster: string): Promise<LatestSnapshot[]> {
    const found = await Promise.all(LOOPS.map((loop) => this.get(cluster, loop)));
    return found.filter((snapshot) => snapshot !== undefined);
  }

  async clusters(): Promise<string[]> {
    const items = await this.#table.query(keys.target('').pk);
    return items.flatMap(({ sk }) => (typeof sk === 'string' ? [sk] : []));
  }
}
