import { LOOPS, type Loop } from '../config/loop.ts';
import { type Snapshot, snapshotSchema } from '../metrics/snapshot.ts';
import { keys } from './keys.ts';
import { getValue, putValue } from './parts.ts';
import type { Table } from './table.ts';

/** A target that is no longer watched leaves the list after this many days. */
const FORGET_SECONDS = 30 * 86_400;
const SEEN = 'seen ';

/** The latest snapshot of every loop and target, and the list of targets. */
export class SnapshotStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async put(snapshot: Snapshot): Promise<void> {
    const { cluster, loop } = snapshot;
    const expires = Math.floor(Date.parse(snapshot.takenAt) / 1_000) + FORGET_SECONDS;
    await putValue(this.#table, keys.latest(cluster, loop), snapshot, { expires });
    await this.#table.set(keys.target(cluster), { [SEEN + loop]: snapshot.takenAt, expires });
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

  async get(cluster: string, loop: Loop): Promise<Snapshot | undefined> {
    const value = await getValue(this.#table, keys.latest(cluster, loop));
    return value === undefined ? undefined : snapshotSchema.parse(value);
  }

  /** The latest snapshots of all loops of a target that ever ran. */
  async all(cluster: string): Promise<Snapshot[]> {
    const found = await Promise.all(LOOPS.map((loop) => this.get(cluster, loop)));
    return found.filter((snapshot) => snapshot !== undefined);
  }

  async clusters(): Promise<string[]> {
    const items = await this.#table.query(keys.target('').pk);
    return items.flatMap(({ sk }) => (typeof sk === 'string' ? [sk] : []));
  }
}
