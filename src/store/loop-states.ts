import type { z } from 'zod';
import type { Loop } from '../config/loop.ts';
import { keys } from './keys.ts';
import { putValue, readValue } from './parts.ts';
import type { Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

/** State of a loop, from which a cold start or a restart continues. */
export class LoopStateStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  /** `part` tells apart what is written at different paces. */
  async put(cluster: string, loop: Loop, part: 'state' | 'bulk', value: unknown, expires: number): Promise<void> {
    await putValue(this.#table, keys.loopState(cluster, loop, part), value, { expires });
  }

  /** Undefined where there is none, or where it was written in another shape: a first run, then. */
  async get<M>(cluster: string, loop: Loop, part: 'state' | 'bulk', schema: z.ZodType<M>): Promise<M | undefined> {
    const kind = { kind: `state of the ${loop} loop`, schema, unreadable: this.#unreadable };
    return await readValue(this.#table, keys.loopState(cluster, loop, part), kind, { consistent: true });
  }
}
