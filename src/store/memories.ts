import type { z } from 'zod';
import type { Loop } from '../config/loop.ts';
import { keys } from './keys.ts';
import { getValue, putValue } from './parts.ts';
import type { Table } from './table.ts';

/** What a loop remembers, so that a cold start or a restart goes on from there instead of beginning anew. */
export class MemoryStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** `part` tells apart what is written at different paces. */
  async put(cluster: string, loop: Loop, part: 'state' | 'bulk', value: unknown, expires: number): Promise<void> {
    await putValue(this.#table, keys.memory(cluster, loop, part), value, { expires });
  }

  /** Undefined where there is none, or where it was written in another shape: a first run, then. */
  async get<M>(cluster: string, loop: Loop, part: 'state' | 'bulk', schema: z.ZodType<M>): Promise<M | undefined> {
    return schema.safeParse(await getValue(this.#table, keys.memory(cluster, loop, part))).data;
  }
}
