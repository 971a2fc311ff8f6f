import * as z from 'zod';
import { pack, unpack } from './codec.ts';
import { keys } from './keys.ts';
import type { Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

/** Then a text goes, and is fetched again where a top list still names its statement. */
const KEEP_SECONDS = 30 * 86_400;

const textSchema = z.string();
const bytesSchema = z.instanceof(Uint8Array);

/** Texts of statements by queryid, fetched once and kept as they may be shown: redacted, unless configured otherwise. */
export class StatementStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;

  constructor(table: Table, unreadable = new UnreadableItems()) {
    this.#table = table;
    this.#unreadable = unreadable;
  }

  async put(cluster: string, texts: ReadonlyMap<string, string>, now: Date): Promise<void> {
    const expires = Math.floor(now.getTime() / 1_000) + KEEP_SECONDS;
    await Promise.all(
      [...texts].map(async ([queryid, text]) =>
        this.#table.put(keys.statement(cluster, queryid), { data: pack(text), expires }),
      ),
    );
  }

  /** The texts of these statements that are known. */
  async get(cluster: string, queryids: readonly string[]): Promise<Map<string, string>> {
    const items = await Promise.all(queryids.map((queryid) => this.#table.get(keys.statement(cluster, queryid))));
    const found = new Map<string, string>();
    for (const item of items) {
      if (!item) continue;
      const [pk, sk, data] = [String(item['pk']), String(item['sk']), item['data']];
      const text = this.#unreadable.read('statement', { pk, sk }, () =>
        textSchema.parse(unpack(bytesSchema.parse(data))),
      );
      if (text !== undefined) found.set(sk, text);
    }
    return found;
  }
}
