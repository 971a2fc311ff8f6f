import type { Loop } from '../config/loop.ts';
import { absent, all, any, compare } from './condition.ts';
import { keys } from './keys.ts';
import type { Table } from './table.ts';

/** What came of asking for a lease. */
export type Lease =
  /** It is ours. `changed`: somebody else ran this loop since, and what we have in memory is old. */
  | { readonly got: true; readonly changed: boolean }
  /** Somebody runs it just now, until then at the latest. */
  | { readonly got: false; readonly why: 'held'; readonly until: Date }
  /** This very tick was served already: schedules deliver at least once. */
  | { readonly got: false; readonly why: 'served' };

/** Leases of a loop over a shard: no two runs overlap. */
export class LeaseStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Asks for a lease in one conditional write. It ends by itself; its holder stops working before that.
   *
   * @param owner of the process; it may take its own lease again, since it does one thing at a time
   * @param tick time for which the run was scheduled, RFC 3339; none is served twice
   */
  async acquire(loop: Loop, shard: string, owner: string, tick: string, now: Date, until: Date): Promise<Lease> {
    const key = keys.lease(loop, shard);
    const before = await this.#table.setIf(
      key,
      { owner, tick, until: until.getTime() },
      all(
        any(absent('until'), compare('until', '<=', now.getTime()), compare('owner', '=', owner)),
        any(absent('tick'), compare('tick', '<', tick)),
      ),
    );
    if (before !== false) return { got: true, changed: before['owner'] !== undefined && before['owner'] !== owner };
    const held = await this.#table.get(key, { consistent: true });
    if (typeof held?.['tick'] === 'string' && held['tick'] >= tick) return { got: false, why: 'served' };
    const end = typeof held?.['until'] === 'number' ? held['until'] : now.getTime();
    return { got: false, why: 'held', until: new Date(end) };
  }

  /** Gives a lease back before its end. */
  async release(loop: Loop, shard: string, owner: string): Promise<void> {
    await this.#table.setIf(keys.lease(loop, shard), { until: 0 }, compare('owner', '=', owner));
  }
}
