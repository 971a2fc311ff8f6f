import { type Silence, silenceSchema } from '../alerts/suppression.ts';
import { pack, unpack } from './codec.ts';
import { keys } from './keys.ts';
import type { Table } from './table.ts';

/** Silences that somebody asked for; past ones go by themselves. */
export class SilenceStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async put(silence: Silence): Promise<void> {
    const expires = Math.floor(Date.parse(silence.until) / 1_000);
    await this.#table.put(keys.silence(silence.id), { data: pack(silence), expires });
  }

  /** @returns false where there was none of this id */
  async delete(id: string): Promise<boolean> {
    const there = await this.#table.get(keys.silence(id));
    if (there) await this.#table.delete(keys.silence(id));
    return there !== undefined;
  }

  /** Those that hold now, by their end. */
  async active(now: Date): Promise<Silence[]> {
    const silences: Silence[] = [];
    for (const { data } of await this.#table.query(keys.silence('').pk)) {
      if (data instanceof Uint8Array) silences.push(silenceSchema.parse(unpack(data)));
    }
    return silences
      .filter(({ until }) => Date.parse(until) > now.getTime())
      .sort((a, b) => (a.until < b.until ? -1 : 1));
  }
}
