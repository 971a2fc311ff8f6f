import type { z } from 'zod';
import type { Loop } from '../config/loop.ts';
import { pack, unpack } from './codec.ts';
import { keys } from './keys.ts';
import type { Table } from './table.ts';

/** What a loop remembers, so that a cold start or a restart goes on from there instead of beginning anew. */
export class MemoryStore<M> {
  readonly #table: Table;
  readonly #schema: z.ZodType<M>;

  constructor(table: Table, schema: z.ZodType<M>) {
    this.#table = table;
    this.#schema = schema;
  }

  async put(cluster: string, loop: Loop, memory: M, expires: number): Promise<void> {
    await this.#table.put(keys.memory(cluster, loop), { data: await pack(memory), expires });
  }

  /** Undefined where there is none, or where it was written in another shape: a first run, then. */
  async get(cluster: string, loop: Loop): Promise<M | undefined> {
    const item = await this.#table.get(keys.memory(cluster, loop));
    if (!(item?.['data'] instanceof Uint8Array)) return undefined;
    return this.#schema.safeParse(await unpack(item['data'])).data;
  }
}
