import type { Key } from './keys.ts';

/** Where unreadable items are said, once each. */
export interface WarnLog {
  warn(context: object, message: string): void;
}

interface Found {
  readonly message: string;
  readonly pk: string;
  /** Epoch milliseconds. */
  lastSeen: number;
}

/** An item that nobody came upon for so long is gone: the slowest reader comes every hour. */
const FORGET_MS = 2 * 3_600_000;

/** More are counted and not listed: a table full of them must not fill the memory. */
const MOST = 100;

/**
 * Items that are garbage, or in a format that this version does not know. Each reader skips them;
 * they are logged once and listed in `/healthz` until they are readable again or gone. Everything else continues.
 */
export class UnreadableItems {
  readonly #log: WarnLog;
  readonly #now: () => number;
  readonly #found = new Map<string, Found>();

  constructor(log: WarnLog = { warn: () => {} }, now: () => number = Date.now) {
    this.#log = log;
    this.#now = now;
  }

  /**
   * What `parse` makes of an item, undefined where it throws.
   *
   * @param kind of the item, for people
   * @param part of the item, where it holds several values
   */
  read<T>(kind: string, { pk, sk }: Key, parse: () => T, part = ''): T | undefined {
    const id = JSON.stringify([pk, sk, part]);
    try {
      const value = parse();
      this.#found.delete(id);
      return value;
    } catch (error) {
      const known = this.#found.get(id);
      if (known) known.lastSeen = this.#now();
      else
        this.#note(
          id,
          `the stored ${kind} ${pk} / ${sk}${part && ` (${part})`} is unreadable and was left out`,
          pk,
          error,
        );
      return undefined;
    }
  }

  /** All that were found lately, or those of one target. */
  warnings(cluster?: string): string[] {
    for (const [id, { lastSeen }] of this.#found) if (this.#now() - lastSeen > FORGET_MS) this.#found.delete(id);
    return [...this.#found.values()]
      .filter(({ pk }) => cluster === undefined || pk.split('#')[1] === cluster)
      .map(({ message }) => message);
  }

  #note(id: string, message: string, pk: string, error: unknown): void {
    if (this.#found.size >= MOST) return;
    this.#found.set(id, { message, pk, lastSeen: this.#now() });
    // The error's own text may quote what is stored, which may be somebody's secret.
    this.#log.warn({ kind: error instanceof Error ? error.name : typeof error }, message);
  }
}
