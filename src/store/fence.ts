import { AsyncLocalStorage } from 'node:async_hooks';
import { absent, any, type Condition, compare } from './condition.ts';
import { isFenced, type Key } from './keys.ts';
import type { Attributes, Entry, Table } from './table.ts';

/** A write of a run that is over, or that a later run has overtaken. Nothing was written. */
export class FencedOff extends Error {
  override readonly name = 'FencedOff';
}

/** Conditions are not for batches: as many writes at the same time as a batch has. */
const AT_ONCE = 25;

interface Run {
  /** Grows from run to run; undefined where no lease could be had. */
  readonly token: string | undefined;
  over: boolean;
}

/**
 * Keeps the writes of a run out of the table once the run is over. A frozen process may thaw in the middle of writing, with
 * another run at work or done: what it had still to write is refused here, and what was on its way already is refused by
 * the table, where items of a leased loop carry the token of the run that wrote them last.
 */
export class Fence {
  readonly #runs = new AsyncLocalStorage<Run>();

  /** Does a run's work; whatever of it continues after that, or after `work` failed, writes nothing more. */
  async run<T>(token: string | undefined, work: () => Promise<T>): Promise<T> {
    const run: Run = { token, over: false };
    return await this.#runs.run(run, async () => {
      try {
        return await work();
      } finally {
        run.over = true;
      }
    });
  }

  /**
   * The condition under which the current run may write; undefined where there is none.
   *
   * @throws FencedOff where the run is over
   */
  check(): { readonly token: string; readonly when: Condition } | undefined {
    const run = this.#runs.getStore();
    if (run?.over) throw new FencedOff(`the run of ${run.token ?? 'no tick'} is over`);
    if (run?.token === undefined) return undefined;
    return { token: run.token, when: any(absent('fence'), compare('fence', '<=', run.token)) };
  }
}

/** The table as a run may write it. */
export function fenced(table: Table, fence: Fence): Table {
  const refused = ({ pk, sk }: Key) => new FencedOff(`${pk} / ${sk} was written by a later run`);
  const put = async (key: Key, attributes: Attributes) => {
    const held = fence.check();
    if (!held || !isFenced(key)) return await table.put(key, attributes);
    if (!(await table.putIf(key, { ...attributes, fence: held.token }, held.when))) throw refused(key);
  };
  return {
    get: (key, options) => table.get(key, options),
    query: (pk, options) => table.query(pk, options),
    put,
    putAll: async (entries: readonly Entry[]) => {
      fence.check();
      await table.putAll(entries.filter(({ key }) => !isFenced(key)));
      const own = entries.filter(({ key }) => isFenced(key));
      for (let i = 0; i < own.length; i += AT_ONCE)
        await Promise.all(own.slice(i, i + AT_ONCE).map(({ key, attributes }) => put(key, attributes)));
    },
    set: async (key, attributes) => {
      const held = fence.check();
      if (!held || !isFenced(key)) return await table.set(key, attributes);
      if (!(await table.setIf(key, { ...attributes, fence: held.token }, held.when))) throw refused(key);
    },
    putIf: async (key, attributes, when) => {
      fence.check();
      return await table.putIf(key, attributes, when);
    },
    setIf: async (key, attributes, when) => {
      fence.check();
      return await table.setIf(key, attributes, when);
    },
    remove: async (key, names) => {
      fence.check();
      await table.remove(key, names);
    },
    delete: async (key) => {
      fence.check();
      await table.delete(key);
    },
  };
}
