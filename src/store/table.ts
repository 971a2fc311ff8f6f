import type { Condition } from './condition.ts';
import type { Key } from './keys.ts';

/**
 * An item's attributes beside its key: texts, finite numbers, booleans, null, bytes, sets of texts or of numbers, lists and
 * maps of these. What is undefined is left out. `expires` in epoch seconds is when the item ends: after it, it is never
 * returned.
 */
export type Attributes = Readonly<Record<string, unknown>>;

export interface ReadOptions {
  /**
   * Sees every write that was acknowledged before, at twice the price on AWS. For items under a lease: whoever gets the
   * lease must continue from what the one before it wrote last.
   */
  readonly consistent?: boolean;
}

export interface QueryOptions extends ReadOptions {
  /** Lowest and highest sort key, both included. */
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

export interface Entry {
  readonly key: Key;
  readonly attributes: Attributes;
}

/**
 * The one table, reduced to what is done with it. Two adapters keep it: DynamoDB on AWS and SQLite on one machine. Both
 * refuse what DynamoDB would ({@link LimitExceeded}), order sort keys by their UTF-8 bytes, and treat an item past its
 * `expires` as absent, in reads, writes and conditions. `test/support/table-contract.ts` holds them to it.
 */
export interface Table {
  /** The item with its key, undefined where there is none. */
  get(key: Key, options?: ReadOptions): Promise<Attributes | undefined>;
  /** Items of a partition in the order of their sort keys, up to the limit. */
  query(pk: string, options?: QueryOptions): Promise<Attributes[]>;
  /** Writes an item in place of the one that is there. */
  put(key: Key, attributes: Attributes): Promise<void>;
  /** Writes any number of items, each by itself: where the call fails some may have been written. */
  putAll(entries: readonly Entry[]): Promise<void>;
  /** {@link put} where a condition on the item that is there holds; false where it does not. */
  putIf(key: Key, attributes: Attributes, when: Condition): Promise<boolean>;
  /** Sets these attributes and leaves the item's others as they are; makes the item where there is none. */
  set(key: Key, attributes: Attributes): Promise<void>;
  /**
   * {@link set} where a condition holds.
   *
   * @returns the item before, empty where there was none; false where the condition does not hold
   */
  setIf(key: Key, attributes: Attributes, when: Condition): Promise<Attributes | false>;
  /** Removes attributes and leaves the item's others as they are. */
  remove(key: Key, names: readonly string[]): Promise<void>;
  delete(key: Key): Promise<void>;
}
