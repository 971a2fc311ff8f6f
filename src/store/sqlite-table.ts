import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';
import { type Condition, holds } from './condition.ts';
import type { Key } from './keys.ts';
import {
  checkCondition,
  checkedAttributes,
  checkItemSize,
  checkKey,
  removeExpression,
  setExpression,
} from './limits.ts';
import { damaged, StoreProblem, storeProblemOf } from './store-problem.ts';
import type { Attributes, Entry, QueryOptions, Table } from './table.ts';

/** Rows read or deleted before others get their turn: SQLite works on the one thread that there is. */
const BATCH = 200;

/** In the header of the file: that it is ours, and the form of what is in it. */
export const APPLICATION_ID = 0x70676d6e;
export const FORM = 1;

/** Above every text in SQLite's order of types: no upper bound. */
const UNBOUNDED = new Uint8Array();

const SCHEMA = `
  CREATE TABLE item (
    id INTEGER PRIMARY KEY,
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    expires REAL, -- epoch seconds
    attributes BLOB NOT NULL, -- as node:v8 serializes them
    UNIQUE (pk, sk)
  ) STRICT;
  CREATE INDEX item_expires ON item (expires) WHERE expires IS NOT NULL;
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORM};
`;

const READABLE = '(expires IS NULL OR expires > ?)';

const FORWARD = { first: 'sk >= ? AND sk <= ?', next: 'sk > ? AND sk <= ?', order: 'ASC' } as const;
const BACKWARD = { first: 'sk <= ? AND sk >= ?', next: 'sk < ? AND sk >= ?', order: 'DESC' } as const;

/**
 * The table in a file of this machine, or in memory. Every write is in the file when its promise resolves: it survives the
 * end of the process, however it comes; a power cut may take the last ones and damages nothing (WAL, synchronous=NORMAL).
 */
export class SqliteTable implements Table {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #now: () => Date;
  readonly #statements = new Map<string, StatementSync>();
  #problem: StoreProblem | undefined;

  /** Hears that writing has begun to fail, and why; and, without a reason, that it works again. */
  onProblem: (problem: StoreProblem | undefined) => void = () => {};

  /** @param file that {@link createSqliteFile} made */
  constructor(file: string, now: () => Date = () => new Date()) {
    this.#file = file;
    this.#now = now;
    try {
      this.#database = new DatabaseSync(file, { timeout: 5_000 });
      this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -2048');
    } catch (error) {
      throw storeProblemOf(error, file);
    }
  }

  /** A table that is gone when it is closed. */
  static inMemory(now?: () => Date): SqliteTable {
    const table = new SqliteTable(':memory:', now);
    table.#database.exec(SCHEMA);
    return table;
  }

  async get(key: Key): Promise<Attributes | undefined> {
    checkKey(key);
    const found = this.#do(() => this.#read(key));
    return found && { ...found, ...key };
  }

