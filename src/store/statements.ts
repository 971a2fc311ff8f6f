import * as z from 'zod';
import { pack, unpack } from './codec.ts';
import { keys } from './keys.ts';
import type { Attributes, Table } from './table.ts';
import { UnreadableItems } from './unreadable.ts';

/** Then a text goes, and is fetched again where a top list still names its statement. */
const KEEP_SECONDS = 30 * 86_400;

/** That of a statement in an hour is kept as long as the hour, and renewed once in two months while it continues. */
const PERIOD_SECONDS = 400 * 86_400;
const RENEWED_SECONDS = PERIOD_SECONDS + 60 * 86_400;

/** So many texts an hour are kept for long, those of the costliest statements first: where all differ there is no end of them. */
const MOST_RENEWED = 50;

/** So many texts are read for each that is wanted, before they are read one by one. */
const BETWEEN = 4;

const textSchema = z.string();
const bytesSchema = z.instanceof(Uint8Array);

/** Texts of statements by queryid, fetched once and kept as they may be shown: redacted, unless configured otherwise. */
export class StatementStore {
  readonly #table: Table;
  readonly #unreadable: UnreadableItems;
  /** Until when texts are kept for sure, epoch seconds, by cluster and queryid: those need not be read every hour. */
  readonly #keptUntil = new Map<string, Map<string, number>>();

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

  /**
   * Keeps the texts of statements of an hour that is over as long as the hour.
   *
   * @param queryids the costliest first
   * @returns those that have no text, {@link MOST_RENEWED} at most
   */
  async keepWithPeriods(cluster: string, queryids: readonly string[], now: Date): Promise<string[]> {
    const seconds = Math.floor(now.getTime() / 1_000);
    const before = this.#keptUntil.get(cluster);
    const kept = new Map(queryids.map((queryid) => [queryid, before?.get(queryid) ?? 0]));
    this.#keptUntil.set(cluster, kept);
    const due = queryids.filter((queryid) => (kept.get(queryid) ?? 0) < seconds + PERIOD_SECONDS);
    const items = await Promise.all(due.map((queryid) => this.#table.get(keys.statement(cluster, queryid))));
    const ends = due.map((queryid, i) => ({ queryid, until: Number(items[i]?.['expires'] ?? 0) }));
    const short = ends.filter(({ until }) => until > 0 && until < seconds + PERIOD_SECONDS).slice(0, MOST_RENEWED);
    const until = seconds + RENEWED_SECONDS;
    await Promise.all(
      short.map(({ queryid }) => this.#table.set(keys.statement(cluster, queryid), { expires: until })),
    );
    for (const one of [...ends, ...short.map(({ queryid }) => ({ queryid, until }))]) kept.set(one.queryid, one.until);
    return ends.flatMap((one) => (one.until === 0 ? [one.queryid] : [])).slice(0, MOST_RENEWED);
  }

  /** The texts of these statements that are known. */
  async get(cluster: string, queryids: readonly string[]): Promise<Map<string, string>> {
    const found = new Map<string, string>();
    for (const item of await this.#items(cluster, [...new Set(queryids)].toSorted())) {
      const [pk, sk, data] = [String(item['pk']), String(item['sk']), item['data']];
      const text = this.#unreadable.read('statement', { pk, sk }, () =>
        textSchema.parse(unpack(bytesSchema.parse(data))),
      );
      if (text !== undefined) found.set(sk, text);
    }
    return found;
  }

  /**
   * Items of statements in the order of their ids. A text has some 300 bytes, and each that is read by itself is charged as 4 KB:
   * those of a list are read as one range, with what lies between them, and one by one beyond that.
   */
  async #items(cluster: string, queryids: readonly string[]): Promise<Attributes[]> {
    const { pk } = keys.statement(cluster, '');
    const limit = BETWEEN * queryids.length;
    const isList = queryids.length > 2;
    const range = isList ? await this.#table.query(pk, { from: queryids[0], to: queryids.at(-1), limit }) : [];
    const reached = isList && range.length < limit ? queryids.at(-1) : range.at(-1)?.['sk'];
    const rest = reached === undefined ? queryids : queryids.filter((queryid) => queryid > String(reached));
    const others = await Promise.all(rest.map((queryid) => this.#table.get(keys.statement(cluster, queryid))));
    const wanted = new Set(queryids);
    return [...range, ...others].flatMap((item) => (item && wanted.has(String(item['sk'])) ? [item] : []));
  }
}
