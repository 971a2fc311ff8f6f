import { type Silence, silenceSchema } from '../alerts/suppression.ts';
import { keys } from './keys.ts';
import { putValue, valuesIn } from './parts.ts';
import type { Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

/** Silences that somebody asked for; past ones go by themselves. */
export class SilenceStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  async put(silence: Silence): Promise<void> {
    const expires = Math.floor(Date.parse(silence.until) / 1_000);
    await putValue(this.#table, keys.silence(silence.id), silence, { expires });
  }

  /** @returns false where there was none of this id */
  async delete(id: string): Promise<boolean> {
    const there = await this.#table.get(keys.silence(id));
    if (there) await this.#table.delete(keys.silence(id));
    return there !== undefined;
  }

  /** Those that hold now, by their end. */
  async active(now: Date): Promise<Silence[]> {
    const { pk } = keys.silence('');
    const kind = { kind: 'silence', schema: silenceSchema, unreadable: this.#unreadable };
    return valuesIn(await this.#table.query(pk), kind)
      .filter(({ until }) => Date.parse(until) > now.getTime())
      .sort((a, b) => (a.until < b.until ? -1 : 1));
  }
}