  async query(pk: string, options: QueryOptions = {}): Promise<Attributes[]> {
    const { from = '', to, limit = Number.POSITIVE_INFINITY, newestFirst = false } = options;
    const { first, next, order } = newestFirst ? BACKWARD : FORWARD;
    const end = newestFirst ? from : (to ?? UNBOUNDED);
    const items: Attributes[] = [];
    let [range, start]: [string, string | Uint8Array] = [first, newestFirst ? (to ?? UNBOUNDED) : from];
    while (items.length < limit) {
      const most = Math.min(BATCH, limit - items.length);
      const rows = this.#do(() =>
        this.#prepared(
          `SELECT sk, attributes FROM item WHERE pk = ? AND ${range} AND ${READABLE} ORDER BY sk ${order} LIMIT ?`,
        ).all(pk, start, end, this.#seconds(), most),
      );
      for (const row of rows) items.push({ ...attributesIn(row), pk, sk: textIn(row['sk']) });
      if (rows.length < most) break;
      [range, start] = [next, textIn(rows.at(-1)?.['sk'])];
      await yieldToOthers();
    }
    return items;
  }

  async put(key: Key, attributes: Attributes): Promise<void> {
    const checked = checkedAttributes(key, attributes);
    this.#writing(() => this.#write(key, checked));
  }

  async putAll(entries: readonly Entry[]): Promise<void> {
    const checked = entries.map(({ key, attributes }) => ({ key, attributes: checkedAttributes(key, attributes) }));
    this.#together(() => {
      for (const { key, attributes } of checked) this.#write(key, attributes);
    });
  }

  async putIf(key: Key, attributes: Attributes, when: Condition): Promise<boolean> {
    const checked = checkedAttributes(key, attributes);
    checkCondition(key, when);
    return this.#together(() => {
      if (!holds(when, this.#read(key) ?? {})) return false;
      this.#write(key, checked);
      return true;
    });
  }

  async set(key: Key, attributes: Attributes): Promise<void> {
    this.#set(key, attributes, { all: [] });
  }

  async setIf(key: Key, attributes: Attributes, when: Condition): Promise<Attributes | false> {
    return this.#set(key, attributes, when);
  }

  async remove(key: Key, names: readonly string[]): Promise<void> {
    checkKey(key);
    removeExpression(key, names);
    this.#together(() => {
      const before = this.#read(key);
      if (!before) return;
      this.#write(key, Object.fromEntries(Object.entries(before).filter(([name]) => !names.includes(name))));
    });
  }

  async delete(key: Key): Promise<void> {
    checkKey(key);
    this.#writing(() => this.#prepared('DELETE FROM item WHERE pk = ? AND sk = ?').run(key.pk, key.sk));
  }

  /**
   * Deletes what has ended, and gives some of the room back to the disk.
   *
   * @returns how many items went
   */
  async sweep(): Promise<number> {
    let gone = 0;
    for (;;) {
      const { changes } = this.#do(() =>
        this.#prepared(
          `DELETE FROM item WHERE id IN (SELECT id FROM item WHERE expires <= ? ORDER BY expires LIMIT ${BATCH})`,
        ).run(this.#seconds()),
      );
      gone += Number(changes);
      if (Number(changes) < BATCH) break;
      await yieldToOthers();
    }
    if (gone > 0) this.#do(() => this.#database.exec('PRAGMA incremental_vacuum(1000)'));
    return gone;
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #set(key: Key, attributes: Attributes, when: Condition): Attributes | false {
    const checked = checkedAttributes(key, attributes);
    setExpression(key, Object.keys(checked));
    checkCondition(key, when);
    return this.#together(() => {
      const before = this.#read(key);
      if (!holds(when, before ?? {})) return false;
      const after = { ...before, ...checked };
      checkItemSize(key, after);
      this.#write(key, after);
      return before ? { ...before, ...key } : {};
    });
  }

  #read({ pk, sk }: Key): Attributes | undefined {
    const row = this.#prepared(`SELECT attributes FROM item WHERE pk = ? AND sk = ? AND ${READABLE}`).get(
      pk,
      sk,
      this.#seconds(),
    );
    return row && attributesIn(row);
  }

  #write({ pk, sk }: Key, attributes: Attributes): void {
    const { expires } = attributes;
    this.#prepared(`
      INSERT INTO item (pk, sk, expires, attributes) VALUES (?, ?, ?, ?)
      ON CONFLICT (pk, sk) DO UPDATE SET expires = excluded.expires, attributes = excluded.attributes
    `).run(pk, sk, typeof expires === 'number' ? expires : null, serialize(attributes));
  }

  /** All of it or nothing. */
  #together<T>(work: () => T): T {
    return this.#writing(() => {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#database.exec('COMMIT');
        return result;
      } catch (error) {
        // A full disk ends the transaction by itself.
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        throw error;
      }
    });
  }

  /** Why the last write failed; undefined where it did not. */
  get problem(): StoreProblem | undefined {
    return this.#problem;
  }

  #writing<T>(work: () => T): T {
    try {
      const result = this.#do(work);
      this.#note(undefined);
      return result;
    } catch (error) {
      if (error instanceof StoreProblem) this.#note(error);
      throw error;
    }
  }

  #note(problem: StoreProblem | undefined): void {
    if (problem?.message === this.#problem?.message) return;
    this.#problem = problem;
    this.onProblem(problem);
  }

  #do<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storeProblemOf(error, this.#file);
    }
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #seconds(): number {
    return this.#now().getTime() / 1_000;
  }
}

/** Makes an empty table in a file that is there and empty. */
export function createSqliteFile(file: string): void {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec(`PRAGMA auto_vacuum = INCREMENTAL; BEGIN; ${SCHEMA} COMMIT`);
  } catch (error) {
    throw storeProblemOf(error, file);
  } finally {
    database?.close();
  }
}

/** @throws StoreProblem where a file holds no table of ours, or one that this version cannot read */
export function checkSqliteFile(file: string, checkPages: boolean): void {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 5_000 });
    const number = (pragma: string) => Number(Object.values(database?.prepare(`PRAGMA ${pragma}`).get() ?? {})[0]);
    if (number('application_id') !== APPLICATION_ID)
      throw new StoreProblem('unusable', `${file} is not a pgmon store: name another folder in store.path`);
    const form = number('user_version');
    if (form > FORM) {
      throw new StoreProblem(
        'newer',
        `${file} was written by a newer pgmon (format ${form}, this one reads ${FORM}): start that version, or name another folder in store.path`,
      );
    }
    if (checkPages) {
      const [found] = Object.values(database.prepare('PRAGMA quick_check(1)').get() ?? {});
      if (found !== 'ok')
        throw damaged(
          file,
          String(found)
            .replace(/^\*{3}.*\*{3}\s*/, '')
            .split('\n', 1)[0] ?? '',
        );
    }
    // Says at once, and not at the first pass, that nothing can be written.
    database.exec('BEGIN IMMEDIATE; ROLLBACK');
  } catch (error) {
    throw storeProblemOf(error, file);
  } finally {
    database?.close();
  }
}

/** Those of a row; none where its bytes are not what was written, which whoever reads the item will report. */
function attributesIn({ attributes }: Record<string, unknown>): Attributes {
  try {
    return attributes instanceof Uint8Array ? Object(deserialize(attributes)) : {};
  } catch {
    return {};
  }
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
