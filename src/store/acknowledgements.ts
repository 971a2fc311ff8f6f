import * as z from 'zod';
import { keys } from './keys.ts';
import type { Table } from './table.ts';

/** An alert that lasts longer wants to be taken on again. */
const KEEP_SECONDS = 7 * 86_400;

const itemSchema = z.object({ sk: z.string(), at: z.string(), by: z.string().optional(), expires: z.number() });

export interface Acknowledgement {
  readonly fingerprint: string;
  /** RFC 3339. */
  readonly at: string;
  readonly by?: string | undefined;
}

/** Alerts that somebody has taken on; forgotten when the alert ends, and after a week. */
export class AcknowledgementStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
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
    const items = z.array(itemSchema).parse(await this.#table.query(keys.acknowledgement('').pk));
    return new Map(
      items
        .filter(({ expires }) => expires * 1_000 > now.getTime())
        .map(({ sk, at, by }) => [sk, { fingerprint: sk, at, by }]),
    );
  }
}
