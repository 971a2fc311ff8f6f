import * as z from 'zod';
import { keys } from './keys.ts';
import type { Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

/** An alert that lasts longer wants to be acknowledged again. */
const KEEP_SECONDS = 7 * 86_400;

const itemSchema = z.object({ sk: z.string(), at: z.string(), by: z.string().optional(), expires: z.number() });

export interface Acknowledgement {
  readonly fingerprint: string;
  /** RFC 3339. */
  readonly at: string;
  readonly by?: string | undefined;
}

/** Alerts that somebody has acknowledged; forgotten when the alert ends, and after a week. */
export class AcknowledgementStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  async put({ fingerprint, at, by }: Acknowledgement): Promise<void> {
    const expires = Math.floor(Date.parse(at) / 1_000) + KEEP_SECONDS;
    await this.#table.put(keys.acknowledgement(fingerprint), { at, ...(by ? { by } : {}), expires });
  }

  async delete(fingerprint: string): Promise<void> {
    await this.#table.delete(keys.acknowledgement(fingerprint));
  }

  /** Those that hold now, by fingerprint. */
  async all(now: Date): Promise<ReadonlyMap<string, Acknowledgement>> {
    const { pk } = keys.acknowledgement('');
    const items = (await this.#table.query(pk)).map((item) =>
      this.#unreadable.read('acknowledgement', { pk, sk: String(item['sk']) }, () => itemSchema.parse(item)),
    );
    return new Map(
      items
        .filter((item) => item !== undefined)
        .filter(({ expires }) => expires * 1_000 > now.getTime())
        .map(({ sk, at, by }) => [sk, { fingerprint: sk, at, by }]),
    );
  }
}
