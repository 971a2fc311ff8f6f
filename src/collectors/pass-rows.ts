import type { Collector, Row, TypedCollector } from './collector.ts';
import type { Columns } from './columns.ts';
import { changesName } from './transform.ts';

/** The rows of one pass by collector; who names a collector gets them as that collector's. */
export class PassRows {
  readonly #rows = new Map<string, Row[]>();

  /** Adds what `collect` of this very collector gave; of a database, with its name in `db`. */
  add(collector: Collector, rows: readonly Row[], database: string | undefined): void {
    const known = this.#rows.get(collector.name) ?? [];
    this.#rows.set(collector.name, known);
    // One by one: a spread of ten thousand arguments is more than some stacks hold.
    for (const row of rows) known.push(database === undefined ? row : { db: database, ...row });
  }

  /** Adds what a collector found to have changed; nothing where that is nothing. */
  addChanges(collector: Collector, changes: readonly Row[]): void {
    if (changes.length > 0) this.#rows.set(changesName(collector.name), [...changes]);
  }

  /** Rows of this collector; none where it did not answer. */
  of<Out extends Row>(collector: TypedCollector<Columns, Out>): readonly Out[] {
    // Only `add` puts rows here, and only those that this collector made.
    return (this.#rows.get(collector.name) ?? []) as readonly Row[] as readonly Out[];
  }

  /** All rows by the collector's name, as the snapshot keeps them. */
  all(): Record<string, Row[]> {
    return Object.fromEntries(this.#rows);
  }
}
