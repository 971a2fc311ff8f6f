import { keys } from './keys.ts';
import type { Table } from './table.ts';

const KEEP_SECONDS = 30 * 86_400;

/** Until when a channel knows what became of an alert. */
export class ToldStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Time of the newest transition that the channel took, RFC 3339. */
  async last(channel: string, fingerprint: string): Promise<string | undefined> {
    const at = (await this.#table.get(keys.told(channel, fingerprint)))?.['at'];
    return typeof at === 'string' ? at : undefined;
  }

  async put(channel: string, fingerprint: string, at: string): Promise<void> {
    const expires = Math.floor(Date.parse(at) / 1_000) + KEEP_SECONDS;
    await this.#table.put(keys.told(channel, fingerprint), { at, expires });
  }
}
