import * as z from 'zod';
import type { Loop } from '../config/loop.ts';
import type { MetricSpec } from '../metrics/metric.ts';
import type { NoRate } from '../metrics/rates.ts';
import type { Labels, Sample } from '../metrics/sample.ts';
import type { Columns, RowOf } from './columns.ts';
import type { SqlFiles } from './sql.ts';

export type Role = 'primary' | 'standby';

/** Values a statement takes as `$1`, `$2`, …: caps and thresholds from the configuration. */
export interface Limits {
  readonly topRelations: number;
  readonly topIndexes: number;
  readonly topQueries: number;
}

/** What must be there before a collector is sent; where it is not, the collector is skipped, and says so once. */
export interface Needs {
  /** Lowest server major. */
  readonly major?: number;
  /** An extension of the connected database, and the lowest version of it; `optional`: nothing is amiss without it. */
  readonly extension?: { readonly name: string; readonly version?: string; readonly optional?: true };
}

export interface DeriveInput<Row> {
  /** The rows of this pass. */
  readonly rows: readonly Row[];
  /** The rows of the pass before and the seconds between both by the database's clock; absent when no rate holds. */
  readonly before?: { readonly rows: readonly Row[]; readonly seconds: number };
  /** Why `before` is absent. */
  readonly noRate: NoRate;
  /** The rows of the last pass that answered, whatever happened since, for what is carried over and not a rate. */
  readonly last: readonly Row[];
  readonly limits: Limits;
  /** Database clock, epoch seconds. */
  readonly now: number;
}

/** A value that could not be computed in this pass, and why: shown instead of a gap that nobody can explain. */
export interface Withheld {
  readonly metric: string;
  readonly labels: Labels;
  readonly withheld: NoRate;
}

/** What a collector makes of its rows: values beside those of the columns, and the rows that the snapshot keeps. */
export interface Digest {
  readonly samples: readonly (Sample | Withheld)[];
  readonly rows: readonly Row[];
}

export interface Blindness {
  readonly reason: string;
  readonly hint: string;
}

export interface CollectorSpec<C extends Columns> {
  readonly name: string;
  readonly loop: Loop;
  /** `instance`: once a server. `database`: in every watched database. */
  readonly scope: 'instance' | 'database';
  readonly role: Role | 'any';
  readonly needs?: Needs;
  /** Budget of the statement; one over it counts as failed and, twice in a row, as degraded. */
  readonly timeoutMs: number;
  /** Most rows taken; the statement's own LIMIT is at or below it. */
  readonly maxRows: number;
  readonly sql: SqlFiles;
  /** Whose version the SQL files are named by: the server's major, or the needed extension's version. */
  readonly sqlBy?: 'extension';
  readonly values?: (limits: Limits) => readonly (number | string)[];
  readonly columns: C;
  /** Gives the time from sending the statement to its answer as a gauge in seconds. */
  readonly answerTime?: MetricSpec & { readonly name: string };
  /** Metrics that `derive` gives beside those of the columns, with the labels each carries. */
  readonly metrics?: Readonly<Record<string, MetricSpec & { readonly labels: readonly string[] }>>;
  /** Completes the rows with what only the last pass knew, before anything is made of them; it is what is remembered. */
  readonly settle?: (input: DeriveInput<RowOf<C>>) => readonly RowOf<C>[];
  readonly derive?: (input: DeriveInput<RowOf<C>>) => readonly (Sample | Withheld)[];
  /** In place of `derive`, where the snapshot keeps other rows for people than those read: both from one computation. */
  readonly digest?: (input: DeriveInput<RowOf<C>>) => Digest;
  /** What the collector could not see although it answered, and what would let it: said beside its outcome. */
  readonly blindness?: (rows: readonly RowOf<C>[]) => Blindness | undefined;
  /** How many objects there are, where the rows are only the first of them: "50 of 12,000" beside the list. */
  readonly total?: (rows: readonly RowOf<C>[]) => number | undefined;
  /**
   * Keeps the rows for the next pass, where they are `before` and `last`. `bulky`: thousands of them, which are written
   * to the table every ten minutes only.
   */
  readonly remembers?: 'rows' | 'bulky';
}

/** A collector whose row type is no longer known: what the list, the loops and the catalog hold. */
export interface Collector
  extends Omit<CollectorSpec<Columns>, 'settle' | 'derive' | 'digest' | 'blindness' | 'total'> {
  readonly rowSchema: z.ZodType<Row>;
  readonly settle: (input: DeriveInput<Row>) => readonly Row[];
  readonly digest: (input: DeriveInput<Row>) => Digest;
  readonly blindness: (rows: readonly Row[]) => Blindness | undefined;
  readonly total: (rows: readonly Row[]) => number | undefined;
}

export type Row = Readonly<Record<string, unknown>>;

/** A collector whose rows are still known by type: what its own file exports. */
export interface TypedCollector<C extends Columns> extends Collector {
  readonly columns: C;
  /** Rows that were kept in a snapshot, as this collector's. @throws ZodError where they are another version's */
  readonly rowsOf: (kept: readonly unknown[] | undefined) => RowOf<C>[];
}

/** One topic read from a target: one SQL per lowest version and the columns, from which everything else follows. */
export function defineCollector<C extends Columns>(spec: CollectorSpec<C>): TypedCollector<C> {
  const shape = Object.fromEntries(Object.entries(spec.columns).map(([name, column]) => [name, column.schema]));
  const rowSchema = z.strictObject(shape);
  // What the schema made of the columns let through is a row of these columns: the casts say no more than that.
  const typed = (input: DeriveInput<Row>) => input as unknown as DeriveInput<RowOf<C>>;
  const { derive: _, ...rest } = spec;
  return {
    ...rest,
    rowSchema,
    rowsOf: (kept = []) => z.array(rowSchema).parse(kept) as unknown as RowOf<C>[],
    settle: (input) => spec.settle?.(typed(input)) ?? input.rows,
    digest: (input) => spec.digest?.(typed(input)) ?? { samples: spec.derive?.(typed(input)) ?? [], rows: input.rows },
    blindness: (rows) => spec.blindness?.(rows as unknown as readonly RowOf<C>[]),
    total: (rows) => spec.total?.(rows as unknown as readonly RowOf<C>[]),
  };
}
