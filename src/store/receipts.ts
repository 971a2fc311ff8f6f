import { keys } from './keys.ts';
import type { Table } from './table.ts';

/** Longer than an alert lasts: without its receipt the end of one would not be sent. */
const KEEP_SECONDS = 400 * 86_400;

/** What a channel took of an alert. */
export interface Receipt {
  /** Time of the newest transition that it took, RFC 3339. */
  readonly at: string;
  /** Whether it has heard of the alert and not of its end. */
  readonly open: boolean;
}

/** What channels took, and until when one asked to be left alone; for the notifier, which has no memory of its own. */
export class ReceiptStore {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async get(channel: string, fingerprint: string): Promise<Receipt | undefined> {
    const { at, open } = (await this.#table.get(keys.receipt(channel, fingerprint))) ?? {};
    return typeof at === 'string' ? { at, open: open === true } : undefined;
  }

  async put(channel: string, fingerprint: string, { at, open }: Receipt): Promise<void> {
    const expires = Math.floor(Date.parse(at) / 1_000) + KEEP_SECONDS;
    await this.#table.put(keys.receipt(channel, fingerprint), { at, open, expires });
  }

  /** Epoch milliseconds before which the channel is not to be tried; 0 where it may be. */
  async pausedUntil(channel: string): Promise<number> {
    const until = (await this.#table.get(keys.pause(channel)))?.['until'];
    return typeof until === 'number' ? until : 0;
  }

  /** @param until epoch milliseconds */
  async pause(channel: string, until: number): Promise<void> {
    await this.#table.put(keys.pause(channel), { until, expires: Math.ceil(until / 1_000) });
  }
}
